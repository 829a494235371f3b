/* SPDX-License-Identifier: Apache-2.0 */
#include "app/person.h"

#include <errno.h>

#include "app/internal.h"
#include "app/token_book.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/backup.h"

#define TOKENS_WALKED 100000

static int
write_down(struct txn *txn, const struct op *op, const struct actor *actor, enum audit_action action, int64_t alp_user_id)
{
	return txn_audit(txn, &(struct audit_row){.at_ms = op->now_ms, .actor = *actor, .action = action, .alp_user_id = alp_user_id});
}

/* --- handing out ---------------------------------------------------------------------------------------------------------- */

static int
export_run(struct txn *txn, struct op *op)
{
	struct person_export *v = op->verb;

	v->out.b = BUF_INIT(PERSON_EXPORT_MAX);
	return txn_person_export(txn, v->alp_user_id, op->now_ms, &v->out.b);
}

static void
export_after(struct op *op, int r)
{
	if (r == 0)
		log_event(EV_USER_EXPORTED, LOG_I64("ALP_USER_ID", ((const struct person_export *)op->verb)->alp_user_id));
}

static int
note_run(struct txn *txn, struct op *op)
{
	const struct person_export *v = op->verb;

	return write_down(txn, op, &v->actor, AUDIT_EXPORT, v->alp_user_id);
}

static void
noted(int r, void *arg)
{
	struct person_export *v = arg;

	if (r < 0)
		v->done(r, v->arg);
	else
		app_submit(v->app, OP_READ, v, export_run, export_after, v->done, v->arg);
}

void
app_person_export(struct app *app, struct person_export *v, app_done_fn done, void *arg)
{
	v->app = app;
	v->done = done;
	v->arg = arg;
	app_submit(app, OP_WRITE, v, note_run, NULL, noted, v);
}

void
person_export_release(struct person_export *v)
{
	buf_release(&v->out.b);
}

/* --- erasing -------------------------------------------------------------------------------------------------------------- */

static int
erase_run(struct txn *txn, struct op *op)
{
	struct person_erase *v = op->verb;
	int r = store_is_backing_up(op->app->options.store) ? -EALREADY : txn_person_busy(txn, v->alp_user_id, &v->busy);

	if (r == 0 && (v->busy.postings > 0 || v->busy.jobs > 0))
		return -EPERM;
	if (r == 0)
		r = txn_token_list(txn, INT64_MAX, TOKENS_WALKED, &v->tokens);
	if (r == 0)
		r = txn_person_erase(txn, v->alp_user_id, op->now_ms);
	return r < 0 ? r : write_down(txn, op, &v->actor, AUDIT_ERASE, v->alp_user_id);
}

static void
erase_after(struct op *op, int r)
{
	const struct person_erase *v = op->verb;

	if (r < 0)
		return;
	for (size_t i = 0; i < v->tokens.count; i++)
		if (v->tokens.rows[i].alp_user_id == v->alp_user_id)
			token_book_revoke(op->app->tokens, v->tokens.rows[i].token_id);
	log_event(EV_USER_ERASED, LOG_I64("ALP_USER_ID", v->alp_user_id));
}

void
app_person_erase(struct app *app, struct person_erase *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, erase_run, erase_after, done, arg);
}

void
person_erase_release(struct person_erase *v)
{
	token_list_release(&v->tokens);
}
