/* SPDX-License-Identifier: Apache-2.0 */
/* Webhooks that only pretend. */
#include <stdlib.h>

#include "app/webhook.h"
#include "base/alloc.h"
#include "fake_app.h"

const struct webhook_policy *
app_webhook_policy(const struct app *app)
{
	static const struct webhook_policy policy = {.ports = {443}, .port_count = 1};

	(void)app;
	return &policy;
}

static struct webhook_row
row_of(int64_t webhook_id)
{
	return (struct webhook_row){.webhook_id = webhook_id, .url = xstrdup("https://example.org/"), .description = xstrdup(""),
	    .types = 1u << NOTICE_JOB_FINISHED, .created_ms = 1700000000000, .updated_ms = 1700000000000};
}

static void
row_release(struct webhook_row *row)
{
	free(row->url);
	free(row->description);
	*row = (struct webhook_row){0};
}

#define VERB(name)                                                                                                     \
	void app_webhook_##name(struct app *app, struct webhook_##name *v, app_done_fn done, void *arg)                \
	{                                                                                                              \
		v->webhook = row_of(7);                                                                                \
		fake_answer(app, FAKE_ID(v), done, arg);                                                               \
	}                                                                                                              \
	void webhook_##name##_release(struct webhook_##name *v)                                                        \
	{                                                                                                              \
		row_release(&v->webhook);                                                                              \
	}

#define FAKE_ID(v) fake_verdict((v)->webhook_id, NULL)
VERB(get)
VERB(change)
VERB(rotate)
#undef FAKE_ID
#define FAKE_ID(v) fake_verdict((v)->types, NULL)
VERB(create)

void
app_webhook_query(struct app *app, struct webhook_query *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
webhook_query_release(struct webhook_query *v)
{
	(void)v;
}

void
app_webhook_delete(struct app *app, struct webhook_delete *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->webhook_id, NULL), done, arg);
}

void
app_delivery_query(struct app *app, struct delivery_query *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->webhook_id, NULL), done, arg);
}

void
delivery_query_release(struct delivery_query *v)
{
	(void)v;
}

void
app_delivery_send(struct app *app, struct delivery_send *v, app_done_fn done, void *arg)
{
	v->delivery = (struct delivery_row){.delivery_id = 1, .webhook_id = 1, .type = NOTICE_TEST, .state = DELIVERY_PENDING, .next_ms = 1700000000000,
	    .created_ms = 1700000000000, .body = xstrdup("{\"type\":\"webhook.test\",\"timestamp\":\"2023-11-14T22:13:20.000Z\",\"data\":{}}")};
	fake_answer(app, fake_verdict(v->webhook_id != 0 ? v->webhook_id : v->delivery_id, NULL), done, arg);
}

void
delivery_send_release(struct delivery_send *v)
{
	free(v->delivery.body);
	v->delivery.body = NULL;
}

void
app_key_status(struct app *app, struct key_status *v, app_done_fn done, void *arg)
{
	v->count = 1;
	v->rows[0] = (struct key_status_row){.newest = true, .held = true, .lasting = true, .jobs = 3, .webhooks = 1};
	fake_answer(app, 0, done, arg);
}
