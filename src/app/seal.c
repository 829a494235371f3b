/* SPDX-License-Identifier: Apache-2.0 */
/* seal.c - a key that a request brought is sealed to the keeper, beside the loop, before anything else is done with it; then it is wiped. */
#include <errno.h>
#include <stdlib.h>

#include "app/internal.h"
#include "base/alloc.h"

struct sealing {
	struct app *app;
	struct seal_order order;
	struct box_public to;
};

/* On a reader's thread: 60 us that neither the loop nor the writer has to spare. */
static int
seal_run(struct txn *txn, struct op *op)
{
	struct sealing *s = op->verb;
	_cleanup_(job_row_release) struct job_row job = JOB_ROW_INIT;
	int r;

	if (s->order.of_job != 0) {
		r = txn_job_get(txn, s->order.of_job, &job);
		/* What follows says that there is no such job. */
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		s->order.owner = job.alp_user_id;
	}
	return box_seal(&s->to, BOX_RESCUETIME_KEY, s->order.owner, *s->order.key, s->order.ret_box);
}

static void
seal_done(int r, void *arg)
{
	struct sealing *s = arg;
	struct seal_order order = s->order;
	struct app *app = s->app;

	free(s);
	*order.key = secret_free(*order.key);
	if (r < 0)
		order.done(r, order.arg);
	else
		order.next(app, order.verb, order.done, order.arg);
}

void
app_seal(struct app *app, const struct seal_order *order)
{
	struct sealing *s;

	order->ret_box->len = 0;
	if (*order->key == NULL) {
		order->next(app, order->verb, order->done, order->arg);
		return;
	}
	s = xcalloc(1, sizeof *s);
	s->app = app;
	s->order = *order;
	s->to = app->keeper.to;
	app_submit(app, OP_READ, s, seal_run, NULL, seal_done, s);
}
