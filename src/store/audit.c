/* SPDX-License-Identifier: Apache-2.0 */
#include "store/audit.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

#define SALT_SIZE 16

void
audit_row_release(struct audit_row *row)
{
	free(row->before);
	free(row->after);
	*row = (struct audit_row){0};
}

void
audit_list_release(struct audit_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		audit_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct audit_list){0};
}

/* --- hashes -------------------------------------------------------------------------------------------------------------- */

static void
add_i64(crypto_generichash_state *h, int64_t value)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)((uint64_t)value >> (8 * i));
	crypto_generichash_update(h, bytes, sizeof bytes);
}

/* With its length in front, so that no two rows are the same bytes; none is told from an empty one. */
static void
add_text(crypto_generichash_state *h, const char *text)
{
	add_i64(h, text != NULL ? (int64_t)strlen(text) : -1);
	if (text != NULL)
		crypto_generichash_update(h, (const unsigned char *)text, strlen(text));
}

static void
hash_contents(const unsigned char salt[SALT_SIZE], const char *before, const char *after, unsigned char ret_hash[AUDIT_HASH_SIZE])
{
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, AUDIT_HASH_SIZE);
	crypto_generichash_update(&h, salt, SALT_SIZE);
	add_text(&h, before);
	add_text(&h, after);
	crypto_generichash_final(&h, ret_hash, AUDIT_HASH_SIZE);
}

static void
hash_row(const unsigned char previous[AUDIT_HASH_SIZE], const struct audit_row *row, const unsigned char contents[AUDIT_HASH_SIZE],
    unsigned char ret_link[AUDIT_HASH_SIZE])
{
	const int64_t numbers[] = {row->audit_id, row->at_ms, row->actor.kind, row->actor.id, row->action, row->alp_user_id, row->entry_id,
	    row->posting_id};
	crypto_generichash_state h;

	crypto_generichash_init(&h, NULL, 0, AUDIT_HASH_SIZE);
	crypto_generichash_update(&h, previous, AUDIT_HASH_SIZE);
	for (size_t i = 0; i < ELEMENTSOF(numbers); i++)
		add_i64(&h, numbers[i]);
	add_text(&h, row->actor_name);
	crypto_generichash_update(&h, contents, AUDIT_HASH_SIZE);
	crypto_generichash_final(&h, ret_link, AUDIT_HASH_SIZE);
}

/* --- writing ------------------------------------------------------------------------------------------------------------- */

/* False: there is none of that size, which a CHECK of the table rules out. */
static bool
take_bytes(struct query *q, unsigned char *ret_bytes, size_t size)
{
	struct str bytes = column_blob(q);

	if (bytes.len != size)
		return false;
	memcpy(ret_bytes, bytes.p, size);
	return true;
}

/* The number and the link of the newest; 0 and zeroes if there is none. */
static int
newest(struct txn *txn, int64_t *ret_id, unsigned char ret_link[AUDIT_HASH_SIZE])
{
	_query_ struct query q = query_begin(txn, ST_AUDIT_NEWEST);
	int r = query_one(&q);

	*ret_id = 0;
	memset(ret_link, 0, AUDIT_HASH_SIZE);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_id = column_i64(&q);
	return take_bytes(&q, ret_link, AUDIT_HASH_SIZE) ? 0 : -EUCLEAN;
}

static int
name_of(struct txn *txn, const struct actor *actor, char ret_name[AUDIT_NAME_MAX])
{
	struct token_row token = {0};
	int r = actor->kind == ACTOR_TOKEN ? txn_token_get(txn, actor->id, &token) : 0;

	if (r < 0 && r != -ENOENT)
		return r;
	memcpy(ret_name, token.name, AUDIT_NAME_MAX);
	return 0;
}

