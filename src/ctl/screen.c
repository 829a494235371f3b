/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/screen.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_USUAL 80
#define WIDTH_MAX   1000

void
screen_measure(struct screen *s)
{
	struct winsize size;

	if (!s->terminal)
		return;
	s->width = WIDTH_USUAL;
	if (ioctl(fileno(s->out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		s->width = size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

struct screen
screen_of(FILE *out)
{
	const char *no_colour = getenv("NO_COLOR"), *term = getenv("TERM");
	struct screen s = {.out = out};

	s.terminal = isatty(fileno(out)) == 1 && term != NULL && strcmp(term, "dumb") != 0;
	s.colour = s.terminal && (no_colour == NULL || no_colour[0] == '\0');
	screen_measure(&s);
	return s;
}

const char *
screen_begin(const struct screen *s, enum colour c)
{
	static const char *const codes[] = {
	    [COLOUR_NONE] = "", [COLOUR_BOLD] = "\033[1m", [COLOUR_GOOD] = "\033[32m",
	    [COLOUR_BAD] = "\033[31m", [COLOUR_WARN] = "\033[33m", [COLOUR_DIM] = "\033[2m",
	};

	return s->colour ? codes[c] : "";
}

const char *
screen_end(const struct screen *s, enum colour c)
{
	return s->colour && c != COLOUR_NONE ? "\033[0m" : "";
}
