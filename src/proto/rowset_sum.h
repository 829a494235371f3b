/* SPDX-License-Identifier: Apache-2.0 */
/* rowset_sum.h - a day's grain summed up to one total per (activity, document), with the times that each is made of.
 *
 * Strings are named by their numbers in the grain, so that nothing is copied. Equal texts of one kind need not have equal numbers in a grain that
 * somebody else made; totals are told apart by the texts.
 *
 * Ownership: rowset_sums_release() accepts a zeroed one. Threads: any.
 */
#ifndef RTALP_PROTO_ROWSET_SUM_H
#define RTALP_PROTO_ROWSET_SUM_H

#include <stdbool.h>

#include "proto/rowset.h"

struct rowset_part {
	int32_t bucket_s, seconds;
};

struct rowset_total {
	uint32_t activity, document, category; /* numbers for rowset_string() */
	int32_t productivity, seconds;
	uint32_t first, end; /* its parts: [first, end), ascending by bucket */
};

struct rowset_sums {
	struct rowset_total *totals; /* ascending by (activity, document) */
	size_t count;
	struct rowset_part *parts;
};

/* -ERANGE if a sum passes ROWSET_SECONDS_MAX. The category and productivity with most of a total's time are its own; of equals those of the least
 * category, then productivity. */
int rowset_sum_up(const struct rowset *grain, struct rowset_sums *ret_sums) _must_check_;
void rowset_sums_release(struct rowset_sums *s);

/* Are the rows of `judged`, whatever the rules said of them, the totals of the grain, and no others? */
bool rowset_is_of(const struct rowset *judged, const struct rowset *grain);

/* Borrowed from the rowset. */
struct str rowset_string(const struct rowset *rs, uint32_t number);

/* A builder of verdicts on the totals of a grain, which must outlive it: all strings of the grain are in it, by their numbers. Rows are added in
 * the order of the totals. */
struct rowset_builder *rowset_builder_over(const struct rowset *grain);

/* Verdicts share many strings: each is handed over once and then named by its number. */
#define ROWSET_NO_STRING UINT32_MAX /* "" */
struct verdict_strings {
	uint32_t task, application, group, matter, rule, evidence, trail, times;
};
#define NO_VERDICT                                                                                                                     \
	((struct verdict_strings){ROWSET_NO_STRING, ROWSET_NO_STRING, ROWSET_NO_STRING, ROWSET_NO_STRING, ROWSET_NO_STRING, ROWSET_NO_STRING, \
				  ROWSET_NO_STRING, ROWSET_NO_STRING})

/* The number of a string; equal strings have equal numbers. -EILSEQ, -E2BIG as in rowset_builder_add(). */
int rowset_builder_string(struct rowset_builder *b, struct str s, uint32_t *ret_number) _must_check_;
/* Likewise, of a string of the grain: the given number, unless an equal string has come before. */
void rowset_builder_string_of_grain(struct rowset_builder *b, uint32_t grain_number, uint32_t *ret_number);
/* Without looking whether an equal one is there; the caller's word is taken that it is clean UTF-8. -E2BIG as above. */
int rowset_builder_string_anew(struct rowset_builder *b, struct str s, uint32_t *ret_number) _must_check_;
struct str rowset_builder_text(const struct rowset_builder *b, uint32_t number); /* borrowed until the next string */
void rowset_builder_judge(struct rowset_builder *b, const struct rowset_total *total, const struct verdict_strings *verdict);

#endif
