/* SPDX-License-Identifier: Apache-2.0 */
/* tokens.c - the verbs of token.h: the store first, then the book, then whoever asked. */
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/token_book.h"
#include "base/alloc.h"
#include "base/log.h"

/* --- made --------------------------------------------------------------------------------------------------------------- */

static int
create_run(struct txn *txn, struct op *op)
{
	struct token_create *v = op->verb;
	unsigned char secret[TOKEN_SECRET_BYTES];
	int r;

	v->token = (struct token_row){.scope = v->scope, .alp_user_id = v->alp_user_id, .read_only = v->read_only,
	    .created_ms = op->now_ms, .expires_ms = v->expires_ms};
	if (v->name != NULL)
		strncpy(v->token.name, v->name, sizeof v->token.name - 1);
	randombytes_buf(secret, sizeof secret);
	token_hash(secret, v->token.hash);
	r = txn_token_insert(txn, &v->token);
	if (r == 0)
		token_text_format(v->token.token_id, secret, v->text);
	secret_wipe(secret, sizeof secret);
	return r;
}

static void
created(struct op *op, int r)
{
	const struct token_create *v = op->verb;

	if (r < 0)
		return;
	token_book_put(op->app->tokens, &v->token);
	log_event(EV_TOKEN_CREATED, LOG_I64("TOKEN_ID", v->token.token_id), LOG_STR("SCOPE", token_scope_name(v->token.scope)),
	    LOG_STR("MODE", v->token.read_only ? "read only" : "read and write"), LOG_I64("ALP_USER_ID", v->token.alp_user_id));
}

void
app_token_create(struct app *app, struct token_create *v, app_done_fn done, void *arg)
{
	app_submit_once(app, v->once, v, create_run, created, done, arg);
}

void
token_create_release(struct token_create *v)
{
	secret_wipe(v->text, sizeof v->text);
}

/* --- looked at ---------------------------------------------------------------------------------------------------------- */

/* The book knows of later uses than the store. */
static void
bring_up_to_date(const struct app *app, struct token_row *token)
{
	token->last_used_ms = MAX_OF(token->last_used_ms, token_book_last_used_ms(app->tokens, token->token_id));
}

static int
get_run(struct txn *txn, struct op *op)
{
	struct token_get *v = op->verb;

	return txn_token_get(txn, v->token_id, &v->token);
}

static void
got(struct op *op, int r)
{
	struct token_get *v = op->verb;

	if (r == 0)
		bring_up_to_date(op->app, &v->token);
}

void
app_token_get(struct app *app, struct token_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, got, done, arg);
}

static int
query_run(struct txn *txn, struct op *op)
{
	struct token_query *v = op->verb;

	return txn_token_list(txn, v->below_id, v->limit, &v->list);
}

static void
queried(struct op *op, int r)
{
	struct token_query *v = op->verb;

	for (size_t i = 0; r == 0 && i < v->list.count; i++)
		bring_up_to_date(op->app, &v->list.rows[i]);
}

void
app_token_query(struct app *app, struct token_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, queried, done, arg);
}

void
token_query_release(struct token_query *v)
{
	token_list_release(&v->list);
}

/* --- revoked ------------------------------------------------------------------------------------------------------------ */

static int
revoke_run(struct txn *txn, struct op *op)
{
	const struct token_revoke *v = op->verb;

	return txn_token_revoke(txn, v->token_id, op->now_ms);
}

static void
revoked(struct op *op, int r)
{
	const struct token_revoke *v = op->verb;

	if (r < 0)
		return;
	token_book_revoke(op->app->tokens, v->token_id);
	log_event(EV_TOKEN_REVOKED, LOG_I64("TOKEN_ID", v->token_id));
}

void
app_token_revoke(struct app *app, struct token_revoke *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, revoke_run, revoked, done, arg);
}

/* --- loaded at the start ------------------------------------------------------------------------------------------------ */

struct loading {
	struct token_query verb;
	app_done_fn done;
	void *arg;
};

static void
loaded(struct op *op, int r)
{
	struct token_query *v = op->verb;

	for (size_t i = 0; r == 0 && i < v->list.count; i++)
		token_book_put(op->app->tokens, &v->list.rows[i]);
}

static void
load_done(int r, void *arg)
{
	struct loading *l = arg;

	l->done(r, l->arg);
	token_query_release(&l->verb);
	free(l);
}

void
app_tokens_load(struct app *app, app_done_fn done, void *arg)
{
	struct loading *l = xcalloc(1, sizeof *l);

	l->done = done;
	l->arg = arg;
	app_submit(app, OP_READ, &l->verb, query_run, loaded, load_done, l);
}

/* --- used --------------------------------------------------------------------------------------------------------------- */

struct flushing {
	struct token_use *uses;
	size_t count;
};

static int
flush_run(struct txn *txn, struct op *op)
{
	const struct flushing *f = op->verb;
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->count; i++)
		r = txn_token_used(txn, f->uses[i].token_id, f->uses[i].at_ms);
	return r;
}

static void
flushed(struct op *op, int r)
{
	const struct flushing *f = op->verb;

	if (r < 0)
		token_book_untake_uses(op->app->tokens, f->uses, f->count);
}

static void
flush_done(int r, void *arg)
{
	struct flushing *f = arg;

	(void)r;
	free(f->uses);
	free(f);
}

void
app_tokens_flush(struct app *app)
{
	struct flushing *f;
	size_t count = 0;
	struct token_use *uses = token_book_take_uses(app->tokens, &count);

	if (uses == NULL)
		return;
	f = xcalloc(1, sizeof *f);
	*f = (struct flushing){uses, count};
	app_submit(app, OP_WRITE, f, flush_run, flushed, flush_done, f);
}

bool
app_has_tokens(const struct app *app)
{
	return token_book_count(app->tokens) > 0;
}

enum token_verdict
app_token_check(struct app *app, struct str text, int64_t now_ms, struct token_holder *ret_holder)
{
	return token_book_check(app->tokens, text, now_ms, ret_holder);
}

bool
app_token_alive(const struct app *app, int64_t token_id, int64_t now_ms)
{
	return token_book_alive(app->tokens, token_id, now_ms);
}
