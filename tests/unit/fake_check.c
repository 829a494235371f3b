/* SPDX-License-Identifier: Apache-2.0 */
/* Rules checks that only pretend: none is ever done. */
#include <errno.h>

#include "app/rules_check.h"
#include "fake_app.h"

static struct job_row
waiting(int64_t job_id, int64_t alp_user_id)
{
	return (struct job_row){.job_id = job_id, .alp_user_id = alp_user_id, .kind = KIND_CHECK, .state = JOB_QUEUED, .created_ms = 1700000000000,
				.updated_ms = 1700000000000, .from_day = 20000, .to_day = 20003};
}

void
app_rules_parse(struct app *app, struct rules_parse *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
rules_parse_release(struct rules_parse *v)
{
	(void)v;
}

void
app_check_submit(struct app *app, struct check_submit *v, app_done_fn done, void *arg)
{
	v->job = waiting(1, v->alp_user_id);
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
check_submit_release(struct check_submit *v)
{
	job_row_release(&v->job);
}

void
app_check_get(struct app *app, struct check_get *v, app_done_fn done, void *arg)
{
	v->job = waiting(v->job_id, 42);
	fake_answer(app, v->job_id == 404 ? -ENOENT : -EAGAIN, done, arg);
}

void
check_get_release(struct check_get *v)
{
	job_row_release(&v->job);
}

bool
check_has_changes(const struct check_result *c)
{
	(void)c;
	return false;
}
