/* SPDX-License-Identifier: Apache-2.0 */
/* group_name.h - what names an entry for ever: the digest of its user, its day, and what the rules named it by. Pure.
 *
 * Of a day there are as many as entries, and the thread that merges them is the one that all wait for: so they may be made beforehand.
 *
 * Ownership: group_names_free() accepts NULL. Threads: any.
 */
#ifndef RTALP_APP_GROUP_NAME_H
#define RTALP_APP_GROUP_NAME_H

#include <stdint.h>

#include "base/macro.h"
#include "proto/rowset.h"
#include "store/entry.h"

#define GROUP_NAME_BYTES 16

struct group_name {
	uint32_t words[GROUP_NAME_BYTES / sizeof(uint32_t)];
};

/* Nobody makes two groups of a name, so they can be told apart by it. */
void group_name_of(int64_t alp_user_id, day_t day, const struct row_view *verdict, struct group_name *ret_name);
/* As it is kept. */
void group_name_write(const struct group_name *name, char ret_hash[SOURCE_HASH_TEXT_MAX]);
/* Of an entry that no rule named; `name` begins like no group. */
void entry_source_hash(int64_t alp_user_id, day_t day, struct str name, char ret_hash[SOURCE_HASH_TEXT_MAX]);

/* Of all rows of a day that have a group: which have the same name. */
struct group_names;
struct group_names *group_names_new(int64_t alp_user_id, day_t day, const struct rowset *verdicts);
struct group_names *group_names_free(struct group_names *names);
size_t group_names_count(const struct group_names *names);
/* By number, below the count; borrowed. */
const struct group_name *group_names_at(const struct group_names *names, size_t number);
/* The number of the name of a row that has a group. */
size_t group_names_of_row(const struct group_names *names, size_t row);

#endif
