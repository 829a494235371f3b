/* SPDX-License-Identifier: Apache-2.0 */
#include "store/webhook.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

void
webhook_row_release(struct webhook_row *webhook)
{
	free(webhook->url);
	free(webhook->description);
	*webhook = (struct webhook_row){0};
}

void
webhook_list_release(struct webhook_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		webhook_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct webhook_list){0};
}

void
delivery_row_release(struct delivery_row *delivery)
{
	free(delivery->body);
	free(delivery->log);
	*delivery = (struct delivery_row){0};
}

void
delivery_list_release(struct delivery_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		delivery_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct delivery_list){0};
}

/* --- webhooks ----------------------------------------------------------------------------------------------------------- */

#define IDS_BYTES ((size_t)2 * BOX_ID_BYTES)

/* In one column: key_id, seal_id, what is sealed. */
struct packed {
	unsigned char bytes[IDS_BYTES + BOX_MAX];
};

static struct str
pack(const struct box *box, struct packed *p)
{
	memcpy(p->bytes, box->key_id, BOX_ID_BYTES);
	memcpy(p->bytes + BOX_ID_BYTES, box->seal_id, BOX_ID_BYTES);
	memcpy(p->bytes + IDS_BYTES, box->bytes, box->len);
	return box_str(p->bytes, IDS_BYTES + box->len);
}

static void
box_read(struct query *q, struct box *ret)
{
	struct str packed = column_blob(q);

	*ret = (struct box){.len = 0};
	if (packed.len <= IDS_BYTES || packed.len > IDS_BYTES + sizeof ret->bytes)
		return;
	ret->len = packed.len - IDS_BYTES;
	memcpy(ret->key_id, packed.p, BOX_ID_BYTES);
	memcpy(ret->seal_id, packed.p + BOX_ID_BYTES, BOX_ID_BYTES);
	memcpy(ret->bytes, packed.p + IDS_BYTES, ret->len);
}

static void
webhook_read(struct query *q, struct webhook_row *ret)
{
	*ret = (struct webhook_row){.webhook_id = column_i64(q)};
	ret->url = column_text(q);
	ret->description = column_text(q);
	ret->types = (uint32_t)column_i64(q);
	box_read(q, &ret->secret);
	box_read(q, &ret->old_secret);
	ret->old_until_ms = column_i64(q);
	ret->disabled_ms = column_i64(q);
	column_text_into(q, ret->disabled_code, sizeof ret->disabled_code);
	ret->created_ms = column_i64(q);
	ret->updated_ms = column_i64(q);
}

static int
webhook_count(struct txn *txn, int64_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_COUNT);
	int r = query_one(&q);

	if (r == 0)
		*ret_count = column_i64(&q);
	return r;
}

int
txn_webhook_number(struct txn *txn, int64_t *ret_webhook_id)
{
	int64_t count = 0;
	int r = webhook_count(txn, &count);

	if (r == 0 && count >= WEBHOOKS_MAX)
		r = -EDQUOT;
	return r < 0 ? r : counter_next(txn, "webhook_id", ret_webhook_id);
}

int
txn_webhook_insert(struct txn *txn, struct webhook_row *webhook)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_INSERT);
	struct packed packed;
	int r;

	bind_i64(&q, webhook->webhook_id);
	bind_text(&q, webhook->url);
	bind_text(&q, webhook->description);
	bind_i64(&q, webhook->types);
	bind_blob(&q, pack(&webhook->secret, &packed));
	bind_i64(&q, webhook->created_ms);
	bind_i64(&q, webhook->created_ms);
	r = query_run(&q);
	if (r < 0)
		return r;
	webhook->updated_ms = webhook->created_ms;
	return 0;
}

int
txn_webhook_get(struct txn *txn, int64_t webhook_id, struct webhook_row *ret_webhook)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_GET);
	int r;

	bind_i64(&q, webhook_id);
	r = query_one(&q);
	if (r == 0)
		webhook_read(&q, ret_webhook);
	return r;
}

int
txn_webhook_list(struct txn *txn, struct webhook_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_LIST);
	_cleanup_(webhook_list_release) struct webhook_list list = {0};
	int r;

	while ((r = query_step(&q)) > 0) {
		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		webhook_read(&q, &list.rows[list.count++]);
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct webhook_list){0};
	return 0;
}

