/* SPDX-License-Identifier: Apache-2.0 */
#include "store/user.h"

#include <errno.h>

#include "base/alloc.h"
#include "store/sqlite.h"

int
txn_user_get(struct txn *txn, int64_t alp_user_id, struct user_row *ret_user)
{
	_query_ struct query q = query_begin(txn, ST_USER_GET);
	int r;

	bind_user(&q, alp_user_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	ret_user->alp_user_id = column_i64(&q);
	column_text_into(&q, ret_user->time_zone, sizeof ret_user->time_zone);
	ret_user->created_ms = column_i64(&q);
	ret_user->updated_ms = column_i64(&q);
	return 0;
}

int
txn_user_put(struct txn *txn, const struct user_row *user)
{
	_query_ struct query q = query_begin(txn, ST_USER_PUT);
	int r;

	bind_user(&q, user->alp_user_id);
	bind_text(&q, user->time_zone);
	bind_i64(&q, user->created_ms);
	bind_i64(&q, user->updated_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_user_privacy(struct txn *txn, int64_t alp_user_id, char **ret_lines)
{
	_query_ struct query q = query_begin(txn, ST_USER_PRIVACY);
	int r;

	bind_user(&q, alp_user_id);
	r = query_one(&q);
	if (r < 0 && r != -ENOENT)
		return r;
	*ret_lines = r == -ENOENT ? xstrdup("") : column_text(&q);
	return 0;
}

int
txn_user_set_privacy(struct txn *txn, int64_t alp_user_id, const char *lines)
{
	_query_ struct query q = query_begin(txn, ST_USER_SET_PRIVACY);
	int r;

	bind_text(&q, lines);
	bind_user(&q, alp_user_id);
	r = query_run(&q);
	if (r < 0)
		return r;
	return r > 0 ? 0 : -ENOENT;
}

int
txn_user_delete(struct txn *txn, int64_t alp_user_id)
{
	_query_ struct query q = query_begin(txn, ST_USER_DELETE);
	int r;

	bind_user(&q, alp_user_id);
	r = query_run(&q);
	if (r < 0)
		return r;
	return r > 0 ? 0 : -ENOENT;
}
