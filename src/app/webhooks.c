/* SPDX-License-Identifier: Apache-2.0 */
/* webhooks.c - the verbs of webhook.h that people use. */
#include <errno.h>
#include <stdlib.h>

#include "app/internal.h"
#include "app/webhook.h"
#include "base/alloc.h"
#include "base/log.h"

/* whsec_ and the base64 of 32 bytes. */
#define FRESH_TEXT_LEN 50

_Static_assert(2 * BOX_ID_BYTES + BOX_OVERHEAD + BOX_HEAD_BYTES + FRESH_TEXT_LEN <= WEBHOOK_SEALED_MAX, "a sealed secret fits");

const struct webhook_policy *
app_webhook_policy(const struct app *app)
{
	return &app->options.webhooks;
}

/* On the loop, before the verb goes to the store. */
static int
make_secret(const struct app *app, char ret_text[WEBHOOK_SECRET_TEXT_MAX], struct secret **ret_plain, struct box_public *ret_to)
{
	struct webhook_secret secret;

	webhook_secret_make(&secret);
	webhook_secret_format(&secret, ret_text);
	webhook_secret_wipe(&secret);
	*ret_to = *app_keeper_of_webhooks(&app->keeper);
	return secret_new(str_of(ret_text), ret_plain);
}

/* --- made --------------------------------------------------------------------------------------------------------------- */

static int
create_run(struct txn *txn, struct op *op)
{
	struct webhook_create *v = op->verb;
	int r;

	webhook_row_release(&v->webhook);
	v->webhook = (struct webhook_row){.url = xstrdup(v->url), .description = xstrdup(v->description != NULL ? v->description : ""),
	    .types = v->types, .created_ms = op->now_ms};
	r = txn_webhook_number(txn, &v->webhook.webhook_id);
	/* For that one and no other, so it has its number before. */
	if (r == 0)
		r = box_seal(&v->to, BOX_WEBHOOK_SECRET, v->webhook.webhook_id, v->plain, &v->webhook.secret);
	return r < 0 ? r : txn_webhook_insert(txn, &v->webhook);
}

static void
created(struct op *op, int r)
{
	const struct webhook_create *v = op->verb;

	if (r == 0)
		log_event(EV_WEBHOOK_CREATED, LOG_I64("WEBHOOK_ID", v->webhook.webhook_id));
}

void
app_webhook_create(struct app *app, struct webhook_create *v, app_done_fn done, void *arg)
{
	int r = make_secret(app, v->secret, &v->plain, &v->to);

	if (r < 0)
		app_answer_later(app, r, done, arg);
	else
		app_submit_once(app, v->once, v, create_run, created, done, arg);
}

void
webhook_create_release(struct webhook_create *v)
{
	secret_wipe(v->secret, sizeof v->secret);
	v->plain = secret_free(v->plain);
	webhook_row_release(&v->webhook);
}

static int
rotate_run(struct txn *txn, struct op *op)
{
	struct webhook_rotate *v = op->verb;
	struct box box;
	int r = box_seal(&v->to, BOX_WEBHOOK_SECRET, v->webhook_id, v->plain, &box);

	if (r == 0)
		r = txn_webhook_rotate(txn, v->webhook_id, &box, op->now_ms + op->options.webhook_rotation_ms, op->now_ms);
	return r < 0 ? r : txn_webhook_get(txn, v->webhook_id, &v->webhook);
}

static void
rotated(struct op *op, int r)
{
	const struct webhook_rotate *v = op->verb;

	if (r == 0)
		log_event(EV_WEBHOOK_ROTATED, LOG_I64("WEBHOOK_ID", v->webhook_id));
}

void
app_webhook_rotate(struct app *app, struct webhook_rotate *v, app_done_fn done, void *arg)
{
	int r = make_secret(app, v->secret, &v->plain, &v->to);

	if (r < 0)
		app_answer_later(app, r, done, arg);
	else
		app_submit_once(app, v->once, v, rotate_run, rotated, done, arg);
}

void
webhook_rotate_release(struct webhook_rotate *v)
{
	secret_wipe(v->secret, sizeof v->secret);
	v->plain = secret_free(v->plain);
	webhook_row_release(&v->webhook);
}

/* --- looked at ---------------------------------------------------------------------------------------------------------- */

static int
get_run(struct txn *txn, struct op *op)
{
	struct webhook_get *v = op->verb;

	return txn_webhook_get(txn, v->webhook_id, &v->webhook);
}

void
app_webhook_get(struct app *app, struct webhook_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, NULL, done, arg);
}

void
webhook_get_release(struct webhook_get *v)
{
	webhook_row_release(&v->webhook);
}

static int
query_run(struct txn *txn, struct op *op)
{
	struct webhook_query *v = op->verb;

	return txn_webhook_list(txn, &v->list);
}

void
app_webhook_query(struct app *app, struct webhook_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
webhook_query_release(struct webhook_query *v)
{
	webhook_list_release(&v->list);
}

/* --- changed ------------------------------------------------------------------------------------------------------------ */

static void
replace(char **text, const char *with)
{
	if (with == NULL)
		return;
	free(*text);
	*text = xstrdup(with);
}

static int
switch_it(struct txn *txn, const struct webhook_change *v, int64_t now_ms)
{
	bool enabled = v->webhook.disabled_ms == 0;

	if (v->enabled == WEBHOOK_KEEP || enabled == (v->enabled == WEBHOOK_ENABLE))
		return 0;
	return txn_webhook_switch(txn, v->webhook_id, enabled ? "by_hand" : NULL, now_ms);
}

static int
change_run(struct txn *txn, struct op *op)
{
	struct webhook_change *v = op->verb;
	int r = txn_webhook_get(txn, v->webhook_id, &v->webhook);

	if (r < 0)
		return r;
	replace(&v->webhook.url, v->url);
	replace(&v->webhook.description, v->description);
	if (v->types != 0)
		v->webhook.types = v->types;
	v->webhook.updated_ms = op->now_ms;
	r = txn_webhook_update(txn, &v->webhook);
	if (r == 0)
		r = switch_it(txn, v, op->now_ms);
	if (r < 0)
		return r;
	webhook_row_release(&v->webhook);
	return txn_webhook_get(txn, v->webhook_id, &v->webhook);
}

void
app_webhook_change(struct app *app, struct webhook_change *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, change_run, NULL, done, arg);
}

void
webhook_change_release(struct webhook_change *v)
{
	webhook_row_release(&v->webhook);
}

static int
delete_run(struct txn *txn, struct op *op)
{
	struct webhook_delete *v = op->verb;

	return txn_webhook_delete(txn, v->webhook_id);
}

static void
deleted(struct op *op, int r)
{
	const struct webhook_delete *v = op->verb;

	if (r == 0)
		log_event(EV_WEBHOOK_DELETED, LOG_I64("WEBHOOK_ID", v->webhook_id));
}

void
app_webhook_delete(struct app *app, struct webhook_delete *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, delete_run, deleted, done, arg);
}