static int
changed_one(int r)
{
	if (r < 0)
		return r;
	return r > 0 ? 0 : -ENOENT;
}

int
txn_webhook_update(struct txn *txn, const struct webhook_row *webhook)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_UPDATE);

	bind_text(&q, webhook->url);
	bind_text(&q, webhook->description);
	bind_i64(&q, webhook->types);
	bind_i64(&q, webhook->updated_ms);
	bind_i64(&q, webhook->webhook_id);
	return changed_one(query_run(&q));
}

int
txn_webhook_rotate(struct txn *txn, int64_t webhook_id, const struct box *secret, int64_t old_until_ms, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_ROTATE);
	struct packed packed;

	bind_i64(&q, old_until_ms);
	bind_blob(&q, pack(secret, &packed));
	bind_i64(&q, now_ms);
	bind_i64(&q, webhook_id);
	return changed_one(query_run(&q));
}

int
txn_webhook_reseal(struct txn *txn, int64_t webhook_id, const struct box *old, const struct box *fresh)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_RESEAL);
	struct packed was, is;

	bind_blob(&q, pack(fresh, &is));
	bind_blob(&q, pack(old, &was));
	bind_i64(&q, webhook_id);
	return changed_one(query_run(&q));
}

int
txn_webhook_switch(struct txn *txn, int64_t webhook_id, const char *code, int64_t now_ms)
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_SWITCH);

	txn->noticed = txn->noticed || code == NULL;
	bind_i64(&q, code != NULL ? MAX_OF(now_ms, 1) : 0);
	bind_text(&q, code);
	bind_i64(&q, now_ms);
	bind_i64(&q, webhook_id);
	return changed_one(query_run(&q));
}

static int
run_with_id(struct txn *txn, enum statement_id id, int64_t number)
{
	_query_ struct query q = query_begin(txn, id);

	bind_i64(&q, number);
	return query_run(&q);
}

int
txn_webhook_delete(struct txn *txn, int64_t webhook_id)
{
	int r = run_with_id(txn, ST_ATTEMPT_DELETE_OF, webhook_id);

	if (r >= 0)
		r = run_with_id(txn, ST_DELIVERY_DELETE_OF, webhook_id);
	return r < 0 ? r : changed_one(run_with_id(txn, ST_WEBHOOK_DELETE, webhook_id));
}

/* --- messages ----------------------------------------------------------------------------------------------------------- */

static void
delivery_read(struct query *q, struct delivery_row *ret)
{
	*ret = (struct delivery_row){.delivery_id = column_i64(q)};
	ret->webhook_id = column_i64(q);
	column_text_into(q, ret->message_id, sizeof ret->message_id);
	ret->type = (enum notice_type)column_i32(q);
	ret->body = column_text(q);
	ret->state = (enum delivery_state)column_i32(q);
	ret->attempts = column_i32(q);
	ret->next_ms = column_i64(q);
	ret->created_ms = column_i64(q);
	ret->finished_ms = column_i64(q);
}

static int
load_log(struct txn *txn, struct delivery_row *delivery)
{
	_query_ struct query q = query_begin(txn, ST_ATTEMPT_LIST);
	int r;

	bind_i64(&q, delivery->delivery_id);
	while ((r = query_step(&q)) > 0) {
		struct attempt_row *a;

		delivery->log = array_grow(delivery->log, delivery->log_count, sizeof *delivery->log);
		a = &delivery->log[delivery->log_count++];
		*a = (struct attempt_row){.at_ms = column_i64(&q)};
		a->took_ms = column_i64(&q);
		a->status = column_i32(&q);
		column_text_into(&q, a->code, sizeof a->code);
		column_text_into(&q, a->detail, sizeof a->detail);
	}
	return r;
}

int
txn_delivery_get(struct txn *txn, int64_t delivery_id, struct delivery_row *ret_delivery)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_GET);
	_cleanup_(delivery_row_release) struct delivery_row delivery = {0};
	int r;

	bind_i64(&q, delivery_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	delivery_read(&q, &delivery);
	r = load_log(txn, &delivery);
	if (r < 0)
		return r;
	*ret_delivery = delivery;
	delivery = (struct delivery_row){0};
	return 0;
}

