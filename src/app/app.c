/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "app/internal.h"
#include "app/token_book.h"
#include "app/watch.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"

#define ROOM_ASK_MS 10

struct app *
app_new(const struct app_options *options)
{
	struct app *app = xcalloc(1, sizeof *app);

	app_watch_name_kinds();
	app->options = *options;
	if (getrandom(&app->bits, sizeof app->bits, 0) < 0)
		app->bits = (uint64_t)clock_real_ms();
	app->tokens = token_book_new();
	app->matters.fd = -1;
	app_events_open(app);
	return app;
}

struct app *
app_free(struct app *app)
{
	if (app == NULL)
		return NULL;
	app_waits_free(app);
	hub_free(app->hub);
	token_book_free(app->tokens);
	closep(&app->matters.fd);
	free(app);
	return NULL;
}

void
app_reconfigure(struct app *app, const struct app_options *options)
{
	app->options.max_live_jobs = options->max_live_jobs;
	memcpy(app->options.default_zone, options->default_zone, sizeof app->options.default_zone);
	app->options.units = options->units;
	app->options.pace = options->pace;
	app->options.posting = options->posting;
	app->options.sync = options->sync;
	app->options.webhook_rotation_ms = options->webhook_rotation_ms;
	app->options.backup = options->backup;
	app->options.retention = options->retention;
}

void
app_set_keeper(struct app *app, const struct app_keeper *keeper)
{
	app->keeper = *keeper;
	app->options.single_user_has_key = keeper->single_user.len > 0;
}

const char *
app_default_zone(const struct app *app)
{
	return app->options.default_zone;
}

int64_t
app_single_user(const struct app *app)
{
	return app->options.single_user_id;
}

bool
app_has_key(const struct app *app)
{
	return app->keeper.single_user.len > 0;
}

void
op_promise(struct txn *txn, const struct op *op)
{
	if (op->once == NULL)
		txn_promise(txn);
}

static int
op_run(struct txn *txn, void *arg)
{
	struct op *op = arg;
	int r;

	txn_trace_begin(txn);
	r = op->once != NULL ? once_run(txn, op) : op->run(txn, op);
	op->trace = txn_trace(txn);
	return r;
}

static void
op_done(int r, void *arg)
{
	struct op *op = arg;
	struct app *app = op->app;

	/* Also after a failure: nobody knows then what is stored. */
	versions_raise(&app->versions, &op->trace);
	if (op->after != NULL)
		op->after(op, r);
	if (op->once != NULL && op->once->settled != NULL)
		op->once->settled(op->once);
	app->completing = op;
	op->done(r, op->arg);
	app->completing = NULL;
	free(op);
}

/* They only spread retries; no secret depends on them. One system call for all there will be: splitmix64 goes on from a random beginning. */
static uint64_t
fresh_bits(struct app *app)
{
	uint64_t z = app->bits += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

bool
app_has_room(struct app *app)
{
	int64_t now_ms = clock_mono_ms();

	/* A yes is as good as new for a moment; who was refused may come again at once. */
	if (!app->has_room || now_ms - app->room_asked_ms >= ROOM_ASK_MS) {
		app->has_room = store_has_room(app->options.store);
		app->room_asked_ms = now_ms;
	}
	return app->has_room;
}

static struct op *
op_new(struct app *app, void *verb, app_done_fn done, void *arg)
{
	struct op *op = xcalloc(1, sizeof *op);

	op->app = app;
	op->options = app->options;
	op->version_before = app->versions.now;
	op->now_ms = clock_real_ms();
	op->random = fresh_bits(app);
	op->verb = verb;
	op->done = done;
	op->arg = arg;
	return op;
}

void
app_submit(struct app *app, enum op_kind kind, void *verb, int (*run)(struct txn *, struct op *), void (*after)(struct op *, int),
    app_done_fn done, void *arg)
{
	struct op *op = op_new(app, verb, done, arg);

	op->run = run;
	op->after = after;
	if (kind == OP_WRITE)
		store_write(app->options.store, op_run, op_done, op);
	else
		store_read(app->options.store, op_run, op_done, op);
}

void
app_submit_once(struct app *app, struct once *once, void *verb, int (*run)(struct txn *, struct op *),
    void (*after)(struct op *, int), app_done_fn done, void *arg)
{
	struct op *op = op_new(app, verb, done, arg);

	op->once = once;
	op->run = run;
	op->after = after;
	store_write(app->options.store, op_run, op_done, op);
}

void
app_fingerprint(const struct app *app, const struct str *parts, size_t count, unsigned char ret_hash[FINGERPRINT_BYTES])
{
	store_fingerprint(app->options.store, parts, count, ret_hash);
}

static int
answer_run(struct txn *txn, struct op *op)
{
	(void)txn;
	return (int)(intptr_t)op->verb;
}

void
app_answer_later(struct app *app, int r, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, (void *)(intptr_t)r, answer_run, NULL, done, arg);
}

int
txn_user_today(struct txn *txn, const struct app_options *options, int64_t alp_user_id, int64_t now_ms, struct user_row *ret_user,
    day_t *ret_today)
{
	int r = txn_user_get(txn, alp_user_id, ret_user);

	if (r == -ENOENT)
		*ret_user = (struct user_row){.alp_user_id = alp_user_id};
	else if (r < 0)
		return r;
	r = -ENOENT;
	if (ret_user->time_zone[0] != '\0')
		r = zone_day(ret_user->time_zone, now_ms, ret_today);
	/* A zone that the database no longer knows falls back to the firm's. */
	if (r < 0)
		r = zone_day(options->default_zone, now_ms, ret_today);
	return r;
}

int
txn_check_queue_room(struct txn *txn, const struct app_options *options)
{
	int64_t live = 0;
	int r = txn_job_live_count(txn, &live);

	if (r < 0)
		return r;
	return live >= options->max_live_jobs ? -EDQUOT : 0;
}

static int
probe_run(struct txn *txn, struct op *op)
{
	int64_t live;

	(void)op;
	return txn_job_live_count(txn, &live);
}

void
app_probe(struct app *app, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, NULL, probe_run, NULL, done, arg);
}
