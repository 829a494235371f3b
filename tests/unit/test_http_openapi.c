/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <json-c/json.h>
#include <string.h>

#include "http/json_body.h"
#include "http/openapi.h"
#include "http/resources.h"

static void
is_described(const struct shape *shape, unsigned depth)
{
	assert_true(depth < 8);
	assert_true(shape->name != NULL && shape->summary != NULL);
	assert_true(shape->count > 0 || shape->open);
	if (shape->base != NULL)
		is_described(shape->base, depth + 1);
	for (size_t i = 0; i < shape->count; i++) {
		const struct member *m = &shape->members[i];

		assert_true(m->name != NULL && m->type != 0 && m->summary != NULL);
		assert_true((m->type == MEMBER_SHAPE) == (m->of != NULL));
		assert_true((m->type == MEMBER_WORD) == (m->choices != NULL));
		if (m->of != NULL)
			is_described(m->of, depth + 1);
	}
}

static void
no_answer_of_a_route_is_left_undescribed(void **state)
{
	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *r = &routes[i];
		size_t good = 0;

		for (size_t k = 0; k < ROUTE_ANSWERS_MAX && r->answers[k].status != 0; k++) {
			const struct answer *a = &r->answers[k];

			assert_non_null(a->summary);
			assert_string_not_equal(status_phrase(a->status), "Unknown");
			assert_true((a->status >= 400) == (a->code != NULL));
			assert_true(a->code == NULL || (a->shape == NULL && a->media == NULL));
			if (a->shape != NULL)
				is_described(a->shape, 0);
			good += a->status < 400;
		}
		assert_true(good > 0);
	}
}

static void
every_event_is_described(void **state)
{
	size_t n = 0;

	(void)state;
	for (; event_shapes[n].event != NULL; n++)
		is_described(event_shapes[n].shape, 0);
	assert_true(n >= JOB_KEY_LOST);
}

static struct json_object *
document(void)
{
	struct json j = JSON_INIT;
	struct json_object *tree;
	size_t position;

	openapi_render(&j, "1.2.3");
	assert_int_equal(j.b.error, 0);
	/* No name stands twice in an object, among the rest. */
	assert_int_equal(json_body_check(buf_str(&j.b), &position), 0);
	tree = json_tokener_parse(j.b.p);
	assert_non_null(tree);
	buf_release(&j.b);
	return tree;
}

static struct json_object *
at(struct json_object *tree, const char *name)
{
	struct json_object *found = NULL;

	assert_true(json_object_object_get_ex(tree, name, &found));
	assert_non_null(found);
	return found;
}

static bool
is_tagged_by_one_of(struct json_object *tags, const char *name)
{
	for (size_t i = 0; i < json_object_array_length(tags); i++)
		if (strcmp(json_object_get_string(at(json_object_array_get_idx(tags, i), "name")), name) == 0)
			return true;
	return false;
}

static void
every_route_is_one_operation_of_the_document(void **state)
{
	struct json_object *doc = document();

	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *r = &routes[i];
		struct json_object *op, *path = at(at(doc, "paths"), r->pattern);
		char method[16] = {0};

		for (size_t k = 0; http_method_name(r->method)[k] != '\0'; k++)
			method[k] = (char)(http_method_name(r->method)[k] | 0x20);
		op = at(path, method);
		assert_string_equal(json_object_get_string(at(op, "operationId")), r->name);
		assert_true(is_tagged_by_one_of(at(doc, "tags"), json_object_get_string(json_object_array_get_idx(at(op, "tags"), 0))));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(routes[k].name, r->name);
	}
	json_object_put(doc);
}

/* Each "$ref" under `o` names something that is there; counts them. */
static size_t
resolve_all(struct json_object *doc, struct json_object *o)
{
	size_t n = 0;

	if (json_object_is_type(o, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(o); i++)
			n += resolve_all(doc, json_object_array_get_idx(o, i));
	} else if (json_object_is_type(o, json_type_object)) {
		json_object_object_foreach(o, name, member)
		{
			struct json_object *found = NULL;

			if (strcmp(name, "$ref") == 0) {
				assert_int_equal(json_pointer_get(doc, json_object_get_string(member) + 1, &found), 0);
				n++;
			} else {
				n += resolve_all(doc, member);
			}
		}
	}
	return n;
}

static void
no_reference_dangles(void **state)
{
	struct json_object *doc = document();

	(void)state;
	assert_true(resolve_all(doc, doc) > 100);
	json_object_put(doc);
}

static void
the_document_is_the_same_every_time(void **state)
{
	struct json a = JSON_INIT, b = JSON_INIT;

	(void)state;
	openapi_render(&a, "1");
	openapi_render(&b, "1");
	assert_true(str_eq(buf_str(&a.b), buf_str(&b.b)));
	buf_release(&a.b);
	buf_release(&b.b);
}

/* What is common to many routes is told by rule, and what a route says of its own stands beside it. */
static void
a_problem_is_described_where_it_can_happen(void **state)
{
	struct json_object *doc = document(), *paths = at(doc, "paths"), *found = NULL;
	struct json_object *health = at(at(at(paths, "/healthz"), "get"), "responses");
	struct json_object *cancel = at(at(at(paths, "/api/jobs/{job_id}"), "delete"), "responses");

	(void)state;
	assert_false(json_object_object_get_ex(health, "409", &found) || json_object_object_get_ex(health, "415", &found));
	assert_non_null(strstr(json_object_to_json_string(at(cancel, "409")), "job_over"));
	assert_non_null(at(cancel, "404"));
	assert_false(json_object_object_get_ex(cancel, "415", &found));
	assert_non_null(at(at(at(at(paths, "/api/jobs/fetch"), "post"), "responses"), "415"));
	json_object_put(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_answer_of_a_route_is_left_undescribed),
	    cmocka_unit_test(every_event_is_described),
	    cmocka_unit_test(every_route_is_one_operation_of_the_document),
	    cmocka_unit_test(no_reference_dangles),
	    cmocka_unit_test(the_document_is_the_same_every_time),
	    cmocka_unit_test(a_problem_is_described_where_it_can_happen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
