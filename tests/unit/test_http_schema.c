/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "base/macro.h"
#include "http/json_body.h"
#include "http/schema.h"

static const char *const colours[] = {"", "red", "green", NULL};

enum { NUMBER, FLAG, TEXT, DAY, AT, ZONE, KEY, UNITS, COLOUR, COLOURS };
static const struct field fields[] = {
    [NUMBER] = {.name = "number", .type = FIELD_INTEGER, .required = true, .min = 1, .max = 10},
    [FLAG] = {.name = "flag", .type = FIELD_BOOLEAN, .has_initial = true, .initial = 1},
    [TEXT] = {.name = "text", .type = FIELD_TEXT, .nullable = true, .min = 1, .max = 4},
    [DAY] = {.name = "day", .type = FIELD_DAY, .nullable = true},
    [AT] = {.name = "at", .type = FIELD_INSTANT},
    [ZONE] = {.name = "zone", .type = FIELD_ZONE},
    [KEY] = {.name = "key", .type = FIELD_KEY},
    [UNITS] = {.name = "units", .type = FIELD_TENTHS, .max = 2400},
    [COLOUR] = {.name = "colour", .type = FIELD_CHOICE, .choices = colours},
    [COLOURS] = {.name = "colours", .type = FIELD_CHOICES, .choices = colours},
};
static const struct schema schema = {"Test", NULL, fields, ELEMENTSOF(fields)};

struct taken {
	int r;
	struct values v;
	struct field_errors errors;
	size_t position;
};

static void
taken_release(struct taken *t)
{
	values_release(&t->v);
	field_errors_release(&t->errors);
}
#define _taken_ _cleanup_(taken_release)

static struct taken
take_json(const char *json)
{
	struct taken t = {0};

	schema_begin(&schema, &t.v);
	t.r = schema_take_json(&schema, str_of(json), &t.v, &t.errors, &t.position);
	schema_end(&schema, &t.v, "body", &t.errors);
	return t;
}

static struct taken
take_query(const char *query)
{
	struct taken t = {0};

	schema_begin(&schema, &t.v);
	schema_take_query(&schema, str_of(query), &t.v, &t.errors);
	schema_end(&schema, &t.v, "query", &t.errors);
	return t;
}

static bool
has_error(const struct taken *t, const char *field, const char *type)
{
	for (size_t i = 0; i < t->errors.count; i++)
		if (strcmp(t->errors.rows[i].field, field) == 0 && strcmp(t->errors.rows[i].type, type) == 0)
			return true;
	return false;
}

static void
json_and_query_give_the_same_values(void **state)
{
	_taken_ struct taken j = take_json("{\"number\": 7, \"flag\": false, \"text\": \"\\u00e9x\", \"day\": \"2026-11-23\","
	    "\"at\": \"2026-11-23T01:02:03.5+10:00\", \"zone\": \"Australia/Sydney\", \"colour\": \"green\", \"colours\": [\"red\", \"green\"]}");
	_taken_ struct taken q = take_query("number=7&flag=false&text=%C3%A9x&day=2026-11-23&at=2026-11-23T01:02:03.5%2B10:00"
	    "&zone=Australia/Sydney&colour=green&colours=red&colours=green");

	(void)state;
	assert_int_equal(j.errors.count, 0);
	assert_int_equal(q.errors.count, 0);
	for (size_t i = 0; i < schema.count; i++) {
		assert_int_equal(j.v.v[i].state, q.v.v[i].state);
		assert_int_equal(j.v.v[i].number, q.v.v[i].number);
		assert_true(j.v.v[i].text == NULL ? q.v.v[i].text == NULL : strcmp(j.v.v[i].text, q.v.v[i].text) == 0);
	}
	assert_int_equal(j.v.v[COLOURS].number, 1 << 1 | 1 << 2);
	assert_int_equal(j.v.v[AT].number, 1795359723500);
}

static void
choices_of_a_body_are_a_list_of_them(void **state)
{
	static const char *const bad[] = {"[]", "[\"red,green\"]", "[\"blue\"]", "[1]", "[[\"red\"]]", "[\"\"]", "[null]"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		_cleanup_free_ char *text = xasprintf("{\"number\": 7, \"colours\": %s}", bad[i]);
		_taken_ struct taken t = take_json(text);

		if (!has_error(&t, "colours", "unknown_choice"))
			fail_msg("%s", bad[i]);
	}
	_taken_ struct taken t = take_json("{\"number\": 7, \"colours\": \"red\"}");
	assert_true(has_error(&t, "colours", "wrong_type"));
}

static void
every_mistake_is_named(void **state)
{
	_taken_ struct taken t = take_json("{\"flag\": 1, \"text\": \"\", \"day\": \"2026-02-29\", \"at\": \"now\","
	    "\"zone\": \"+10:00\", \"key\": \"a b\","
	    "\"units\": 0.15, \"colour\": \"blue\", \"colours\": [\"red\", \"\"], \"other\": 1}");

	(void)state;
	assert_int_equal(t.r, 0);
	assert_true(has_error(&t, "number", "missing") && has_error(&t, "flag", "wrong_type") && has_error(&t, "text", "too_short"));
	assert_true(has_error(&t, "day", "bad_date") && has_error(&t, "at", "bad_instant") && has_error(&t, "zone", "unknown_zone"));
	assert_true(has_error(&t, "key", "bad_key") && has_error(&t, "units", "too_precise") && has_error(&t, "colour", "unknown_choice"));
	assert_true(has_error(&t, "colours", "unknown_choice") && has_error(&t, "other", "unknown_field"));
	assert_int_equal(t.errors.count, 11);
}

