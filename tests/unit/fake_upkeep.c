/* SPDX-License-Identifier: Apache-2.0 */
/* What an operator does for the store, pretended. */
#include "app/person.h"
#include "app/upkeep.h"
#include "fake_app.h"

#include <errno.h>

void
app_backup(struct app *app, struct backup_make *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, -EALREADY, done, arg);
}

void
backup_make_release(struct backup_make *v)
{
	(void)v;
}

void
app_backup_query(struct app *app, struct backup_query *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
backup_query_release(struct backup_query *v)
{
	(void)v;
}

void
app_store_look(struct app *app, struct store_look *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
store_look_release(struct store_look *v)
{
	(void)v;
}

void
app_prune_all(struct app *app, struct prune_all *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
app_posting_held(struct app *app, struct posting_held *v, app_done_fn done, void *arg)
{
	v->state.until_day = -1;
	fake_answer(app, 0, done, arg);
}

void
app_posting_go_on(struct app *app, struct posting_held *v, app_done_fn done, void *arg)
{
	app_posting_held(app, v, done, arg);
}

void
posting_held_release(struct posting_held *v)
{
	(void)v;
}

void
app_person_export(struct app *app, struct person_export *v, app_done_fn done, void *arg)
{
	v->out = JSON_INIT;
	json_open(&v->out, NULL, '{');
	json_text(&v->out, "format", "rtalp-export-1");
	json_int(&v->out, "alp_user_id", v->alp_user_id);
	json_instant(&v->out, "exported_at", 1700000000000);
	json_close(&v->out, '}');
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
person_export_release(struct person_export *v)
{
	buf_release(&v->out.b);
}

void
app_person_erase(struct app *app, struct person_erase *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
person_erase_release(struct person_erase *v)
{
	(void)v;
}

bool
posting_body_is_erased(const char *body)
{
	(void)body;
	return false;
}
