/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"
#include "http/cursor.h"
#include "http/etag.h"
#include "http/intake.h"
#include "http/resources.h"
#include "http/router.h"

static void
a_path_finds_its_route_and_nothing_like_it(void **state)
{
	struct str params[ROUTE_PARAMS_MAX];
	unsigned allowed;

	(void)state;
	assert_ptr_equal(route_find(METHOD_HEAD, STR("/healthz"), params, &allowed)->handle, health_live);
	assert_ptr_equal(route_find(METHOD_POST, STR("/api/jobs/fetch"), params, &allowed)->handle, jobs_fetch);
	assert_ptr_equal(route_find(METHOD_GET, STR("/api/jobs/17"), params, &allowed)->handle, jobs_get);
	assert_true(str_eq(params[0], STR("17")));
	assert_ptr_equal(route_find(METHOD_POST, STR("/api/queue/fetch/pause"), params, &allowed)->handle, queue_pause);
	assert_null(route_find(METHOD_GET, STR("/api/jobs/fetch"), params, &allowed));
	assert_int_equal(allowed, METHOD_POST);
	assert_null(route_find(METHOD_GET, STR("/api/jobs/"), params, &allowed));
	assert_int_equal(allowed, 0);
	assert_null(route_find(METHOD_GET, STR("/api/jobs/1/2"), params, &allowed));
	assert_null(route_find(METHOD_GET, STR(""), params, &allowed));
}

static bool
is_sound(const struct schema *schema)
{
	if (schema == NULL)
		return true;
	if (schema->count > SCHEMA_FIELDS_MAX || schema->name == NULL)
		return false;
	for (size_t i = 0; i < schema->count; i++) {
		const struct field *f = &schema->fields[i];
		bool chosen = f->type == FIELD_CHOICE || f->type == FIELD_CHOICES;

		if (f->name == NULL || f->type == 0 || f->summary == NULL || chosen != (f->choices != NULL) || f->min > f->max)
			return false;
		if (schema_index(schema, str_of(f->name)) != (int)i)
			return false;
	}
	return true;
}

/* The documentation will be made from this table, and every check already is. */
static void
every_row_of_the_table_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *r = &routes[i];
		const char *brace = r->pattern;
		size_t params = 0;

		while ((brace = strchr(brace, '{')) != NULL) {
			struct str name = {brace + 1, strcspn(brace + 1, "}")};

			assert_int_equal(schema_index(r->path, name), params++);
			brace++;
		}
		assert_int_equal(params, r->path != NULL ? r->path->count : 0);
		assert_true(r->summary != NULL && r->handle != NULL && r->answers[0].status != 0);
		assert_true(is_sound(r->path) && is_sound(r->query) && is_sound(r->body));
		for (size_t k = 0; k < i; k++)
			assert_false(routes[k].method == r->method && strcmp(routes[k].pattern, r->pattern) == 0);
	}
}

static void
names_in_the_tables_are_the_stores_names(void **state)
{
	(void)state;
	for (int i = JOB_QUEUED; i <= JOB_KEY_LOST; i++)
		assert_string_equal(job_state_choices[i], job_state_name((enum job_state)i));
	for (int i = ENTRY_PENDING; i <= ENTRY_WITHDRAWN; i++)
		assert_string_equal(entry_status_choices[i], entry_status_name((enum entry_status)i));
	for (size_t i = 0; job_kind_at(i) != NULL; i++)
		assert_string_equal(job_kind_choices[job_kind_at(i)->kind], job_kind_at(i)->name);
}

