/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/progress.h"

#include <inttypes.h>
#include <string.h>

#include "base/macro.h"
#include "ctl/text.h"

#define BAR_CELLS_MAX 31 /* the most days a fetch may have: then a cell is a day */

/* --- texts -------------------------------------------------------------------------------------------------------------------- */

static const char *
doing(const struct progress_step *s)
{
	return s->phase[0] != '\0' && strcmp(s->state, "running") == 0 ? s->phase : s->state;
}

static void
make_cells(const struct progress_step *s, char cells[BAR_CELLS_MAX + 1])
{
	int64_t count = MIN_OF(s->days_total, BAR_CELLS_MAX);
	int64_t full = s->days_total > 0 ? MIN_OF(s->days_done, s->days_total) * count / s->days_total : 0;

	count = MAX_OF(count, 0);
	full = MAX_OF(full, 0);
	memset(cells, '.', (size_t)count);
	memset(cells, '#', (size_t)full);
	cells[count] = '\0';
}

void
progress_bar(const struct progress_step *s, char ret_text[PROGRESS_TEXT_MAX])
{
	char cells[BAR_CELLS_MAX + 1];

	make_cells(s, cells);
	if (s->days_total > 0)
		snprintf(ret_text, PROGRESS_TEXT_MAX, "[%s] %" PRId64 " of %" PRId64 " days  %.32s", cells, s->days_done, s->days_total,
		    doing(s));
	else
		snprintf(ret_text, PROGRESS_TEXT_MAX, "job %" PRId64 ": %.32s", s->job_id, doing(s));
}

void
progress_line(const struct progress_step *s, char ret_text[PROGRESS_TEXT_MAX])
{
	if (s->days_total > 0)
		snprintf(ret_text, PROGRESS_TEXT_MAX, "job %" PRId64 ": %.32s, %" PRId64 " of %" PRId64 " days", s->job_id, doing(s),
		    s->days_done, s->days_total);
	else
		snprintf(ret_text, PROGRESS_TEXT_MAX, "job %" PRId64 ": %.32s", s->job_id, doing(s));
}

/* --- showing ------------------------------------------------------------------------------------------------------------------ */

void
progress_show(struct progress *p, const struct progress_step *step)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(4 * PROGRESS_TEXT_MAX);
	char text[PROGRESS_TEXT_MAX];
	size_t len;

	screen_measure(p->screen);
	if (p->screen->terminal)
		progress_bar(step, text);
	else
		progress_line(step, text);
	if (p->silent || strcmp(text, p->shown) == 0)
		return;
	memcpy(p->shown, text, sizeof text);
	text_add_safe(&safe, str_of(text));
	/* A line as wide as the terminal would wrap, and the next one could not be written over it. */
	len = p->screen->width > 1 ? text_fit(buf_str(&safe), p->screen->width - 1) : safe.len;
	if (p->screen->terminal)
		fprintf(p->screen->out, "\r%.*s\033[K", (int)len, safe.p);
	else
		fprintf(p->screen->out, "%s\n", safe.p);
	fflush(p->screen->out);
}

void
progress_end(struct progress *p)
{
	if (!p->silent && p->screen->terminal && p->shown[0] != '\0')
		fputc('\n', p->screen->out);
	fflush(p->screen->out);
}
