/* SPDX-License-Identifier: Apache-2.0 */
/* deliveries.c - the verbs of webhook.h about messages: which are due, what became of an attempt, and a person's wish to have one sent. */
#include <errno.h>

#include "app/internal.h"
#include "app/webhook.h"

static int
query_run(struct txn *txn, struct op *op)
{
	struct delivery_query *v = op->verb;
	_cleanup_(webhook_row_release) struct webhook_row webhook = {0};
	int r = txn_webhook_get(txn, v->webhook_id, &webhook);

	return r < 0 ? r : txn_delivery_list(txn, v->webhook_id, v->below_id, v->limit, &v->list);
}

void
app_delivery_query(struct app *app, struct delivery_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
delivery_query_release(struct delivery_query *v)
{
	delivery_list_release(&v->list);
}

/* --- sent at a person's wish -------------------------------------------------------------------------------------------- */

static int
check_enabled(struct txn *txn, int64_t webhook_id)
{
	_cleanup_(webhook_row_release) struct webhook_row webhook = {0};
	int r = txn_webhook_get(txn, webhook_id, &webhook);

	if (r < 0)
		return r;
	return webhook.disabled_ms > 0 ? -EPERM : 0;
}

static int
send_test(struct txn *txn, const struct op *op, struct delivery_send *v)
{
	int64_t delivery_id;
	int r = check_enabled(txn, v->webhook_id);

	if (r == 0)
		r = txn_notice_test(txn, v->webhook_id, op->now_ms, &delivery_id);
	return r < 0 ? r : txn_delivery_get(txn, delivery_id, &v->delivery);
}

static int
send_again(struct txn *txn, const struct op *op, struct delivery_send *v)
{
	int r = txn_delivery_get(txn, v->delivery_id, &v->delivery);

	if (r == 0)
		r = check_enabled(txn, v->delivery.webhook_id);
	if (r < 0)
		return r;
	v->delivery.state = DELIVERY_PENDING;
	v->delivery.attempts = 0;
	v->delivery.next_ms = op->now_ms;
	v->delivery.finished_ms = 0;
	return txn_delivery_move(txn, &v->delivery);
}

static int
send_run(struct txn *txn, struct op *op)
{
	struct delivery_send *v = op->verb;

	return v->delivery_id != 0 ? send_again(txn, op, v) : send_test(txn, op, v);
}

void
app_delivery_send(struct app *app, struct delivery_send *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, send_run, NULL, done, arg);
}

void
delivery_send_release(struct delivery_send *v)
{
	delivery_row_release(&v->delivery);
}

/* --- what is due -------------------------------------------------------------------------------------------------------- */

static int
due_run(struct txn *txn, struct op *op)
{
	struct delivery_due *v = op->verb;
	int r = txn_webhook_list(txn, &v->webhooks);

	v->now_ms = op->now_ms;
	v->next_ms = INT64_MAX;
	for (size_t i = 0; r >= 0 && i < v->webhooks.count; i++) {
		int64_t next_ms = INT64_MAX;

		if (v->webhooks.rows[i].disabled_ms > 0)
			continue;
		r = txn_delivery_due(txn, v->webhooks.rows[i].webhook_id, op->now_ms, v->each, &v->list);
		if (r >= 0)
			r = txn_delivery_next(txn, v->webhooks.rows[i].webhook_id, op->now_ms, &next_ms);
		v->next_ms = MIN_OF(v->next_ms, next_ms);
	}
	return r;
}

void
app_delivery_due(struct app *app, struct delivery_due *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, due_run, NULL, done, arg);
}

void
delivery_due_release(struct delivery_due *v)
{
	webhook_list_release(&v->webhooks);
	delivery_list_release(&v->list);
}

/* --- what became of it -------------------------------------------------------------------------------------------------- */

static void
decide(struct delivery_end *v, uint64_t random, int64_t now_ms)
{
	struct delivery_row *d = &v->delivery;
	struct webhook_decision what;

	d->attempts++;
	what = webhook_decide(&(struct webhook_attempt){
	    .attempts = d->attempts, .status = v->attempt.status, .retry_after_ms = v->retry_after_ms, .random = random});
	v->end = what.end;
	d->state = what.end == WEBHOOK_DELIVERED ? DELIVERY_DELIVERED : what.end == WEBHOOK_AGAIN ? DELIVERY_PENDING : DELIVERY_FAILED;
	d->next_ms = now_ms + what.delay_ms;
	d->finished_ms = d->state == DELIVERY_PENDING ? 0 : MAX_OF(now_ms, 1);
}

static int
end_run(struct txn *txn, struct op *op)
{
	struct delivery_end *v = op->verb;
	int r = txn_delivery_get(txn, v->delivery_id, &v->delivery);

	if (r < 0)
		return r;
	decide(v, op->random, op->now_ms);
	r = txn_attempt_add(txn, v->delivery_id, &v->attempt);
	if (r == 0)
		r = txn_delivery_move(txn, &v->delivery);
	if (r == 0 && v->end == WEBHOOK_GONE)
		r = txn_webhook_switch(txn, v->delivery.webhook_id, "gone", op->now_ms);
	return r;
}

void
app_delivery_end(struct app *app, struct delivery_end *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, end_run, NULL, done, arg);
}

void
delivery_end_release(struct delivery_end *v)
{
	delivery_row_release(&v->delivery);
}
