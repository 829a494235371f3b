/* SPDX-License-Identifier: Apache-2.0 */
#include "app/group_name.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "proto/row_group.h"

static void
name_begin(crypto_generichash_state *state, int64_t alp_user_id, day_t day, struct str name)
{
	unsigned char whose[sizeof alp_user_id + sizeof day];

	/* What stands before the name is always as long, so no two different ones are the same bytes. */
	memcpy(whose, &alp_user_id, sizeof alp_user_id);
	memcpy(whose + sizeof alp_user_id, &day, sizeof day);
	crypto_generichash_init(state, NULL, 0, GROUP_NAME_BYTES);
	crypto_generichash_update(state, whose, sizeof whose);
	if (name.len > 0)
		crypto_generichash_update(state, (const unsigned char *)name.p, MIN_OF(name.len, ROWSET_STRING_MAX));
}

static void
name_end(crypto_generichash_state *state, struct group_name *ret_name)
{
	crypto_generichash_final(state, (unsigned char *)ret_name->words, sizeof ret_name->words);
}

/* A NUL before each, which no string has in it. */
static void
name_add(crypto_generichash_state *state, struct str s)
{
	crypto_generichash_update(state, (const unsigned char *)"", 1);
	if (s.len > 0)
		crypto_generichash_update(state, (const unsigned char *)s.p, s.len);
}

void
group_name_of(int64_t alp_user_id, day_t day, const struct row_view *verdict, struct group_name *ret_name)
{
	struct str group = verdict->group;
	crypto_generichash_state state;

	name_begin(&state, alp_user_id, day, group);
	if (row_group_takes(&group, ROW_GROUP_APPLICATION))
		name_add(&state, verdict->application);
	if (row_group_takes(&group, ROW_GROUP_TASK))
		name_add(&state, verdict->task);
	name_end(&state, ret_name);
}

/* Nothing secret: libsodium's takes its time so that nobody learns from it. */
void
group_name_write(const struct group_name *name, char ret_hash[SOURCE_HASH_TEXT_MAX])
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = (const unsigned char *)name->words;

	for (size_t i = 0; i < GROUP_NAME_BYTES; i++) {
		*ret_hash++ = digits[bytes[i] >> 4];
		*ret_hash++ = digits[bytes[i] & 0xf];
	}
	*ret_hash = '\0';
}

void
entry_source_hash(int64_t alp_user_id, day_t day, struct str name, char ret_hash[SOURCE_HASH_TEXT_MAX])
{
	crypto_generichash_state state;
	struct group_name digest;

	name_begin(&state, alp_user_id, day, name);
	name_end(&state, &digest);
	group_name_write(&digest, ret_hash);
}

/* --- those of a day ----------------------------------------------------------------------------------------------------- */

/* Open addressing, number + 1, or 0; of rows, as the strings that name them are numbered, and of names. */
struct group_names {
	struct group_name *names;
	size_t count;
	uint32_t *of_row;
	uint32_t *by_strings, *by_name;
	size_t mask;
};

static bool
same_strings(struct row_name a, struct row_name b)
{
	return a.group == b.group && a.application == b.application && a.task == b.task;
}

/* Of the first row that is named by the same strings. */
static uint32_t *
slot_of_strings(const struct group_names *n, const struct rowset *verdicts, struct row_name strings)
{
	const uint32_t numbers[] = {strings.group, strings.application, strings.task};
	size_t i = hash_of_numbers(numbers, ELEMENTSOF(numbers)) & n->mask;

	while (n->by_strings[i] != 0 && !same_strings(rowset_row_name(verdicts, n->by_strings[i] - 1), strings))
		i = (i + 1) & n->mask;
	return &n->by_strings[i];
}

static uint32_t *
slot_of_name(const struct group_names *n, const struct group_name *name)
{
	size_t i = hash_of_numbers(name->words, ELEMENTSOF(name->words)) & n->mask;

	while (n->by_name[i] != 0 && memcmp(&n->names[n->by_name[i] - 1], name, sizeof *name) != 0)
		i = (i + 1) & n->mask;
	return &n->by_name[i];
}

/* A worker may have numbered equal strings apart. */
static uint32_t
number_of_name(struct group_names *n, const struct group_name *name)
{
	uint32_t *slot = slot_of_name(n, name);

	if (*slot == 0) {
		n->names[n->count++] = *name;
		*slot = (uint32_t)n->count;
	}
	return *slot - 1;
}

static void
name_row(struct group_names *n, int64_t alp_user_id, day_t day, const struct rowset *verdicts, size_t i)
{
	const struct row_view verdict = rowset_row(verdicts, i);
	struct group_name name;
	uint32_t *slot;

	if (verdict.group.len == 0)
		return;
	slot = slot_of_strings(n, verdicts, rowset_row_name(verdicts, i));
	if (*slot != 0) {
		n->of_row[i] = n->of_row[*slot - 1];
		return;
	}
	*slot = (uint32_t)i + 1;
	group_name_of(alp_user_id, day, &verdict, &name);
	n->of_row[i] = number_of_name(n, &name);
}

struct group_names *
group_names_new(int64_t alp_user_id, day_t day, const struct rowset *verdicts)
{
	struct group_names *n = xcalloc(1, sizeof *n);
	const size_t rows = rowset_count(verdicts);
	size_t room = 16;

	while (room < rows * 2)
		room *= 2;
	n->mask = room - 1;
	n->by_strings = xcalloc(room, sizeof *n->by_strings);
	n->by_name = xcalloc(room, sizeof *n->by_name);
	n->of_row = xcalloc(rows, sizeof *n->of_row);
	n->names = xreallocarray(NULL, rows, sizeof *n->names);
	for (size_t i = 0; i < rows; i++)
		name_row(n, alp_user_id, day, verdicts, i);
	return n;
}

struct group_names *
group_names_free(struct group_names *names)
{
	if (names == NULL)
		return NULL;
	free(names->by_strings);
	free(names->by_name);
	free(names->of_row);
	free(names->names);
	free(names);
	return NULL;
}

size_t
group_names_count(const struct group_names *names)
{
	return names->count;
}

const struct group_name *
group_names_at(const struct group_names *names, size_t number)
{
	return &names->names[number];
}

size_t
group_names_of_row(const struct group_names *names, size_t row)
{
	return names->of_row[row];
}