static void
allow_lists_what_a_path_takes(void **state)
{
	char text[96];

	(void)state;
	route_allow_text(METHOD_GET | METHOD_DELETE, text, sizeof text);
	assert_string_equal(text, "GET, HEAD, DELETE, OPTIONS");
	route_allow_text(~0u, text, sizeof text);
	assert_string_equal(text, "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
}

static void
a_cursor_is_read_by_its_own_list_only(void **state)
{
	static const char *const bad[] = {"", "x", "ZTA", "====", "ZTRlMjAuMSA", "ZTQuNQ=="};
	char text[CURSOR_TEXT_MAX];
	int64_t a, b;

	(void)state;
	cursor_format('e', 20000, INT64_MAX, text);
	assert_int_equal(cursor_parse('e', text, &a, &b), 0);
	assert_true(a == 20000 && b == INT64_MAX);
	assert_true(cursor_parse('j', text, &a, &b) < 0);
	text[3]++;
	assert_true(cursor_parse('e', text, &a, &b) < 0 || a != 20000);
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_true(cursor_parse('e', bad[i], &a, &b) < 0);
}

static void
tags_are_matched_as_rfc_9110_says(void **state)
{
	char tag[ETAG_MAX];
	int64_t revision;

	(void)state;
	etag_entry(5, 7, tag);
	assert_string_equal(tag, "\"e5-7\"");
	assert_true(etag_none_match(STR("\"a\", W/\"e5-7\""), tag) && etag_none_match(STR("*"), tag));
	assert_false(etag_none_match(STR("\"e5-70\""), tag) || etag_none_match(STR(""), tag) || etag_none_match(STR("e5-7"), tag));
	assert_int_equal(etag_if_match(STR("\"x\" , \"e5-7\""), 5, &revision), 0);
	assert_int_equal(revision, 7);
	assert_int_equal(etag_if_match(STR("\"e5-9-gz\""), 5, &revision), 0);
	assert_int_equal(revision, 9);
	assert_true(etag_if_match(STR("\"e5-gz\""), 5, &revision) < 0 && etag_if_match(STR("\"e5--gz\""), 5, &revision) < 0);
	assert_int_equal(etag_if_match(STR("*"), 5, &revision), 0);
	assert_int_equal(revision, 0);
	assert_true(etag_if_match(STR("W/\"e5-7\""), 5, &revision) < 0 && etag_if_match(STR("\"e50-7\""), 5, &revision) < 0);
	assert_true(etag_if_match(STR("\"e5-07\""), 5, &revision) < 0 && etag_if_match(STR("\"e5-\""), 5, &revision) < 0);
	assert_true(etag_if_match(STR(""), 5, &revision) < 0 && etag_if_match(STR("\""), 5, &revision) < 0);
}

static int64_t
preferred(const char *first, const char *second)
{
	struct refusal why;
	struct head head;
	char text[256];

	snprintf(text, sizeof text, "GET / HTTP/1.1\r\n%s%s\r\n%s%s\r\n\r\n", first != NULL ? "Prefer: " : "A: ", first != NULL ? first : "",
	    second != NULL ? "prefer: " : "B: ", second != NULL ? second : "");
	assert_int_equal(head_parse(str_of(text), sizeof text, &head, &why), 1);
	return prefer_wait(&head);
}

static void
preferences_and_media_types_are_read_leniently_where_allowed(void **state)
{
	(void)state;
	assert_int_equal(preferred("wait=10", NULL), 10);
	assert_int_equal(preferred("respond-async , Wait = 99; x=1", NULL), 30);
	assert_int_equal(preferred("wait=0", NULL), 0);
	assert_int_equal(preferred("wait=-1, waiting=5, wait=x, wait=, wait", NULL), WAIT_NOT_ASKED);
	assert_int_equal(preferred("wait=2147483648", NULL), 30);
	assert_int_equal(preferred("wait=00000000000000000000000000000000007", NULL), 7);
	assert_int_equal(preferred("wait=99999999999999999999999999999999999", NULL), 30);
	assert_int_equal(preferred("respond-async", "wait=5"), 5);
	assert_int_equal(preferred("wait=3", "wait=5"), 3);
	assert_int_equal(preferred(NULL, NULL), WAIT_NOT_ASKED);
	assert_true(media_is_json(STR("application/json ; charset=UTF-8"), false));
	assert_true(media_is_json(STR("application/merge-patch+json"), true));
	assert_false(media_is_json(STR("application/merge-patch+json"), false));
	assert_false(media_is_json(STR("application/json; charset=utf-16"), true));
	assert_false(media_is_json(STR_NONE, true));
}

static bool
names_a_user(const struct route *route)
{
	return schema_index(route->path, STR("alp_user_id")) >= 0 || schema_index(route->query, STR("alp_user_id")) >= 0 ||
	       schema_index(route->body, STR("alp_user_id")) >= 0;
}

/* A token for one user has its number filled in there; without the field it would be let in to everybody's things, or not at all. */
static void
every_route_for_one_users_token_says_whose_things_it_is_about(void **state)
{
	size_t personal = 0;

	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		if (!(routes[i].scope & MAY_ONE_USER))
			continue;
		if (!names_a_user(&routes[i]) && !routes[i].impersonal)
			fail_msg("%s %s", http_method_name(routes[i].method), routes[i].pattern);
		assert_false(routes[i].impersonal && names_a_user(&routes[i]));
		personal++;
	}
	assert_true(personal >= 10);
}

/* request_owner() takes the first value of the query. */
static void
whose_it_is_stands_first_in_the_owners_schema(void **state)
{
	(void)state;
	assert_int_equal(schema_index(&schema_owner, STR("alp_user_id")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_path_finds_its_route_and_nothing_like_it),
	    cmocka_unit_test(every_row_of_the_table_is_complete),
	    cmocka_unit_test(names_in_the_tables_are_the_stores_names),
	    cmocka_unit_test(every_route_for_one_users_token_says_whose_things_it_is_about),
	    cmocka_unit_test(whose_it_is_stands_first_in_the_owners_schema),
	    cmocka_unit_test(allow_lists_what_a_path_takes),
	    cmocka_unit_test(a_cursor_is_read_by_its_own_list_only),
	    cmocka_unit_test(tags_are_matched_as_rfc_9110_says),
	    cmocka_unit_test(preferences_and_media_types_are_read_leniently_where_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
