/* SPDX-License-Identifier: Apache-2.0 */
/* rowset.h - rows of one user-day's activity, as one flat buffer.
 *
 * The only form in which activity travels: the fetch worker builds it, the store keeps and reads it, the rules walk it and return
 * it with their verdicts. It holds no pointers, so it can be sent as a sealed memory file, or stored as it is.
 *
 * Layout (little-endian; every supported machine is): header, rows, strings back to back, each with a NUL behind it. Strings are interned: a title that
 * stands in forty buckets stands in the buffer once.
 *
 * Invariants, checked once by rowset_parse() and rowset_receive() and relied on by everything after:
 *   - every string lies inside the buffer, ends at a NUL inside it, is valid UTF-8 without NUL, at most ROWSET_STRING_MAX bytes; each byte of text
 *     is of one
 *   - rows are sorted by (bucket_s, activity, document); no two rows share all three
 *   - 0 <= bucket_s < 26 h; 1 <= seconds <= ROWSET_SECONDS_MAX; -2 <= productivity <= 2; activity is not empty
 *   - at most ROWSET_STRINGS_MAX strings, and at most ROWSET_ROWS_MAX rows, so the sum of the seconds fits in 63 bits
 *
 * Ownership: a struct rowset owns its memory; rowset_free() accepts NULL. Threads: immutable; any number of readers.
 */
#ifndef RTALP_PROTO_ROWSET_H
#define RTALP_PROTO_ROWSET_H

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

#define ROWSET_MAX_BYTES   ((size_t)24 * 1024 * 1024) /* an answer of 8 MB, and its verdicts, fit */
#define ROWSET_ROWS_MAX    ((size_t)50000)
#define ROWSET_STRING_MAX  ((size_t)4096)
#define ROWSET_STRINGS_MAX (16 * ROWSET_ROWS_MAX) /* more than rows and rules can make; each costs its reader four bytes more */
#define ROWSET_SECONDS_MAX INT32_MAX
#define ROWSET_BUCKET_MAX  ((int32_t)(26 * 3600))

struct row_view {             /* strings are borrowed from the rowset and NUL-terminated */
	int32_t bucket_s;     /* start of the bucket, seconds since local midnight; 0 in day totals */
	int32_t seconds;      /* time spent; more than the bucket when two devices ran */
	int32_t productivity; /* -2 (very distracting) .. 2 (very productive) */
	struct str activity;
	struct str document;  /* "No Details" when the source knew no title */
	struct str category;
	/* The rules' verdict (rules/rules.h says how it comes about); empty until they spoke. */
	struct str task;        /* the description of the entry it belongs to; empty: dropped */
	struct str application; /* of that entry */
	struct str group;       /* what names that entry within the day (row_group.h): rows of the same are one entry, and have all of
				 * task, application, matter, rule and evidence in common */
	struct str matter;      /* of that entry; empty: none */
	struct str rule;        /* the rule that dropped the row, or that found the entry's matter */
	struct str evidence;    /* how sure that matter is */
	struct str trail;       /* which rules fired on the row, in order */
	struct str times;       /* the 5-minute times that the row's seconds are of */
};

struct rowset;
struct rowset_builder;

/* max_rows and max_bytes bound what may be added; they are capped by ROWSET_ROWS_MAX and ROWSET_MAX_BYTES. */
struct rowset_builder *rowset_builder_new(size_t max_rows, size_t max_bytes);
struct rowset_builder *rowset_builder_free(struct rowset_builder *b);

/* Adds one row, in any order. A row with the same bucket, activity and document as an earlier one adds its seconds up; the category
 * and productivity with most of the time win, of equals the least. -E2BIG past a cap, -EILSEQ for a string that is not clean UTF-8, -ERANGE for a number out
 * of bounds; the builder is unchanged then. */
int rowset_builder_add(struct rowset_builder *b, const struct row_view *row) _must_check_;

/* Sorts, adds up, finishes; the builder is empty afterwards. -ERANGE if a sum passes ROWSET_SECONDS_MAX, -E2BIG past the byte cap. */
int rowset_build(struct rowset_builder *b, struct rowset **ret_rs) _must_check_;
struct rowset *rowset_free(struct rowset *rs);

size_t rowset_count(const struct rowset *rs);
struct row_view rowset_row(const struct rowset *rs, size_t i);
int64_t rowset_seconds(const struct rowset *rs); /* over all rows */
/* What names the entry of a row that was judged, as numbers of strings: of the same numbers are the same texts, but not the other way round in a rowset
 * that somebody else made. */
struct row_name {
	uint32_t group, application, task;
};
struct row_name rowset_row_name(const struct rowset *rs, size_t i);

/* The flat bytes, valid as long as the rowset. */
struct str rowset_bytes(const struct rowset *rs);
/* Copies and checks bytes that were stored. -EBADMSG if an invariant fails. */
int rowset_parse(struct str bytes, struct rowset **ret_rs) _must_check_;
/* A sealed memory file holding the bytes, to be sent to a peer. */
int rowset_to_fd(const struct rowset *rs);
/* Copies and checks what a peer sent; nothing in it is trusted. The descriptor may be closed afterwards. -EBADMSG if an invariant fails. */
int rowset_receive(int fd, struct rowset **ret_rs) _must_check_;

/* Sums the grain up to one row per (activity, document) with bucket_s 0, by the rule of rowset_builder_add(), -ERANGE as there. What the rules said
 * is not taken along. */
int rowset_totals(const struct rowset *rs, struct rowset **ret_totals) _must_check_;

DEFINE_POINTER_CLEANUP(struct rowset, rowset_free, rowset_freep)
DEFINE_POINTER_CLEANUP(struct rowset_builder, rowset_builder_free, rowset_builder_freep)

#endif
