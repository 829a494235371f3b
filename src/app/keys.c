/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - which of the keeper's keys are in use, and changing what is sealed to an older one. */
#include <errno.h>
#include <string.h>

#include "app/internal.h"
#include "app/run.h"
#include "store/webhook.h"

static bool
is_held(const struct app_keeper *keeper, const unsigned char key_id[BOX_ID_BYTES])
{
	for (size_t i = 0; i < keeper->count; i++)
		if (memcmp(keeper->ids[i], key_id, BOX_ID_BYTES) == 0)
			return true;
	return false;
}

const struct box_public *
app_keeper_of_webhooks(const struct app_keeper *keeper)
{
	return !keeper->lasting && keeper->has_beside ? &keeper->beside : &keeper->to;
}

/* The keeper's own first, in its order; then those that something is sealed to and nobody has. */
static void
begin_status(const struct app_keeper *keeper, struct key_status *v)
{
	v->keeper = *keeper;
	for (v->count = 0; v->count < keeper->count; v->count++) {
		v->rows[v->count] = (struct key_status_row){.newest = v->count == 0, .held = true, .lasting = keeper->lasting};
		memcpy(v->rows[v->count].key_id, keeper->ids[v->count], BOX_ID_BYTES);
	}
}

static void
add_count(struct key_status *v, const unsigned char key_id[BOX_ID_BYTES], int64_t jobs, int64_t webhooks)
{
	bool beside = v->keeper.has_beside && memcmp(v->keeper.beside.id, key_id, BOX_ID_BYTES) == 0;
	size_t i = 0;

	while (i < v->count && memcmp(v->rows[i].key_id, key_id, BOX_ID_BYTES) != 0)
		i++;
	if (i == ELEMENTSOF(v->rows))
		return;
	if (i == v->count) {
		v->rows[v->count++] = (struct key_status_row){.held = beside, .lasting = beside};
		memcpy(v->rows[i].key_id, key_id, BOX_ID_BYTES);
	}
	v->rows[i].jobs += jobs;
	v->rows[i].webhooks += webhooks;
}

/* What was taken out of a backup is sealed to nothing, and what signs no more is needed no more. */
static bool
is_in_use(const struct webhook_row *w, const struct box *box, int64_t now_ms)
{
	return box->len > 0 && (box == &w->secret || w->old_until_ms > now_ms);
}

static int
count_webhooks(struct txn *txn, struct key_status *v, int64_t now_ms)
{
	_cleanup_(webhook_list_release) struct webhook_list list = {0};
	int r = txn_webhook_list(txn, &list);

	for (size_t i = 0; r == 0 && i < list.count; i++) {
		const struct webhook_row *w = &list.rows[i];
		bool both = is_in_use(w, &w->old_secret, now_ms) && memcmp(w->old_secret.key_id, w->secret.key_id, BOX_ID_BYTES) != 0;

		if (is_in_use(w, &w->secret, now_ms))
			add_count(v, w->secret.key_id, 0, 1);
		if (both)
			add_count(v, w->old_secret.key_id, 0, 1);
	}
	return r;
}

static int
status_run(struct txn *txn, struct op *op)
{
	struct key_status *v = op->verb;
	int r = count_webhooks(txn, v, op->now_ms);

	for (int state = JOB_QUEUED; r == 0 && state <= JOB_RUNNING; state++) {
		struct job_key_count counts[KEY_STATUS_MAX];
		size_t count = 0;

		r = txn_job_key_counts(txn, (enum job_state)state, counts, ELEMENTSOF(counts), &count);
		for (size_t i = 0; r == 0 && i < count; i++)
			add_count(v, counts[i].key_id, counts[i].jobs, 0);
	}
	return r;
}

void
app_key_status(struct app *app, struct key_status *v, app_done_fn done, void *arg)
{
	begin_status(&app->keeper, v);
	app_submit(app, OP_READ, v, status_run, NULL, done, arg);
}

static void
add_outdated(struct key_outdated *v, const struct webhook_row *w, const struct box *box, int64_t now_ms)
{
	if (is_in_use(w, box, now_ms) && memcmp(box->key_id, app_keeper_of_webhooks(&v->keeper)->id, BOX_ID_BYTES) != 0)
		v->rows[v->count++] = (struct job_key_row){.job_id = w->webhook_id, .alp_user_id = w->webhook_id, .key = *box};
}

static int
outdated_webhooks(struct txn *txn, struct key_outdated *v, int64_t now_ms)
{
	_cleanup_(webhook_list_release) struct webhook_list list = {0};
	int r = txn_webhook_list(txn, &list);

	v->count = 0;
	v->over = true;
	for (size_t i = 0; r == 0 && i < list.count; i++) {
		const struct webhook_row *w = &list.rows[i];

		if (w->webhook_id <= v->after_job)
			continue;
		v->over = v->count + 2 <= ELEMENTSOF(v->rows);
		if (!v->over)
			break;
		add_outdated(v, w, &w->secret, now_ms);
		add_outdated(v, w, &w->old_secret, now_ms);
		v->after_job = w->webhook_id;
	}
	return r;
}

static int
outdated_run(struct txn *txn, struct op *op)
{
	struct key_outdated *v = op->verb;
	size_t count = 0, kept = 0;
	int r;

	if (v->of_webhooks)
		return outdated_webhooks(txn, v, op->now_ms);
	r = txn_job_keys(txn, v->state, v->after_job, v->rows, ELEMENTSOF(v->rows), &count);

	if (r < 0)
		return r;
	v->over = count < ELEMENTSOF(v->rows);
	if (count > 0)
		v->after_job = v->rows[count - 1].job_id;
	for (size_t i = 0; i < count; i++)
		if (memcmp(v->rows[i].key.key_id, v->keeper.to.id, BOX_ID_BYTES) != 0 && is_held(&v->keeper, v->rows[i].key.key_id))
			v->rows[kept++] = v->rows[i];
	v->count = kept;
	return 0;
}

void
app_key_outdated(struct app *app, struct key_outdated *v, app_done_fn done, void *arg)
{
	v->keeper = app->keeper;
	app_submit(app, OP_READ, v, outdated_run, NULL, done, arg);
}

static int
replace_run(struct txn *txn, struct op *op)
{
	struct key_replace *v = op->verb;

	if (v->of_webhook)
		return txn_webhook_reseal(txn, v->job_id, &v->old, &v->fresh);
	return txn_job_key_replace(txn, v->job_id, &v->old, &v->fresh);
}

void
app_key_replace(struct app *app, struct key_replace *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, replace_run, NULL, done, arg);
}
