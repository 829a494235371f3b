/* SPDX-License-Identifier: Apache-2.0 */
/* prototype_line.h - a row of the prototype's database as a line of PUT /api/import/days, and what is wrong with it. Pure. Threads: any. */
#ifndef RTALP_CTL_PROTOTYPE_LINE_H
#define RTALP_CTL_PROTOTYPE_LINE_H

#include "ctl/prototype.h"

/* What there is to say of a row: a word, NULL for nothing. */
struct line_notes {
	const char *lost; /* it cannot be taken */
	const char *odd;  /* it can, but not as it stands there */
};

/* Appends the object to `json`, unless it cannot be taken. */
void prototype_line(enum prototype_table table, int64_t row, const struct cell *cells, struct buf *json, struct line_notes *ret_notes);

#endif
