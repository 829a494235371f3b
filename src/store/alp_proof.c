/* SPDX-License-Identifier: Apache-2.0 */
#include "store/alp_proof.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/sqlite.h"

void
alp_proof_release(struct alp_proof_row *row)
{
	free(row->differences);
	*row = (struct alp_proof_row){0};
}

void
alp_proof_list_release(struct alp_proof_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		alp_proof_release(&list->rows[i]);
	free(list->rows);
	*list = (struct alp_proof_list){0};
}

int
txn_alp_proof_put(struct txn *txn, const struct alp_proof_row *row)
{
	_query_ struct query q = query_begin(txn, ST_ALP_PROOF_PUT);
	int r;

	bind_user(&q, row->alp_user_id);
	bind_i64(&q, row->day);
	bind_i64(&q, row->proved_ms);
	bind_i64(&q, row->posted_units);
	bind_i64(&q, row->alp_units);
	bind_i64(&q, row->difference_count);
	bind_text(&q, row->differences);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
read_all(struct query *q, struct alp_proof_list *list)
{
	int r;

	while ((r = query_step(q)) > 0) {
		struct alp_proof_row *row;

		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		row = &list->rows[list->count++];
		row->alp_user_id = column_i64(q);
		row->day = column_i32(q);
		row->proved_ms = column_i64(q);
		row->posted_units = column_i64(q);
		row->alp_units = column_i64(q);
		row->difference_count = column_i64(q);
		row->differences = column_text(q);
	}
	return r;
}

int
txn_alp_proof_list(struct txn *txn, const struct alp_proof_filter *f, struct alp_proof_list *ret_list)
{
	_query_ struct query q = query_begin(txn, f->alp_user_id != 0 ? ST_ALP_PROOF_LIST_USER : ST_ALP_PROOF_LIST_ALL);
	_cleanup_(alp_proof_list_release) struct alp_proof_list list = {0};
	int r;

	if (f->alp_user_id != 0)
		bind_user(&q, f->alp_user_id);
	bind_i64(&q, f->from);
	bind_i64(&q, f->to);
	bind_i64(&q, f->differing ? 1 : 0);
	bind_i64(&q, f->limit > 0 ? f->limit : -1);
	r = read_all(&q, &list);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct alp_proof_list){0};
	return 0;
}

int
txn_alp_proof_day(struct txn *txn, day_t *ret_day)
{
	_query_ struct query q = query_begin(txn, ST_ALP_PROOF_DAY);
	int r = query_one(&q);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret_day = r == 0 ? column_i32(&q) : 0;
	return 0;
}

int
txn_alp_proof_set_day(struct txn *txn, day_t day)
{
	_query_ struct query q = query_begin(txn, ST_ALP_PROOF_SET_DAY);
	int r;

	bind_i64(&q, day);
	r = query_run(&q);
	return r < 0 ? r : 0;
}
