/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of the outbox, of a daemon that has no ALP. */
#include <errno.h>
#include <stdlib.h>

#include "app/posting.h"
#include "fake_app.h"

bool
app_posting_configured(const struct app *app)
{
	(void)app;
	return false;
}

int64_t
app_posting_wait_ms(const struct app *app)
{
	(void)app;
	return 0;
}

struct app_wait *
app_wait_postings(struct app *app, const int64_t *ids, size_t count, int64_t timeout_ms, app_done_fn done, void *arg)
{
	(void)ids;
	(void)count;
	return app_wait(app, 0, 0, timeout_ms, done, arg);
}

void
app_post_submit(struct app *app, struct post_submit *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, -ENOENT, done, arg);
}

void
app_post_look(struct app *app, struct post_submit *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, -ENOENT, done, arg);
}

void
post_submit_release(struct post_submit *v)
{
	for (size_t i = 0; i < v->count; i++)
		post_fields_release(&v->items[i].fields);
	free(v->items);
	v->items = NULL;
	v->count = 0;
}

void
posting_row_release(struct posting_row *posting)
{
	(void)posting;
}

void
app_posting_get(struct app *app, struct posting_get *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, -ENOENT, done, arg);
}

void
posting_get_release(struct posting_get *v)
{
	(void)v;
}

void
app_posting_query(struct app *app, struct posting_query *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
posting_query_release(struct posting_query *v)
{
	(void)v;
}

void
app_posting_resolve(struct app *app, struct posting_resolve *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, -ENOENT, done, arg);
}

void
posting_resolve_release(struct posting_resolve *v)
{
	(void)v;
}
