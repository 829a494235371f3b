/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/group.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/hash.h"
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
	struct buf name; /* scratch */
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
	g->name = BUF_INIT(NAME_MAX_BYTES);
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
	buf_release(&g->name);
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

/* " task=9:Deed.docx" */
static void
add_key(struct buf *name, const char *key, struct str value)
{
	char digits[20];
	size_t at = sizeof digits, left = value.len;

	do
		digits[--at] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (name->len > 0)
		buf_addc(name, ' ');
	buf_addz(name, key);
	buf_addc(name, '=');
	buf_add(name, digits + at, sizeof digits - at);
	buf_addc(name, ':');
	buf_add_str(name, value);
}

int
groups_name(struct groups *g, size_t number, uint32_t *ret_string)
{
	static const char *const names[KEYS] = {"application", "task", "matter", "category"};
	static const unsigned bits[KEYS] = {MERGE_APPLICATION, MERGE_TASK, MERGE_MATTER, MERGE_CATEGORY};
	const struct key key = key_of(g, &g->list[number].key);
	char hash[2 + DIGEST_HEX_SIZE];

	buf_clear(&g->name);
	for (size_t i = 0; i < KEYS; i++)
		if ((g->keys & bits[i]) != 0)
			add_key(&g->name, names[i], rowset_builder_text(g->strings, key.part[i]));
	return rowset_builder_string_anew(g->strings, g->name.len <= ROWSET_STRING_MAX ? buf_str(&g->name) : hashed(buf_str(&g->name), hash), ret_string);
}