static int
add_row(struct txn *txn, const struct audit_row *row, const unsigned char contents[AUDIT_HASH_SIZE])
{
	_query_ struct query q = query_begin(txn, ST_AUDIT_ADD);
	int r;

	bind_i64(&q, row->audit_id);
	bind_i64(&q, row->at_ms);
	bind_i64(&q, row->actor.kind);
	bind_i64(&q, row->actor.id);
	bind_text(&q, row->actor_name);
	bind_i64(&q, row->action);
	bind_i64(&q, row->alp_user_id);
	bind_i64(&q, row->entry_id);
	bind_i64(&q, row->posting_id);
	bind_blob(&q, (struct str){(const char *)contents, AUDIT_HASH_SIZE});
	bind_blob(&q, (struct str){(const char *)row->link, AUDIT_HASH_SIZE});
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
add_contents(struct txn *txn, const struct audit_row *row, const unsigned char salt[SALT_SIZE])
{
	_query_ struct query q = query_begin(txn, ST_AUDIT_ADD_CONTENTS);
	int r;

	bind_i64(&q, row->audit_id);
	bind_i64(&q, row->alp_user_id);
	bind_blob(&q, (struct str){(const char *)salt, SALT_SIZE});
	bind_text(&q, row->before);
	bind_text(&q, row->after);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_audit(struct txn *txn, const struct audit_row *given)
{
	struct audit_row row = *given;
	unsigned char salt[SALT_SIZE], contents[AUDIT_HASH_SIZE], previous[AUDIT_HASH_SIZE];
	int r = newest(txn, &row.audit_id, previous);

	if (r == 0)
		r = name_of(txn, &row.actor, row.actor_name);
	if (r < 0)
		return r;
	row.audit_id++;
	randombytes_buf(salt, sizeof salt);
	hash_contents(salt, row.before, row.after, contents);
	hash_row(previous, &row, contents, row.link);
	r = add_row(txn, &row, contents);
	return r < 0 ? r : add_contents(txn, &row, salt);
}

int
txn_audit_erase(struct txn *txn, int64_t alp_user_id)
{
	_query_ struct query q = query_begin(txn, ST_AUDIT_ERASE);
	int r;

	bind_i64(&q, alp_user_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------------- */

/* The columns of a row; 0, or -EUCLEAN for one that is none. */
static int
read_row(struct query *q, struct audit_row *row, unsigned char ret_contents[AUDIT_HASH_SIZE])
{
	*row = (struct audit_row){.audit_id = column_i64(q)};
	row->at_ms = column_i64(q);
	row->actor.kind = (enum actor_kind)column_i32(q);
	row->actor.id = column_i64(q);
	column_text_into(q, row->actor_name, sizeof row->actor_name);
	row->action = (enum audit_action)column_i32(q);
	row->alp_user_id = column_i64(q);
	row->entry_id = column_i64(q);
	row->posting_id = column_i64(q);
	if (!take_bytes(q, ret_contents, AUDIT_HASH_SIZE) || !take_bytes(q, row->link, AUDIT_HASH_SIZE))
		return -EUCLEAN;
	return 0;
}

int
txn_audit_list(struct txn *txn, const struct audit_filter *filter, struct audit_list *ret_list)
{
	enum statement_id id = filter->entry_id != 0 ? ST_AUDIT_OF_ENTRY : filter->alp_user_id != 0 ? ST_AUDIT_OF_USER : ST_AUDIT_LIST;
	_cleanup_(audit_list_release) struct audit_list list = {0};
	_query_ struct query q = query_begin(txn, id);
	unsigned char unused[AUDIT_HASH_SIZE];
	int r;

	bind_i64(&q, filter->below_id > 0 ? filter->below_id : INT64_MAX);
	bind_i64(&q, filter->alp_user_id);
	bind_i64(&q, filter->entry_id);
	bind_i64(&q, filter->actions);
	bind_i64(&q, filter->from_ms);
	bind_i64(&q, filter->to_ms > 0 ? filter->to_ms : INT64_MAX);
	bind_i64(&q, filter->limit > 0 ? filter->limit : -1);
	while ((r = query_step(&q)) > 0) {
		struct audit_row *row;

		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		row = &list.rows[list.count++];
		r = read_row(&q, row, unused);
		if (r < 0)
			return r;
		row->erased = column_is_null(&q);
		(void)column_i64(&q);
		row->before = filter->contents ? column_text(&q) : NULL;
		row->after = filter->contents ? column_text(&q) : NULL;
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct audit_list){0};
	return 0;
}

/* --- verifying ----------------------------------------------------------------------------------------------------------- */

struct chain {
	int64_t audit_id;
	unsigned char link[AUDIT_HASH_SIZE];
};

/* NULL: it goes on from what was there. */
static const char *
broken_by(const struct chain *chain, struct query *q, const struct audit_row *row, const unsigned char contents[AUDIT_HASH_SIZE])
{
	unsigned char link[AUDIT_HASH_SIZE], hash[AUDIT_HASH_SIZE], salt[SALT_SIZE];
	_cleanup_free_ char *before = NULL, *after = NULL;

	if (row->audit_id != chain->audit_id + 1)
		return "its number does not follow";
	hash_row(chain->link, row, contents, link);
	if (memcmp(link, row->link, sizeof link) != 0)
		return "it is not what was linked";
	if (column_is_null(q))
		return NULL;
	if (!take_bytes(q, salt, sizeof salt))
		return "its contents have no salt";
	before = column_text(q);
	after = column_text(q);
	hash_contents(salt, before, after, hash);
	return memcmp(hash, contents, sizeof hash) == 0 ? NULL : "its contents are not what was written";
}

int
audit_check(struct txn *txn, char **ret_violation)
{
	_query_ struct query q = query_begin(txn, ST_AUDIT_WALK);
	struct chain chain = {0};
	int r;

	*ret_violation = NULL;
	while ((r = query_step(&q)) > 0) {
		unsigned char contents[AUDIT_HASH_SIZE] = {0};
		struct audit_row row;
		const char *broken = read_row(&q, &row, contents) < 0 ? "it is none" : broken_by(&chain, &q, &row, contents);

		if (broken != NULL) {
			*ret_violation = xasprintf("broken: the audit's chain: audit_id=%lld: %s", (long long)row.audit_id, broken);
			return 1;
		}
		chain.audit_id = row.audit_id;
		memcpy(chain.link, row.link, sizeof chain.link);
	}
	return r;
}
