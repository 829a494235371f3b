/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/hash.h"
#include "proto/row_group.h"
#include "rules/ruleset.h"

#define KEYS 4
/* Longer than what any keys make: each has at most a string and its name. */
#define NAME_MAX_BYTES (KEYS * (ROWSET_STRING_MAX + 40))

struct groups {
	unsigned keys;
	struct rowset_builder *strings;
	struct group *list;
	size_t count, room;
	uint32_t *index; /* open addressing: number of a group + 1, or 0 */
	size_t index_room;
	char *name; /* scratch of NAME_MAX_BYTES */
};

/* Of the keys, in the order in which they are named. */
struct key {
	uint32_t part[KEYS];
};

static struct key
key_of(const struct groups *g, const struct group_row *row)
{
	return (struct key){{
	    g->keys & MERGE_APPLICATION ? row->application : ROWSET_NO_STRING,
	    g->keys & MERGE_TASK ? row->task : ROWSET_NO_STRING,
	    g->keys & MERGE_MATTER ? row->matter : ROWSET_NO_STRING,
	    g->keys & MERGE_CATEGORY ? row->category : ROWSET_NO_STRING,
	}};
}

struct groups *
groups_new(unsigned keys, struct rowset_builder *strings)
{
	struct groups *g = xcalloc(1, sizeof *g);

	g->keys = keys;
	g->strings = strings;
	g->name = xreallocarray(NULL, NAME_MAX_BYTES, 1);
	g->index_room = 256;
	g->index = xcalloc(g->index_room, sizeof *g->index);
	return g;
}

struct groups *
groups_free(struct groups *g)
{
	if (g == NULL)
		return NULL;
	free(g->list);
	free(g->index);
	free(g->name);
	free(g);
	return NULL;
}

/* Where the key stands, or where it would. */
static size_t
find_slot(const struct groups *g, const struct key *key)
{
	size_t i = hash_of_numbers(key->part, KEYS) & (g->index_room - 1);

	while (g->index[i] != 0) {
		const struct key other = key_of(g, &g->list[g->index[i] - 1].key);

		if (memcmp(&other, key, sizeof other) == 0)
			break;
		i = (i + 1) & (g->index_room - 1);
	}
	return i;
}

static void
grow_index(struct groups *g)
{
	free(g->index);
	g->index_room *= 2;
	g->index = xcalloc(g->index_room, sizeof *g->index);
	for (size_t n = 0; n < g->count; n++) {
		const struct key key = key_of(g, &g->list[n].key);

		g->index[find_slot(g, &key)] = (uint32_t)n + 1;
	}
}

static struct group *
append(struct groups *g, const struct group_row *row)
{
	struct group *group;

	if (g->count == g->room) {
		g->room = g->room == 0 ? 128 : g->room * 2;
		g->list = xreallocarray(g->list, g->room, sizeof *g->list);
	}
	group = &g->list[g->count++];
	*group = (struct group){.key = *row, .longest = row->seconds};
	return group;
}

static int
compare_texts(const struct groups *g, uint32_t a, uint32_t b)
{
	return a == b ? 0 : str_cmp(rowset_builder_text(g->strings, a), rowset_builder_text(g->strings, b));
}

/* Whether the row is to say what the group's rows need not have in common. */
static bool
speaks_for(const struct groups *g, const struct group_row *row, const struct group *group)
{
	int c;

	if (row->seconds != group->longest)
		return row->seconds > group->longest;
	c = compare_texts(g, row->application, group->key.application);
	return c != 0 ? c < 0 : compare_texts(g, row->task, group->key.task) < 0;
}

size_t
groups_add(struct groups *g, const struct group_row *row)
{
	const struct key key = key_of(g, row);
	struct group *group;
	size_t i, number;
	int64_t seconds;

	if (g->index_room < (g->count + 1) * 2)
		grow_index(g);
	i = find_slot(g, &key);
	if (g->index[i] == 0) {
		append(g, row);
		g->index[i] = (uint32_t)g->count;
		return g->count - 1;
	}
	number = g->index[i] - 1;
	group = &g->list[number];
	seconds = group->key.seconds + row->seconds;
	if (speaks_for(g, row, group)) {
		group->key = *row;
		group->longest = row->seconds;
	}
	group->key.seconds = seconds;
	return number;
}

size_t
groups_count(const struct groups *g)
{
	return g->count;
}

const struct group *
groups_at(const struct groups *g, size_t number)
{
	return &g->list[number];
}

static struct str
hashed(struct str name, char out[2 + DIGEST_HEX_SIZE])
{
	memcpy(out, "h=", 2);
	digest_hex(name, out + 2);
	return str_of(out);
}

/* The name as it grows: every name that keys can make fits. */
struct text {
	char *p;
	size_t len;
};

static void
add(struct text *t, struct str s)
{
	if (s.len > 0)
		memcpy(t->p + t->len, s.p, s.len);
	t->len += s.len;
}

static void
add_word(struct text *name, struct str word)
{
	if (name->len > 0)
		add(name, STR(" "));
	add(name, word);
}

/* " category=7:Writing" */
static void
add_key(struct text *name, struct str key, struct str value)
{
	char digits[20];
	size_t at = sizeof digits, left = value.len;

	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	add_word(name, key);
	add(name, (struct str){digits + at, sizeof digits - at});
	add(name, STR(":"));
	add(name, value);
}

/* What the row of an entry does not say by itself. */
static void
add_other_keys(const struct groups *g, size_t number, struct text *name)
{
	const struct group_row *key = &g->list[number].key;
	const size_t first = name->len;
	char hash[2 + DIGEST_HEX_SIZE];
	struct str s;

	if ((g->keys & MERGE_MATTER) != 0)
		add_key(name, STR("matter="), rowset_builder_text(g->strings, key->matter));
	if ((g->keys & MERGE_CATEGORY) != 0)
		add_key(name, STR("category="), rowset_builder_text(g->strings, key->category));
	if (name->len <= ROWSET_STRING_MAX)
		return;
	s = hashed((struct str){name->p + first, name->len - first}, hash);
	name->len = first;
	add_word(name, s);
}

int
groups_name(struct groups *g, size_t number, uint32_t *ret_string)
{
	struct text name = {.p = g->name};

	if ((g->keys & MERGE_APPLICATION) != 0)
		add_word(&name, STR(ROW_GROUP_APPLICATION));
	if ((g->keys & MERGE_TASK) != 0)
		add_word(&name, STR(ROW_GROUP_TASK));
	add_other_keys(g, number, &name);
	return rowset_builder_string(g->strings, (struct str){name.p, name.len}, ret_string);
}
