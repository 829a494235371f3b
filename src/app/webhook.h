/* SPDX-License-Identifier: Apache-2.0 */
/* webhook.h - who is told of facts by HTTP: made, changed, listed; and their messages, sent and sent again. The conventions are those of app.h.
 *
 * A secret exists in the verb that made it, in the answer to that, and with the receiver; what is stored is sealed to the keeper, which gives it to the
 * worker that signs. Nothing in this process can open it again.
 */
#ifndef RTALP_APP_WEBHOOK_H
#define RTALP_APP_WEBHOOK_H

#include "app/app.h"
#include "base/webhook_sign.h"
#include "queue/webhook_retry.h"
#include "store/webhook.h"

const struct webhook_policy *app_webhook_policy(const struct app *app);

/* -EDQUOT: there are WEBHOOKS_MAX. */
struct webhook_create {
	/* in */
	struct once *once;         /* NULL: none */
	const char *url;           /* that webhook_url_parse() takes */
	const char *description;   /* NULL: none */
	uint32_t types;            /* bits 1 << enum notice_type */
	/* out */
	struct webhook_row webhook;
	char secret[WEBHOOK_SECRET_TEXT_MAX]; /* the only time it is seen */
	/* between the two */
	struct secret *plain;
	struct box_public to;
};
void app_webhook_create(struct app *app, struct webhook_create *v, app_done_fn done, void *arg);
void webhook_create_release(struct webhook_create *v); /* wipes */

/* -ENOENT. */
struct webhook_get {
	int64_t webhook_id;
	/* out */
	struct webhook_row webhook;
};
void app_webhook_get(struct app *app, struct webhook_get *v, app_done_fn done, void *arg);
void webhook_get_release(struct webhook_get *v);

struct webhook_query {
	/* out */
	struct webhook_list list;
};
void app_webhook_query(struct app *app, struct webhook_query *v, app_done_fn done, void *arg);
void webhook_query_release(struct webhook_query *v);

/* -ENOENT. Enabled again, it gets what was pending when it was disabled. */
struct webhook_change {
	/* in */
	int64_t webhook_id;
	const char *url;           /* NULL: as it is, as the next ones */
	const char *description;
	uint32_t types;            /* 0: as they are */
	enum { WEBHOOK_KEEP, WEBHOOK_ENABLE, WEBHOOK_DISABLE } enabled;
	/* out */
	struct webhook_row webhook;
};
void app_webhook_change(struct app *app, struct webhook_change *v, app_done_fn done, void *arg);
void webhook_change_release(struct webhook_change *v);

/* Another secret; the one there was signs besides for a time. -ENOENT. */
struct webhook_rotate {
	/* in */
	struct once *once;
	int64_t webhook_id;
	/* out */
	struct webhook_row webhook;
	char secret[WEBHOOK_SECRET_TEXT_MAX];
	/* between the two */
	struct secret *plain;
	struct box_public to;
};
void app_webhook_rotate(struct app *app, struct webhook_rotate *v, app_done_fn done, void *arg);
void webhook_rotate_release(struct webhook_rotate *v); /* wipes */

/* With every message to it. -ENOENT. */
struct webhook_delete {
	int64_t webhook_id;
};
void app_webhook_delete(struct app *app, struct webhook_delete *v, app_done_fn done, void *arg);

/* Newest first. -ENOENT: no such webhook. */
struct delivery_query {
	int64_t webhook_id;
	int64_t below_id, limit;   /* 0: all */
	/* out */
	struct delivery_list list;
};
void app_delivery_query(struct app *app, struct delivery_query *v, app_done_fn done, void *arg);
void delivery_query_release(struct delivery_query *v);

/* A message of the type webhook.test, or one that was sent before, from the beginning of the schedule. -ENOENT; -EPERM: the webhook is disabled. */
struct delivery_send {
	/* in */
	struct once *once;
	int64_t webhook_id;        /* a test; or */
	int64_t delivery_id;
	/* out */
	struct delivery_row delivery;
};
void app_delivery_send(struct app *app, struct delivery_send *v, app_done_fn done, void *arg);
void delivery_send_release(struct delivery_send *v);

/* --- for the one that delivers ---------------------------------------------------------------------------------------- */

/* What is due, at most `each` to one webhook. */
struct delivery_due {
	/* in */
	int64_t each;
	/* out */
	struct webhook_list webhooks; /* enabled ones */
	struct delivery_list list;
	int64_t next_ms;              /* when more will be; INT64_MAX: nothing is known of */
	int64_t now_ms;
};
void app_delivery_due(struct app *app, struct delivery_due *v, app_done_fn done, void *arg);
void delivery_due_release(struct delivery_due *v);

/* How an attempt ended. -ENOENT: the webhook was deleted meanwhile. */
struct delivery_end {
	/* in */
	int64_t delivery_id;
	int64_t retry_after_ms;
	struct attempt_row attempt;
	/* out */
	enum webhook_end end;
	struct delivery_row delivery;
};
void app_delivery_end(struct app *app, struct delivery_end *v, app_done_fn done, void *arg);
void delivery_end_release(struct delivery_end *v);

#endif
