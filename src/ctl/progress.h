/* SPDX-License-Identifier: Apache-2.0 */
/* progress.h - how far a job is, on standard error: on a terminal one line that is written over, else a line for each change.
 *
 * Threads: one.
 */
#ifndef RTALP_CTL_PROGRESS_H
#define RTALP_CTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/screen.h"

#define PROGRESS_TEXT_MAX 256

struct progress {
	struct screen *screen;
	bool silent;                   /* not even lines */
	char shown[PROGRESS_TEXT_MAX]; /* what stands there */
};

/* What is known of a job. days_total 0: not known. */
struct progress_step {
	int64_t job_id, days_done, days_total;
	const char *state, *phase; /* phase: "" if there is none */
};

/* One line without its end. */
void progress_bar(const struct progress_step *step, char ret_text[PROGRESS_TEXT_MAX]);
void progress_line(const struct progress_step *step, char ret_text[PROGRESS_TEXT_MAX]);
void progress_show(struct progress *p, const struct progress_step *step);
/* Leaves the last line standing. */
void progress_end(struct progress *p);

#endif