static int
take_rows(struct query *q, struct delivery_list *list)
{
	int r;

	while ((r = query_step(q)) > 0) {
		list->rows = array_grow(list->rows, list->count, sizeof *list->rows);
		delivery_read(q, &list->rows[list->count++]);
	}
	return r;
}

int
txn_delivery_list(struct txn *txn, int64_t webhook_id, int64_t below_id, int64_t limit, struct delivery_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_LIST);
	_cleanup_(delivery_list_release) struct delivery_list list = {0};
	int r;

	bind_i64(&q, webhook_id);
	bind_i64(&q, below_id > 0 ? below_id : INT64_MAX);
	bind_i64(&q, limit > 0 ? limit : -1);
	r = take_rows(&q, &list);
	for (size_t i = 0; r >= 0 && i < list.count; i++)
		r = load_log(txn, &list.rows[i]);
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct delivery_list){0};
	return 0;
}

int
txn_delivery_due(struct txn *txn, int64_t webhook_id, int64_t now_ms, int64_t limit, struct delivery_list *list)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_DUE);

	bind_i64(&q, webhook_id);
	bind_i64(&q, now_ms);
	bind_i64(&q, limit);
	return take_rows(&q, list);
}

int
txn_delivery_next(struct txn *txn, int64_t webhook_id, int64_t now_ms, int64_t *ret_next_ms)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_NEXT);
	int r;

	bind_i64(&q, webhook_id);
	bind_i64(&q, now_ms);
	r = query_one(&q);
	if (r == 0)
		*ret_next_ms = column_is_null(&q) ? INT64_MAX : column_i64(&q);
	return r;
}

int
txn_delivery_move(struct txn *txn, const struct delivery_row *delivery)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_MOVE);

	txn->noticed = txn->noticed || delivery->state == DELIVERY_PENDING;
	bind_i64(&q, delivery->state);
	bind_i64(&q, delivery->attempts);
	bind_i64(&q, delivery->next_ms);
	bind_i64(&q, delivery->finished_ms);
	bind_i64(&q, delivery->delivery_id);
	return changed_one(query_run(&q));
}

int
txn_delivery_shift_due(struct txn *txn, int64_t webhook_id, int64_t now_ms, int64_t by_ms)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_SHIFT);
	int r;

	bind_i64(&q, by_ms);
	bind_i64(&q, webhook_id);
	bind_i64(&q, now_ms);
	r = query_run(&q);
	txn->noticed = txn->noticed || r > 0;
	return r < 0 ? r : 0;
}

int
txn_attempt_add(struct txn *txn, int64_t delivery_id, const struct attempt_row *attempt)
{
	_query_ struct query q = query_begin(txn, ST_ATTEMPT_ADD), trim = query_begin(txn, ST_ATTEMPT_TRIM);
	int r;

	bind_i64(&q, delivery_id);
	bind_i64(&q, attempt->at_ms);
	bind_i64(&q, attempt->took_ms);
	bind_i64(&q, attempt->status);
	bind_text(&q, attempt->code[0] != '\0' ? attempt->code : NULL);
	bind_text(&q, attempt->detail[0] != '\0' ? attempt->detail : NULL);
	r = query_run(&q);
	if (r < 0)
		return r;
	bind_i64(&trim, delivery_id);
	bind_i64(&trim, WEBHOOK_ATTEMPTS_KEPT);
	r = query_run(&trim);
	return r < 0 ? r : 0;
}

int
txn_delivery_prune(struct txn *txn, int64_t before_ms, int64_t limit)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_FINISHED);
	_cleanup_free_ int64_t *ids = xcalloc((size_t)limit, sizeof *ids);
	int count = 0, r;

	bind_i64(&q, before_ms);
	bind_i64(&q, limit);
	while ((r = query_step(&q)) > 0 && count < limit)
		ids[count++] = column_i64(&q);
	for (int i = 0; r >= 0 && i < count; i++) {
		r = run_with_id(txn, ST_ATTEMPT_DELETE, ids[i]);
		if (r >= 0)
			r = run_with_id(txn, ST_DELIVERY_DELETE, ids[i]);
	}
	return r < 0 ? r : count;
}
