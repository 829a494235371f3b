/* SPDX-License-Identifier: Apache-2.0 */
/* owners.h - where the rows of a day belong, as one row of activity_owners. Private to src/store.
 *
 * A number a row, in the order of the rows' key, all as wide: 0: nowhere yet; n > 0: the entry first_entry + n - 1; -n: the n-th of `rules`, a JSON
 * array. As text, so that a shell reads it, too (the view activity_owned).
 *
 * Ownership: owners_release() accepts zeroed ones. Threads: any.
 */
#ifndef RTALP_STORE_OWNERS_H
#define RTALP_STORE_OWNERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct activity_row;

struct owners {
	int64_t first_entry;
	int64_t width;
	char *numbers;
	size_t len;
	char *rules;        /* as JSON */
	/* Each of them, once they are read. */
	const char **rule;
	char *rule_memory;
	size_t rule_count;
};
void owners_release(struct owners *o);

void owners_write(const struct activity_row *rows, size_t count, struct owners *ret_owners);
/* What is stored. -EUCLEAN if it cannot be of `owners_write()`. */
int owners_read(int64_t first_entry, int64_t width, struct str numbers, struct str rules, struct owners *ret_owners);

static inline size_t
owners_count(const struct owners *o)
{
	return o->width > 0 ? o->len / (size_t)o->width : 0;
}

/* Of the row at `at` < owners_count(); the rule is borrowed, NULL: none. -EUCLEAN. */
int owners_at(const struct owners *o, size_t at, int64_t *ret_entry_id, const char **ret_rule);

#endif
