/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted, and how it is told. */
#include "unit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/metrics.h"
#include "base/process_sample.h"

#define TEXT_MAX ((size_t)1024 * 1024)

static void
fresh(void)
{
	memset(&metrics, 0, sizeof metrics);
	metrics_name(METRIC_SET_KIND, 1, "fetch");
	metrics_name(METRIC_SET_KIND, 2, "process");
}

static char *
text_of(enum metrics_form form)
{
	struct buf b = BUF_INIT(TEXT_MAX);
	size_t len;

	metrics_render(&b, form);
	assert_int_equal(b.error, 0);
	return buf_take(&b, &len);
}

static void
assert_told(enum metrics_form form, const char *line)
{
	_cleanup_free_ char *text = text_of(form);

	if (strstr(text, line) == NULL)
		fail_msg("not told: %s", line);
}

static void
assert_not_told(const char *piece)
{
	_cleanup_free_ char *text = text_of(METRICS_OPEN);

	if (strstr(text, piece) != NULL)
		fail_msg("told: %s", piece);
}

static void
a_counter_is_told_by_its_labels(void **state)
{
	(void)state;
	fresh();
	metric_add(rtalp_jobs_ended, 1, 4, 2);
	metric_add(rtalp_jobs_ended, 1, 4, 1);
	assert_told(METRICS_OPEN, "\nrtalp_jobs_ended_total{kind=\"fetch\",outcome=\"failed\"} 3\n");
	assert_told(METRICS_OPEN, "\nrtalp_jobs_ended_total{kind=\"process\",outcome=\"failed\"} 0\n");
	assert_told(METRICS_OPEN, "\n# TYPE rtalp_jobs_ended counter\n");
	assert_told(METRICS_OLD, "\n# TYPE rtalp_jobs_ended_total counter\n");
}

static void
a_number_beyond_its_set_harms_nothing(void **state)
{
	(void)state;
	fresh();
	metric_add(rtalp_jobs_ended, 1000000, -1, 5);
	metric_set(rtalp_queue_jobs, SIZE_MAX, 99, 5);
	metric_observe(rtalp_worker_lifetime_seconds, 77, 77, 5);
	assert_int_equal(metric_get(rtalp_jobs_ended, 0, 0), 5);
	assert_not_told("} 5\n");
}

static void
a_histogram_adds_up(void **state)
{
	(void)state;
	fresh();
	metric_observe(rtalp_upstream_request_duration_seconds, METRIC_ALP_POST, 0, 5000);  /* on a bound: below it */
	metric_observe(rtalp_upstream_request_duration_seconds, METRIC_ALP_POST, 0, 5001);
	metric_observe(rtalp_upstream_request_duration_seconds, METRIC_ALP_POST, 0, 31000000);
	assert_told(METRICS_OPEN, "\nrtalp_upstream_request_duration_seconds_bucket{upstream=\"alp_post\",le=\"0.005\"} 1\n");
	assert_told(METRICS_OPEN, "_seconds_bucket{upstream=\"alp_post\",le=\"0.01\"} 2\n");
	assert_told(METRICS_OPEN, "_seconds_bucket{upstream=\"alp_post\",le=\"30.0\"} 2\n");
	assert_told(METRICS_OPEN, "_seconds_bucket{upstream=\"alp_post\",le=\"+Inf\"} 3\n");
	assert_told(METRICS_OPEN, "\nrtalp_upstream_request_duration_seconds_count{upstream=\"alp_post\"} 3\n");
	assert_told(METRICS_OPEN, "\nrtalp_upstream_request_duration_seconds_sum{upstream=\"alp_post\"} 31.010001\n");
	assert_told(METRICS_OPEN, "\nrtalp_store_commit_group_bucket{le=\"1.0\"} 0\n");
}

static void
what_is_not_known_is_not_told(void **state)
{
	(void)state;
	fresh();
	assert_told(METRICS_OPEN, "\nrtalp_oldest_unposted_seconds 0\n");
	metric_set(rtalp_oldest_unposted_seconds, 0, 0, METRIC_ABSENT);
	assert_not_told("\nrtalp_oldest_unposted_seconds ");
	assert_told(METRICS_OPEN, "\n# TYPE rtalp_oldest_unposted_seconds gauge\n");
}

static void
seconds_are_exact(void **state)
{
	static const struct {
		int64_t us;
		const char *text;
	} cases[] = {{0, "0"}, {1, "0.000001"}, {1500000, "1.5"}, {60000000, "60"}, {-1, "-0.000001"}, {-2500000, "-2.5"},
	    {INT64_MAX, "9223372036854.775807"}};
	char line[96];

	(void)state;
	fresh();
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		metric_set(rtalp_webhook_lag_seconds, 0, 0, cases[i].us);
		snprintf(line, sizeof line, "\nrtalp_webhook_lag_seconds %s\n", cases[i].text);
		assert_told(METRICS_OPEN, line);
	}
}