static void
what_is_wrong_is_not_missing_too(void **state)
{
	_taken_ struct taken t = take_json("{\"number\": 11}"), u = take_query("number=x");

	(void)state;
	assert_true(has_error(&t, "number", "out_of_range") && has_error(&u, "number", "wrong_type"));
	assert_true(!has_error(&t, "number", "missing") && !has_error(&u, "number", "missing"));
}

/* json-c saturates silently: a number beyond 2^64 must not become one that passes. */
static void
numbers_out_of_range_never_wrap_into_it(void **state)
{
	static const char *const numbers[] = {"0", "11", "-1", "9223372036854775808", "18446744073709551617", "-9223372036854775809",
	    "100000000000000000000000000000000000001"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(numbers); i++) {
		char json[128];
		snprintf(json, sizeof json, "{\"number\": %s}", numbers[i]);
		_taken_ struct taken t = take_json(json);

		assert_true(has_error(&t, "number", "out_of_range"));
	}
	_taken_ struct taken a = take_json("{\"number\": 1.0}");
	assert_true(has_error(&a, "number", "wrong_type"));
	_taken_ struct taken b = take_json("{\"number\": 1e0}");
	assert_true(has_error(&b, "number", "wrong_type"));
	_taken_ struct taken c = take_json("{\"number\": 1, \"units\": 1e400}");
	assert_true(has_error(&c, "units", "out_of_range"));
}

static void
tenths_are_exact(void **state)
{
	(void)state;
	for (int tenths = 0; tenths <= 2400; tenths++) {
		char json[64];
		snprintf(json, sizeof json, "{\"number\": 1, \"units\": %d.%d}", tenths / 10, tenths % 10);
		_taken_ struct taken t = take_json(json);

		assert_int_equal(t.errors.count, 0);
		assert_int_equal(t.v.v[UNITS].number, tenths);
	}
}

static void
null_is_told_from_left_out(void **state)
{
	_taken_ struct taken t = take_json("{\"number\": 1, \"text\": null}");
	_taken_ struct taken u = take_json("{\"number\": null}");

	(void)state;
	assert_int_equal(t.v.v[TEXT].state, VALUE_NULL);
	assert_int_equal(t.v.v[DAY].state, VALUE_ABSENT);
	assert_int_equal(t.v.v[FLAG].number, 1);
	assert_true(has_error(&u, "number", "wrong_type"));
}

static void
a_member_that_stands_twice_is_refused(void **state)
{
	_taken_ struct taken t = take_json("{\"number\": 1, \"key\": \"k1\", \"key\": \"k2\"}");
	_taken_ struct taken u = take_json("{\"number\": 1, \"zone\\u0000x\": \"UTC\"}");

	(void)state;
	assert_int_equal(t.r, -ENOTUNIQ);
	assert_int_equal(t.position, 27);
	assert_true(t.v.v[KEY].key == NULL);
	assert_int_equal(u.r, -EBADMSG);
	assert_true(u.v.v[ZONE].text == NULL);
}

static void
a_query_is_decoded_strictly(void **state)
{
	_taken_ struct taken t = take_query("number=1&&text=a+b");
	_taken_ struct taken broken = take_query("number=1&text=%4");
	_taken_ struct taken twice = take_query("number=1&number=1");
	_taken_ struct taken unknown = take_query("number=1&%6eumber2=1");

	(void)state;
	assert_int_equal(t.errors.count, 0);
	assert_string_equal(t.v.v[TEXT].text, "a b");
	assert_true(has_error(&broken, "text", "bad_encoding"));
	assert_true(has_error(&twice, "number", "repeated"));
	assert_true(has_error(&unknown, "number2", "unknown_field"));
}

static void
where_json_ends_is_told(void **state)
{
	_taken_ struct taken t = take_json("{\"number\": 1,}");
	_taken_ struct taken u = take_json("{\"text\": \"\xff\"}");

	(void)state;
	assert_int_equal(t.r, -EBADMSG);
	assert_int_equal(t.position, 13);
	assert_int_equal(u.r, -EILSEQ);
}

static void
instants_are_read_as_rfc_3339_writes_them(void **state)
{
	static const char *const bad[] = {"", "2026-11-23", "2026-11-23T01:02:03", "2026-11-23T24:00:00Z", "2026-11-23T01:60:00Z",
	    "2026-11-23T01:02:03.Z", "2026-11-23T01:02:03Zx", "2026-13-01T00:00:00Z", "2026-11-23T+1:02:03Z", "2026-11-23T01:02:03+1:00"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(instant_parse(str_of(bad[i]), &ms), -EINVAL);
	assert_int_equal(instant_parse(STR("1970-01-01T00:00:01.2349Z"), &ms), 0);
	assert_int_equal(ms, 1234);
	assert_int_equal(instant_parse(STR("1970-01-01t10:00:00+10:00"), &ms), 0);
	assert_int_equal(ms, 0);
	assert_int_equal(instant_parse(STR("1969-12-31T19:00:00-05:00"), &ms), -EINVAL);
}

static int
set_up(void **state)
{
	(void)state;
	return secret_setup();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_and_query_give_the_same_values),
	    cmocka_unit_test(choices_of_a_body_are_a_list_of_them),
	    cmocka_unit_test(every_mistake_is_named),
	    cmocka_unit_test(what_is_wrong_is_not_missing_too),
	    cmocka_unit_test(numbers_out_of_range_never_wrap_into_it),
	    cmocka_unit_test(tenths_are_exact),
	    cmocka_unit_test(null_is_told_from_left_out),
	    cmocka_unit_test(a_member_that_stands_twice_is_refused),
	    cmocka_unit_test(a_query_is_decoded_strictly),
	    cmocka_unit_test(where_json_ends_is_told),
	    cmocka_unit_test(instants_are_read_as_rfc_3339_writes_them),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
