/* SPDX-License-Identifier: Apache-2.0 */
/* group.h - which rows of a day become one entry, and what they then have in common.
 *
 * Strings are those of one rowset builder, by number: equal numbers are equal strings. The result does not depend on the order of the rows.
 *
 * Ownership: groups_free() accepts NULL. Threads: one at a time.
 */
#ifndef RTALP_RULES_GROUP_H
#define RTALP_RULES_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "proto/rowset_sum.h"

/* What a row brings along; numbers of strings. `matter` is its own, and asked for only if entries are kept apart by it. */
struct group_row {
	uint32_t application, task, matter, category;
	int64_t seconds;
};

struct group {
	struct group_row key; /* the seconds are the sum; of what is no key, the row with most time says it */
	int64_t longest;      /* the time of that row */
};

struct groups;

/* `keys`: bits of enum merge_key; the builder must outlive it. */
struct groups *groups_new(unsigned keys, struct rowset_builder *strings);
struct groups *groups_free(struct groups *g);

/* The number of the group that the row is now of; they count from 0. */
size_t groups_add(struct groups *g, const struct group_row *row);
size_t groups_count(const struct groups *g);
/* Valid until the next row. */
const struct group *groups_at(const struct groups *g, size_t number);

/* What rows of it have for their group (proto/row_group.h). -E2BIG if the builder is full. */
int groups_name(struct groups *g, size_t number, uint32_t *ret_string) _must_check_;

DEFINE_POINTER_CLEANUP(struct groups, groups_free, groups_freep)

#endif
