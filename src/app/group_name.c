/* SPDX-License-Identifier: Apache-2.0 */
#include "app/group_name.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

void
group_name_of(int64_t alp_user_id, day_t day, struct str group, struct group_name *ret_name)
{
	unsigned char whose[sizeof alp_user_id + sizeof day];
	crypto_generichash_state state;

	/* What stands before the group is always as long, so no two different names are the same bytes. */
	memcpy(whose, &alp_user_id, sizeof alp_user_id);
	memcpy(whose + sizeof alp_user_id, &day, sizeof day);
	crypto_generichash_init(&state, NULL, 0, sizeof ret_name->words);
	crypto_generichash_update(&state, whose, sizeof whose);
	if (group.len > 0)
		crypto_generichash_update(&state, (const unsigned char *)group.p, MIN_OF(group.len, ROWSET_STRING_MAX));
	crypto_generichash_final(&state, (unsigned char *)ret_name->words, sizeof ret_name->words);
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
entry_source_hash(int64_t alp_user_id, day_t day, struct str group, char ret_hash[SOURCE_HASH_TEXT_MAX])
{
	struct group_name name;

	group_name_of(alp_user_id, day, group, &name);
	group_name_write(&name, ret_hash);
}

struct group_names {
	uint32_t *number; /* by the number of the group's string: its place in `names` + 1; 0: none */
	struct group_name *names;
	size_t count;
};

struct group_names *
group_names_new(int64_t alp_user_id, day_t day, const struct rowset *verdicts)
{
	struct group_names *n = xcalloc(1, sizeof *n);

	n->number = xcalloc(rowset_string_count(verdicts), sizeof *n->number);
	n->names = xreallocarray(NULL, rowset_count(verdicts), sizeof *n->names);
	for (size_t i = 0; i < rowset_count(verdicts); i++) {
		struct str group = rowset_row(verdicts, i).group;
		uint32_t *number;

		if (group.len == 0)
			continue;
		number = &n->number[rowset_group_number(verdicts, i)];
		if (*number != 0)
			continue;
		group_name_of(alp_user_id, day, group, &n->names[n->count]);
		*number = (uint32_t)++n->count;
	}
	return n;
}

struct group_names *
group_names_free(struct group_names *names)
{
	if (names == NULL)
		return NULL;
	free(names->number);
	free(names->names);
	free(names);
	return NULL;
}

const struct group_name *
group_names_at(const struct group_names *names, uint32_t number)
{
	return &names->names[names->number[number] - 1];
}
