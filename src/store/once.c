/* SPDX-License-Identifier: Apache-2.0 */
#include "store/once.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/sqlite.h"

void
once_row_release(struct once_row *row)
{
	free(row->key);
	free(row->head);
	free(row->body);
	*row = (struct once_row){0};
}

static int
read_row(struct query *q, struct once_row *row)
{
	struct str asked = column_blob(q), body;

	if (asked.len != sizeof row->asked)
		return -EUCLEAN;
	memcpy(row->asked, asked.p, asked.len);
	row->answered_ms = column_i64(q);
	row->job_id = column_i64(q);
	row->status = column_i32(q);
	row->head = column_text(q);
	if (column_is_null(q))
		return 0;
	body = column_blob(q);
	row->body = xstrndup(body.len > 0 ? body.p : "", body.len);
	row->body_len = body.len;
	return 0;
}

int
txn_once_get(struct txn *txn, int64_t caller, const char *key, struct once_row *ret_row)
{
	_query_ struct query q = query_begin(txn, ST_ONCE_GET);
	struct once_row row = {.caller = caller};
	int r;

	bind_i64(&q, caller);
	bind_text(&q, key);
	r = query_one(&q);
	if (r == 0)
		r = read_row(&q, &row);
	if (r < 0) {
		once_row_release(&row);
		return r;
	}
	row.key = xstrdup(key);
	*ret_row = row;
	return 0;
}

int
txn_once_add(struct txn *txn, const struct once_row *row)
{
	_query_ struct query q = query_begin(txn, ST_ONCE_ADD);
	int r;

	bind_i64(&q, row->caller);
	bind_text(&q, row->key);
	bind_blob(&q, (struct str){(const char *)row->asked, sizeof row->asked});
	bind_i64(&q, row->answered_ms);
	bind_i64(&q, row->job_id);
	bind_i64(&q, row->status);
	bind_text(&q, row->head);
	if (row->body != NULL)
		bind_blob(&q, (struct str){row->body, row->body_len});
	else
		bind_null(&q);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_once_prune(struct txn *txn, int64_t before_ms, int64_t max)
{
	_query_ struct query q = query_begin(txn, ST_ONCE_PRUNE);

	bind_i64(&q, before_ms);
	bind_i64(&q, max);
	return query_run(&q);
}
