/* SPDX-License-Identifier: Apache-2.0 */
/* rowset_flat.h - the flat form of a rowset, shared by the file that builds it and the one that reads it. Private to src/proto. */
#ifndef RTALP_PROTO_ROWSET_FLAT_H
#define RTALP_PROTO_ROWSET_FLAT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/rowset.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the flat form is read in place");

#define ROWSET_MAGIC 0x32535752u /* "RWS2" */

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

struct flat_row {
	int32_t bucket_s;
	int32_t seconds;
	int32_t productivity;
	uint32_t string[STRINGS_PER_ROW]; /* indexes into the string table; in the flat form only strings_per_row of them */
};

struct flat_string {
	uint32_t offset;
	uint32_t len; /* without the NUL that follows */
};

struct rowset {
	const char *rows;
	const struct flat_string *strings;
	const char *text;
	size_t row_count;
	size_t string_count;
	size_t row_bytes;
	uint32_t strings_per_row;
	const void *bytes;
	size_t len;
};

static inline size_t
flat_row_bytes(uint32_t strings_per_row)
{
	return offsetof(struct flat_row, string) + strings_per_row * sizeof(uint32_t);
}

/* Only the first strings_per_row of its strings may be looked at. */
static inline const struct flat_row *
flat_row_at(const struct rowset *rs, size_t i)
{
	return (const struct flat_row *)(const void *)(rs->rows + i * rs->row_bytes);
}

/* Takes the bytes over, which are known to be sound. */
struct rowset *rowset_from_flat(void *bytes, size_t len);

bool rowset_numbers_in_range(int32_t bucket_s, int32_t seconds, int32_t productivity);
/* Order by (bucket, activity, document). */
int rowset_compare_key(const struct flat_row *a, const struct flat_row *b, const char *text, const struct flat_string *strings);

#endif
