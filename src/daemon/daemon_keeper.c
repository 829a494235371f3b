/* SPDX-License-Identifier: Apache-2.0 */
/* daemon_keeper.c - the keeper's start, and who is told what it says: verbs seal to it, spawners speak with it, workers get their keys from it. */
#include <stdlib.h>

#include "app/run.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/secret_file.h"
#include "daemon/daemon_internal.h"

/* Of the store's name: the keeper's file there. */
#define WEBHOOK_KEY_SUFFIX ".keeper-key"

static void
checked(int r, void *arg)
{
	struct key_check *v = arg;

	for (size_t i = 0; r == 0 && i < v->lost.count; i++)
		log_event(EV_JOB_KEY_LOST, LOG_I64("JOB_ID", v->lost.rows[i].job_id), LOG_I64("ALP_USER_ID", v->lost.rows[i].alp_user_id));
	key_check_release(v);
	free(v);
}

/* The first one, or one in the place of another. */
static void
on_ready(void *arg, const struct app_keeper *keeper)
{
	struct daemon *d = arg;

	d->keeper_known = *keeper;
	if (d->app != NULL) {
		struct key_check *v = xcalloc(1, sizeof *v);

		app_set_keeper(d->app, keeper);
		app_key_check(d->app, v, checked, v);
	}
	if (d->resealer != NULL)
		resealer_begin(d->resealer);
	if (d->supervisor != NULL)
		supervisor_keeper_changed(d->supervisor);
	if (d->deliverer != NULL)
		deliverer_keeper_ready(d->deliverer);
	if (d->life == LIFE_SERVING)
		dispatch_wake(d->dispatch);
}

static void
on_lost(void *arg)
{
	struct daemon *d = arg;

	if (d->dispatch != NULL)
		dispatch_keeper_lost(d->dispatch);
	if (d->deliverer != NULL)
		deliverer_keeper_lost(d->deliverer);
}

static void
on_given(void *arg, uint64_t worker_id, int result)
{
	struct daemon *d = arg;

	if (!deliverer_given(d->deliverer, worker_id, result))
		dispatch_given(d->dispatch, worker_id, result);
}

static void
on_resealed(void *arg, uint64_t number, int result, const struct box *box)
{
	struct daemon *d = arg;

	resealer_done(d->resealer, number, result, box);
}

void
daemon_reseal(struct daemon *d)
{
	d->resealer = resealer_new(d->app, d->keeper);
	resealer_begin(d->resealer);
}

int
daemon_start_keeper(struct daemon *d)
{
	const struct config *c = d->config;
	_cleanup_free_ char *beside = xasprintf("%s" WEBHOOK_KEY_SUFFIX, c->store.path);
	const struct keeper_options options = {
	    .credentials = secret_file_credentials(),
	    .keys_file = c->keys.file,
	    .single_user_id = c->single_user.id,
	    .single_user_key_file = c->single_user.key_file,
	    .webhook_key_file = beside,
	};
	const struct keeper_hooks hooks = {.ready = on_ready, .lost = on_lost, .given = on_given, .resealed = on_resealed, .arg = d};
	const char *what;
	int r = keeper_peer_new(d->base, &options, &hooks, &d->keeper);

	if (r == 0)
		r = keeper_peer_wait(d->keeper, &what);
	if (r < 0 && d->keeper != NULL)
		log_event(EV_KEEPER_FAILED, LOG_STR("STEP", what), LOG_ERRNO(r));
	return r;
}
