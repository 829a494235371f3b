/* SPDX-License-Identifier: Apache-2.0 */
/* Labels of metrics are the words that the API has for the same numbers. */
#include "unit.h"

#include "app/watch.h"
#include "base/metrics.h"
#include "proto/message.h"
#include "queue/kind.h"
#include "store/job.h"
#include "store/posting.h"

static const char *
label(enum metric_set set, size_t i)
{
	const struct metric_set_info *info = metric_set_info(set);

	return i < info->count ? info->values[i] : "beyond";
}

static void
states_have_their_names(void **state)
{
	(void)state;
	for (int s = POSTING_READY; s <= POSTING_GONE; s++)
		assert_string_equal(label(METRIC_SET_POSTING, (size_t)s), posting_state_name((enum posting_state)s));
	for (int s = JOB_SUCCEEDED; s <= JOB_KEY_LOST; s++)
		assert_string_equal(label(METRIC_SET_JOB_END, (size_t)s), job_state_name((enum job_state)s));
	assert_string_equal(label(METRIC_SET_JOB_END, JOB_QUEUED), "");
	assert_string_equal(label(METRIC_SET_LIVE, METRIC_QUEUED), job_state_name(JOB_QUEUED));
	assert_string_equal(label(METRIC_SET_LIVE, METRIC_RUNNING), job_state_name(JOB_RUNNING));
	assert_string_equal(label(METRIC_SET_HEALTH, STORE_FULL), "full");
	assert_string_equal(label(METRIC_SET_HEALTH, STORE_FAILED), "failed");
}

static void
every_kind_of_job_has_its_name(void **state)
{
	const struct job_kind_info *kind;

	(void)state;
	app_watch_name_kinds();
	for (size_t i = 0; (kind = job_kind_at(i)) != NULL; i++)
		assert_string_equal(label(METRIC_SET_KIND, (size_t)kind->kind), kind->name);
}

static void
every_role_has_its_name(void **state)
{
	(void)state;
	for (uint32_t role = ROLE_FETCH; worker_role_name(role) != NULL; role++)
		assert_string_equal(label(METRIC_SET_ROLE, role), worker_role_name(role));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(states_have_their_names),
	    cmocka_unit_test(every_kind_of_job_has_its_name),
	    cmocka_unit_test(every_role_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
