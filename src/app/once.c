/* SPDX-License-Identifier: Apache-2.0 */
#include "app/once.h"

#include <errno.h>

#include "app/internal.h"

static bool
is_same(const struct once *o, const struct once_row *row)
{
	return memcmp(row->asked, o->asked, sizeof row->asked) == 0;
}

static int
tell(struct once *o, const struct once_row *row)
{
	if (!is_same(o, row)) {
		o->outcome = ONCE_SEEN_OTHER;
	} else if (row->body == NULL) {
		o->outcome = ONCE_SEEN_SECRET;
	} else {
		o->outcome = ONCE_SEEN;
		o->answer = ONCE_ANSWER_INIT;
		o->answer.status = row->status;
		buf_addz(&o->answer.head, row->head);
		buf_add(&o->answer.body, row->body, row->body_len);
	}
	return -EEXIST;
}

static int
see(struct txn *txn, struct op *op, const struct once_row *row)
{
	struct once *o = op->once;
	int r = 0;

	if (o->again != NULL && row->job_id != 0 && is_same(o, row))
		r = o->again(txn, op, row->job_id);
	if (r != 0)
		return MIN_OF(r, 0);
	return tell(o, row);
}

static int
keep(struct txn *txn, const struct op *op)
{
	struct once *o = op->once;
	struct once_row row = {.caller = o->caller, .key = o->key, .answered_ms = op->now_ms, .job_id = o->job_id};

	o->answer = ONCE_ANSWER_INIT;
	o->render(op->verb, &o->answer);
	if (o->answer.head.error < 0 || o->answer.body.error < 0)
		return -E2BIG;
	memcpy(row.asked, o->asked, sizeof row.asked);
	row.status = o->answer.status;
	row.head = o->answer.head.len > 0 ? o->answer.head.p : (char[]){""};
	row.body = o->secret ? NULL : o->answer.body.len > 0 ? o->answer.body.p : (char[]){""};
	row.body_len = o->answer.body.len;
	return txn_once_add(txn, &row);
}

int
once_run(struct txn *txn, struct op *op)
{
	_cleanup_(once_row_release) struct once_row row = {0};
	struct once *o = op->once;
	int r = txn_once_get(txn, o->caller, o->key, &row);

	if (r == 0)
		return see(txn, op, &row);
	if (r != -ENOENT)
		return r;
	r = op->run(txn, op);
	if (r < 0)
		return r;
	r = keep(txn, op);
	if (r == 0)
		o->outcome = ONCE_RAN;
	return r;
}
