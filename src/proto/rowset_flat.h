/* SPDX-License-Identifier: Apache-2.0 */
/* rowset_flat.h - the flat form of a rowset, shared by the file that builds it and the one that reads it. Private to src/proto. */
#ifndef RTALP_PROTO_ROWSET_FLAT_H
#define RTALP_PROTO_ROWSET_FLAT_H

#include <stdbool.h>

#include "proto/rowset.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the flat form is read in place");

#define ROWSET_MAGIC   0x31535752u /* "RWS1" */
#define STRINGS_PER_ROW 6

struct flat_header {
	uint32_t magic;
	uint32_t row_count;
	uint32_t string_count;
	uint32_t string_bytes;
};

enum row_string { RS_ACTIVITY, RS_DOCUMENT, RS_CATEGORY, RS_TASK, RS_MATTER, RS_RULE };

struct flat_row {
	int32_t bucket_s;
	int32_t seconds;
	int32_t productivity;
	uint32_t string[STRINGS_PER_ROW]; /* indexes into the string table, by enum row_string */
};

struct flat_string {
	uint32_t offset;
	uint32_t len; /* without the NUL that follows */
};

struct rowset {
	const struct flat_row *rows;
	const struct flat_string *strings;
	const char *text;
	size_t row_count;
	const void *bytes;
	size_t len;
	bool mapped;
};

/* Takes the bytes over, which are known to be sound. */
struct rowset *rowset_from_flat(void *bytes, size_t len);

bool rowset_numbers_in_range(int32_t bucket_s, int32_t seconds, int32_t productivity);
/* Order by (bucket, activity, document). */
int rowset_compare_key(const struct flat_row *a, const struct flat_row *b, const char *text, const struct flat_string *strings);

#endif
