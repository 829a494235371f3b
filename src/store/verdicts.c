/* SPDX-License-Identifier: Apache-2.0 */
#include "store/verdicts.h"

#include <errno.h>

#include "base/alloc.h"
#include "store/sqlite.h"

int
txn_verdicts_put(struct txn *txn, int64_t alp_user_id, day_t day, const struct verdicts_row *row, struct str bytes)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_PUT);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, row->verdicts_id);
	bind_text(&q, row->rules_version);
	bind_text(&q, row->matters_version);
	bind_i64(&q, row->rounding);
	bind_i64(&q, row->units_per);
	bind_i64(&q, row->minimum_tenths);
	bind_i64(&q, row->made_ms);
	bind_blob(&q, bytes);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static void
verdicts_read(struct query *q, struct verdicts_row *row)
{
	row->verdicts_id = column_i64(q);
	column_text_into(q, row->rules_version, sizeof row->rules_version);
	column_text_into(q, row->matters_version, sizeof row->matters_version);
	row->rounding = column_i32(q);
	row->units_per = column_i32(q);
	row->minimum_tenths = column_i32(q);
	row->made_ms = column_i64(q);
}

int
txn_verdicts_get(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id, struct verdicts_row *ret_row, char **ret_bytes,
    size_t *ret_len)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_GET);
	struct str bytes;
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, verdicts_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	verdicts_read(&q, ret_row);
	bytes = column_blob(&q);
	*ret_bytes = xcalloc(bytes.len + 1, 1);
	if (bytes.len > 0)
		memcpy(*ret_bytes, bytes.p, bytes.len);
	*ret_len = bytes.len;
	return 0;
}

int
txn_verdicts_newest(struct txn *txn, int64_t alp_user_id, day_t day, struct verdicts_row *ret_row)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_NEWEST);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	r = query_one(&q);
	if (r < 0)
		return r;
	verdicts_read(&q, ret_row);
	return 0;
}

int
txn_verdicts_delete_unreferenced(struct txn *txn, int64_t alp_user_id, day_t day, int64_t newest)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_DELETE_UNREFERENCED);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, newest);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_verdicts_list(struct txn *txn, int64_t alp_user_id, day_t day, struct verdicts_row **ret_rows, size_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_IDS);
	_cleanup_free_ struct verdicts_row *rows = NULL;
	size_t count = 0;
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	while ((r = query_step(&q)) > 0) {
		rows = array_grow(rows, count, sizeof *rows);
		verdicts_read(&q, &rows[count++]);
	}
	if (r < 0)
		return r;
	*ret_rows = TAKE_PTR(rows);
	*ret_count = count;
	return 0;
}

int
txn_verdicts_set(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id, struct str bytes)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_SET);
	int r;

	bind_blob(&q, bytes);
	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, verdicts_id);
	r = query_run(&q);
	if (r < 0)
		return r;
	return r > 0 ? 0 : -ENOENT;
}