static void
only_routes_that_were_asked_for_are_told(void **state)
{
	(void)state;
	fresh();
	assert_true(metrics_name(METRIC_SET_ROUTE, 3, "method=\"GET\",route=\"/x/{id}\""));
	assert_false(metrics_name(METRIC_SET_ROUTE, METRIC_SET_ROUTE_SIZE, "x"));
	assert_not_told("/x/{id}");
	metric_add(rtalp_http_requests, 3, METRIC_STATUS(404), 1);
	assert_told(METRICS_OPEN, "\nrtalp_http_requests_total{method=\"GET\",route=\"/x/{id}\",status=\"4xx\"} 1\n");
	assert_not_told("rtalp_http_request_duration_seconds_bucket");
}

static void
the_build_is_an_info(void **state)
{
	(void)state;
	fresh();
	metrics_name(METRIC_SET_VERSION, 0, "1.2.3");
	assert_told(METRICS_OPEN, "# TYPE rtalp_build info\n");
	assert_told(METRICS_OPEN, "\nrtalp_build_info{version=\"1.2.3\"} 1\n");
	assert_told(METRICS_OLD, "# TYPE rtalp_build_info gauge\nrtalp_build_info{version=\"1.2.3\"} 1\n");
}

static bool
ends_in(const char *text, const char *end)
{
	return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void
check_row(const struct metric_info *m)
{
	for (const char *p = m->name; *p != '\0'; p++)
		if (!islower((unsigned char)*p) && *p != '_')
			fail_msg("%s is no name", m->name);
	assert_true(strncmp(m->name, "rtalp_", 6) == 0 || strncmp(m->name, "process_", 8) == 0);
	if (ends_in(m->name, "_total") || ends_in(m->name, "_info") || ends_in(m->name, "_count") || ends_in(m->name, "_bucket"))
		fail_msg("%s has what its type adds", m->name);
	if (m->unit[0] != '\0' && !ends_in(m->name, m->unit))
		fail_msg("%s does not end in its unit", m->name);
	if (!ends_in(m->help, ".") || strpbrk(m->help, "\n\\\"") != NULL)
		fail_msg("the help of %s is no plain sentence", m->name);
	for (size_t i = 1; m->type == METRIC_HISTOGRAM && i < m->width - 2; i++)
		if (m->bounds[i] <= m->bounds[i - 1])
			fail_msg("the buckets of %s do not rise", m->name);
}

static void
every_row_follows_the_conventions(void **state)
{
	(void)state;
	for (size_t i = 0; metric_info(i) != NULL; i++) {
		check_row(metric_info(i));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(metric_info(i)->name, metric_info(j)->name);
	}
}

static void
no_label_names_a_person(void **state)
{
	static const char *const never[] = {"user", "alp_user_id", "token", "title", "application", "matter", "client", "path", "host"};

	(void)state;
	for (int set = 0; set < METRIC_SETS; set++)
		for (size_t i = 0; i < ELEMENTSOF(never); i++)
			assert_string_not_equal(metric_set_info((enum metric_set)set)->label, never[i]);
}

static void
the_process_is_sampled(void **state)
{
	(void)state;
	fresh();
	process_sample();
	assert_true(metric_get(process_resident_memory_bytes, 0, 0) > 100000);
	assert_true(metric_get(process_virtual_memory_bytes, 0, 0) >= metric_get(process_resident_memory_bytes, 0, 0));
	assert_in_range(metric_get(process_open_fds, 0, 0), 3, 1000);
	assert_true(metric_get(process_max_fds, 0, 0) >= metric_get(process_open_fds, 0, 0));
	assert_true(metric_get(process_cpu_seconds, 0, 0) > 0);
	assert_true(metric_get(process_start_time_seconds, 0, 0) > INT64_C(1600000000) * 1000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_counter_is_told_by_its_labels),
	    cmocka_unit_test(a_number_beyond_its_set_harms_nothing),
	    cmocka_unit_test(a_histogram_adds_up),
	    cmocka_unit_test(what_is_not_known_is_not_told),
	    cmocka_unit_test(seconds_are_exact),
	    cmocka_unit_test(only_routes_that_were_asked_for_are_told),
	    cmocka_unit_test(the_build_is_an_info),
	    cmocka_unit_test(every_row_follows_the_conventions),
	    cmocka_unit_test(no_label_names_a_person),
	    cmocka_unit_test(the_process_is_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
