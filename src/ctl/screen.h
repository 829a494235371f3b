/* SPDX-License-Identifier: Apache-2.0 */
/* screen.h - where output goes and what may be done there: colours and cutting to a width only on a terminal.
 *
 * Ownership: the stream is borrowed. Threads: one.
 */
#ifndef RTALP_CTL_SCREEN_H
#define RTALP_CTL_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_GOOD, COLOUR_BAD, COLOUR_WARN, COLOUR_DIM };

struct screen {
	FILE *out;
	bool terminal; /* one that moves its cursor when asked to: not TERM=dumb */
	bool colour;   /* terminal, and no NO_COLOR in the environment */
	size_t width;  /* columns; 0: nothing is cut */
};

/* What `out` is now. */
struct screen screen_of(FILE *out);
/* The terminal may have another size by now. */
void screen_measure(struct screen *s);
/* What begins and what ends a colour: "" where there are none. */
const char *screen_begin(const struct screen *s, enum colour c);
const char *screen_end(const struct screen *s, enum colour c);

#endif
