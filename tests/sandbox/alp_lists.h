/* SPDX-License-Identifier: Apache-2.0 */
/* alp_lists.h - what ALP has besides time entries: matters -> outcomes -> components, users, GST types. All made up from numbers.
 *
 * Matter 1000 + i has the outcomes 10 m + 1 .. 3, an outcome the components 10 o + 1 .. 4, so an id says where it belongs. The first matters have
 * the codes of the first accounts' titles. Every 50th matter is closed.
 */
#ifndef SANDBOX_ALP_LISTS_H
#define SANDBOX_ALP_LISTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

/* A list's items as JSON, and where each begins: item i is text[starts[i]] .. text[starts[i + 1] - 1), commas left out. */
struct alp_items {
	struct buf text;
	size_t *starts; /* count + 1 of them */
	size_t count, cap;
};
void alp_items_release(struct alp_items *items);
struct text alp_item(const struct alp_items *items, size_t i);
/* Begins an item; whoever calls it writes that to items->text. */
void alp_items_begin(struct alp_items *items);
/* After the last. */
void alp_items_end(struct alp_items *items);

struct alp_lists;

/* matters: how many; users: accounts 1.. that many are people of the firm; id: what an id is called, copied. */
struct alp_lists *alp_lists_new(uint64_t seed, size_t matters, uint32_t users, const char *id);
struct alp_lists *alp_lists_free(struct alp_lists *lists);

const struct alp_items *alp_matters(const struct alp_lists *lists);
const struct alp_items *alp_users(const struct alp_lists *lists);
const struct alp_items *alp_gst_types(const struct alp_lists *lists);

/* false: there is no such matter, or outcome. The caller releases. */
bool alp_outcomes(const struct alp_lists *lists, int64_t matter, struct alp_items *ret);
bool alp_components(const struct alp_lists *lists, int64_t outcome, struct alp_items *ret);

bool alp_has_user(const struct alp_lists *lists, int64_t user);
bool alp_has_gst_type(const struct alp_lists *lists, int64_t gst_type);
bool alp_has_component(const struct alp_lists *lists, int64_t component);
/* The matter of a component that is there is open. */
bool alp_is_open(const struct alp_lists *lists, int64_t component);

#endif
