/* SPDX-License-Identifier: Apache-2.0 */
/* rowset_flat.h - the flat form of a rowset, shared by the file that builds it and the one that reads it. Private to src/proto. */
#ifndef RTALP_PROTO_ROWSET_FLAT_H
#define RTALP_PROTO_ROWSET_FLAT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/rowset.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the flat form is read in place");

#define ROWSET_MAGIC 0x33535752u /* "RWS3" */

/* A row as it was recorded has the first of them; one that the rules judged has all. */
enum row_string {
	RS_ACTIVITY,
	RS_DOCUMENT,
	RS_CATEGORY,
	RS_TASK,
	RS_APPLICATION,
	RS_GROUP,
	RS_MATTER,
	RS_RULE,
	RS_EVIDENCE,
	RS_TRAIL,
	RS_TIMES,
	STRINGS_PER_ROW
};
#define STRINGS_RECORDED 3u

struct flat_header {
	uint32_t magic;
	uint32_t row_count;
	uint32_t strings_per_row; /* STRINGS_RECORDED or STRINGS_PER_ROW */
	uint32_t string_count;
	uint32_t string_bytes;
};

/* A row begins with it. What follows are numbers of two bytes, or of four where there are more strings than two can count: the productivity,
 * PRODUCTIVITY_BIAS added, and the numbers of strings_per_row strings. Most of what is stored of a day are such rows. */
struct flat_time {
	int32_t bucket_s;
	int32_t seconds;
};
#define PRODUCTIVITY_BIAS 2
#define NARROW_STRINGS_MAX ((size_t)UINT16_MAX + 1)

struct rowset {
	const char *rows;
	const char *text;
	uint32_t *offsets; /* of the strings in the text, and its end; not in the flat form, where their NULs tell them apart */
	size_t row_count;
	size_t string_count;
	size_t row_bytes;
	uint32_t strings_per_row;
	bool narrow; /* numbers of two bytes */
	const void *bytes;
	size_t len;
};

static inline size_t
flat_row_bytes(uint32_t strings_per_row, size_t string_count)
{
	return sizeof(struct flat_time) + (1 + strings_per_row) * (string_count <= NARROW_STRINGS_MAX ? sizeof(uint16_t) : sizeof(uint32_t));
}

static inline const struct flat_time *
flat_time_at(const struct rowset *rs, size_t i)
{
	return (const struct flat_time *)(const void *)(rs->rows + i * rs->row_bytes);
}

static inline uint32_t
flat_number_at(const struct rowset *rs, size_t i, size_t k)
{
	const void *numbers = rs->rows + i * rs->row_bytes + sizeof(struct flat_time);

	return rs->narrow ? ((const uint16_t *)numbers)[k] : ((const uint32_t *)numbers)[k];
}

static inline int32_t
flat_productivity_at(const struct rowset *rs, size_t i)
{
	return (int32_t)flat_number_at(rs, i, 0) - PRODUCTIVITY_BIAS;
}

/* `which` is one of the rowset's strings_per_row. */
static inline uint32_t
flat_string_at(const struct rowset *rs, size_t i, enum row_string which)
{
	return flat_number_at(rs, i, 1 + (size_t)which);
}

/* Of strings that stand back to back. */
static inline struct str
flat_text(const char *text, const uint32_t *offsets, uint32_t number)
{
	return (struct str){.p = text + offsets[number], .len = offsets[number + 1] - offsets[number] - 1};
}

/* Takes both over: the bytes, which are known to be sound, and where their strings are. */
struct rowset *rowset_from_flat(void *bytes, size_t len, uint32_t *offsets);

bool rowset_numbers_in_range(int32_t bucket_s, int32_t seconds, int32_t productivity);
/* What rows are sorted by; strings by their texts. */
struct flat_key {
	int32_t bucket_s;
	uint32_t activity, document;
};
int flat_compare_keys(const struct flat_key *a, const struct flat_key *b, const char *text, const uint32_t *offsets);

#endif
