/* SPDX-License-Identifier: Apache-2.0 */
/* What became of postings in ALP, pretended. */
#include "app/sync_run.h"
#include "base/alloc.h"
#include "fake_app.h"

#include <stdlib.h>

bool
app_proof_want(struct app *app)
{
	(void)app;
	return true;
}

void
app_proof_query(struct app *app, struct proof_query *v, app_done_fn done, void *arg)
{
	v->list.rows = xcalloc(1, sizeof *v->list.rows);
	v->list.count = 1;
	v->list.rows[0] = (struct alp_proof_row){.alp_user_id = 42, .day = 20000, .proved_ms = 1700000000000, .posted_units = 3, .differences = xstrdup("[]")};
	fake_answer(app, 0, done, arg);
}

void
proof_query_release(struct proof_query *v)
{
	for (size_t i = 0; i < v->list.count; i++)
		free(v->list.rows[i].differences);
	free(v->list.rows);
}

void
app_sync_hint(struct app *app, struct sync_hint *v, app_done_fn done, void *arg)
{
	v->found = v->id_count;
	fake_answer(app, 0, done, arg);
}
