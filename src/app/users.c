/* SPDX-License-Identifier: Apache-2.0 */
/* users.c - what a user's days are measured by. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/macro.h"

static int
get_run(struct txn *txn, struct op *op)
{
	struct user_get *v = op->verb;

	int r = txn_user_today(txn, &op->options, v->alp_user_id, op->now_ms, &v->user, &v->today);

	return r < 0 ? r : txn_user_privacy(txn, v->alp_user_id, &v->privacy);
}

void
user_get_release(struct user_get *v)
{
	free(v->privacy);
}

void
app_user_get(struct app *app, struct user_get *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, get_run, NULL, done, arg);
}

static int
put_run(struct txn *txn, struct op *op)
{
	struct user_put *v = op->verb;
	struct user_row user = {0};
	int r = txn_user_get(txn, v->alp_user_id, &user);

	if (r < 0 && r != -ENOENT)
		return r;
	v->created = r == -ENOENT;
	if (v->if_unchanged && v->if_updated_ms != user.updated_ms)
		return -ESTALE;
	if (v->created)
		user = (struct user_row){.alp_user_id = v->alp_user_id, .created_ms = op->now_ms};
	memset(user.time_zone, 0, sizeof user.time_zone);
	if (v->time_zone != NULL)
		strncpy(user.time_zone, v->time_zone, sizeof user.time_zone - 1);
	/* It tells states apart, also two of one millisecond. */
	user.updated_ms = MAX_OF(op->now_ms, user.updated_ms + 1);
	r = txn_user_put(txn, &user);
	if (r == 0 && v->privacy != NULL)
		r = txn_user_set_privacy(txn, v->alp_user_id, v->privacy);
	if (r == 0)
		r = txn_user_privacy(txn, v->alp_user_id, &v->privacy_now);
	return r < 0 ? r : txn_user_today(txn, &op->options, v->alp_user_id, op->now_ms, &v->user, &v->today);
}

void
user_put_release(struct user_put *v)
{
	free(v->privacy_now);
}

void
app_user_put(struct app *app, struct user_put *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, put_run, NULL, done, arg);
}
