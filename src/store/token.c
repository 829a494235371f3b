/* SPDX-License-Identifier: Apache-2.0 */
#include "store/token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite.h"

/* Rows are only given up for new ones, and only long after their token died: people ask what a token was. */
#define DEAD_KEPT_MS ((int64_t)90 * 24 * 3600 * 1000)

const char *
token_scope_name(enum token_scope scope)
{
	static const char *const names[] = {"", "service", "user", "operator"};

	return names[scope];
}

void
token_list_release(struct token_list *list)
{
	free(list->rows);
	*list = (struct token_list){0};
}

static void
token_read(struct query *q, struct token_row *ret)
{
	struct str hash;

	*ret = (struct token_row){.token_id = column_i64(q)};
	column_text_into(q, ret->name, sizeof ret->name);
	ret->scope = (enum token_scope)column_i32(q);
	ret->alp_user_id = column_i64(q);
	ret->read_only = column_bool(q);
	ret->created_ms = column_i64(q);
	ret->expires_ms = column_i64(q);
	ret->revoked_ms = column_i64(q);
	ret->last_used_ms = column_i64(q);
	hash = column_blob(q);
	/* A CHECK of the table says so. */
	if (hash.len == sizeof ret->hash)
		memcpy(ret->hash, hash.p, sizeof ret->hash);
}

static int
token_count(struct txn *txn, int64_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_COUNT);
	int r = query_one(&q);

	if (r == 0)
		*ret_count = column_i64(&q);
	return r;
}

static int
make_room(struct txn *txn, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_PRUNE);
	int64_t count = 0;
	int r = token_count(txn, &count);

	if (r < 0 || count < TOKENS_MAX)
		return r;
	bind_i64(&q, now_ms - DEAD_KEPT_MS);
	r = query_run(&q);
	if (r < 0)
		return r;
	return count - r < TOKENS_MAX ? 0 : -EDQUOT;
}

int
txn_token_insert(struct txn *txn, struct token_row *token)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_INSERT);
	int64_t token_id;
	int r = make_room(txn, token->created_ms);

	if (r == 0)
		r = counter_next(txn, "token_id", &token_id);
	if (r < 0)
		return r;
	bind_i64(&q, token_id);
	bind_text(&q, token->name);
	bind_i64(&q, token->scope);
	bind_i64(&q, token->alp_user_id);
	bind_i64(&q, token->read_only);
	bind_i64(&q, token->created_ms);
	bind_i64(&q, token->expires_ms);
	bind_i64(&q, token->revoked_ms);
	bind_i64(&q, token->last_used_ms);
	bind_blob(&q, (struct str){.p = (const char *)token->hash, .len = sizeof token->hash});
	r = query_run(&q);
	if (r < 0)
		return r;
	token->token_id = token_id;
	return 0;
}

int
txn_token_get(struct txn *txn, int64_t token_id, struct token_row *ret_token)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_GET);
	int r;

	bind_i64(&q, token_id);
	r = query_one(&q);
	if (r == 0)
		token_read(&q, ret_token);
	return r;
}

int
txn_token_list(struct txn *txn, int64_t below_id, int64_t limit, struct token_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_LIST);
	_cleanup_(token_list_release) struct token_list list = {0};
	int r;

	bind_i64(&q, below_id > 0 ? below_id : INT64_MAX);
	bind_i64(&q, limit > 0 ? limit : -1);
	while ((r = query_step(&q)) > 0) {
		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		token_read(&q, &list.rows[list.count++]);
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct token_list){0};
	return 0;
}

int
txn_token_revoke(struct txn *txn, int64_t token_id, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_REVOKE);
	struct token_row unused;
	int r;

	bind_i64(&q, now_ms);
	bind_i64(&q, token_id);
	r = query_run(&q);
	if (r != 0)
		return r < 0 ? r : 0;
	return txn_token_get(txn, token_id, &unused);
}

int
txn_token_used(struct txn *txn, int64_t token_id, int64_t at_ms)
{
	_query_ struct query q = query_begin(txn, ST_TOKEN_USED);
	int r;

	bind_i64(&q, token_id);
	bind_i64(&q, at_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}
