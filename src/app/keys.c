/* SPDX-License-Identifier: Apache-2.0 */
/* keys.c - which of the keeper's keys are in use, and changing what is sealed to an older one. */
#include <errno.h>
#include <string.h>

#include "app/internal.h"
#include "app/run.h"

static bool
is_held(const struct app_keeper *keeper, const unsigned char key_id[BOX_ID_BYTES])
{
	for (size_t i = 0; i < keeper->count; i++)
		if (memcmp(keeper->ids[i], key_id, BOX_ID_BYTES) == 0)
			return true;
	return false;
}

/* The keeper's own first, in its order; then those that something is sealed to and nobody has. */
static void
begin_status(const struct app_keeper *keeper, struct key_status *v)
{
	v->lasting = keeper->lasting;
	for (v->count = 0; v->count < keeper->count; v->count++) {
		v->rows[v->count] = (struct key_status_row){.newest = v->count == 0, .held = true};
		memcpy(v->rows[v->count].key_id, keeper->ids[v->count], BOX_ID_BYTES);
	}
}

static void
add_count(struct key_status *v, const struct job_key_count *c)
{
	for (size_t i = 0; i < v->count; i++)
		if (memcmp(v->rows[i].key_id, c->key_id, BOX_ID_BYTES) == 0) {
			v->rows[i].jobs += c->jobs;
			return;
		}
	if (v->count == ELEMENTSOF(v->rows))
		return;
	v->rows[v->count] = (struct key_status_row){.jobs = c->jobs};
	memcpy(v->rows[v->count++].key_id, c->key_id, BOX_ID_BYTES);
}

static int
status_run(struct txn *txn, struct op *op)
{
	struct key_status *v = op->verb;
	int r = 0;

	for (int state = JOB_QUEUED; r == 0 && state <= JOB_RUNNING; state++) {
		struct job_key_count counts[KEY_STATUS_MAX];
		size_t count = 0;

		r = txn_job_key_counts(txn, (enum job_state)state, counts, ELEMENTSOF(counts), &count);
		for (size_t i = 0; r == 0 && i < count; i++)
			add_count(v, &counts[i]);
	}
	return r;
}

void
app_key_status(struct app *app, struct key_status *v, app_done_fn done, void *arg)
{
	begin_status(&app->keeper, v);
	app_submit(app, OP_READ, v, status_run, NULL, done, arg);
}

static int
outdated_run(struct txn *txn, struct op *op)
{
	struct key_outdated *v = op->verb;
	size_t count = 0, kept = 0;
	int r = txn_job_keys(txn, v->state, v->after_job, v->rows, ELEMENTSOF(v->rows), &count);

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

	return txn_job_key_replace(txn, v->job_id, &v->old, &v->fresh);
}

void
app_key_replace(struct app *app, struct key_replace *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, replace_run, NULL, done, arg);
}
