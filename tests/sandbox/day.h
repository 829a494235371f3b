/* SPDX-License-Identifier: Apache-2.0 */
/* day.h - what one account recorded on one local day: rows of (5-minute bucket, seconds, activity, document, ...).
 *
 * Invariant kept by the builders, not by this file: rows are ordered by minute ascending, then seconds descending; day_sort()
 * brings it about. A day that a test defined may break every other rule on purpose.
 *
 * Ownership: a day owns its texts, in an arena; text handed to day_add() is borrowed and must be the day's own (day_text())
 * or live as long as the program.
 */
#ifndef SANDBOX_DAY_H
#define SANDBOX_DAY_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"

enum source {
	SOURCE_COMPUTER,
	SOURCE_MOBILE,
	SOURCE_OFFLINE,
};

struct row {
	uint16_t minute; /* label of the bucket, minutes since local midnight */
	uint8_t source;  /* enum source; not part of any answer, only a filter */
	int8_t productivity;
	int64_t seconds;
	struct text activity, document, category;
};

struct day_chunk;

struct day {
	struct row *rows;
	size_t count, cap;
	struct day_chunk *chunks;
};

struct day *day_new(void);
struct day *day_copy(const struct day *from);
void day_free(struct day *d);

/* Copies n bytes into the day's arena. */
struct text day_text(struct day *d, const char *s, size_t n);

void day_add(struct day *d, const struct row *row);
void day_remove(struct day *d, size_t index);
void day_sort(struct day *d);

#endif
