/* SPDX-License-Identifier: Apache-2.0 */
#include "store_unit.h"

#include "base/buf.h"
#include "store/matter.h"

struct import {
	struct matter_page page;
	const char *version;
	int64_t now_ms;
	struct matter_import listing;
};

static int
import_run(struct txn *txn, void *arg)
{
	struct import *i = arg;

	return txn_matters_replace(txn, &i->page, i->version, false, i->now_ms, &i->listing);
}

struct reading {
	const char *after, *text;
	int64_t limit;
	struct matter_page page;
};

static int
read_run(struct txn *txn, void *arg)
{
	struct reading *r = arg;

	return txn_matters_page(txn, r->after, r->text, r->limit, &r->page);
}

static void
add(struct import *i, const char *code, const char *name, const char *client, bool is_open, const char *alias)
{
	struct matter_row *row = matter_page_add(&i->page);

	row->code = xstrdup(code);
	row->name = xstrdup(name);
	row->client = xstrdup(client);
	row->is_open = is_open;
	if (alias == NULL)
		return;
	row->aliases = xcalloc(1, sizeof *row->aliases);
	row->aliases[row->alias_count++] = xstrdup(alias);
}

static void
import(struct bench *b, struct import *i)
{
	assert_int_equal(write_now(b->store, import_run, i), 0);
	matter_page_release(&i->page);
}

static struct matter_page
page(struct bench *b, const char *after, const char *text, int64_t limit)
{
	struct reading r = {.after = after, .text = text, .limit = limit};

	assert_int_equal(read_now(b->store, read_run, &r), 0);
	return r.page;
}

static void
expect_codes(struct bench *b, const char *after, const char *text, int64_t limit, const char *expected)
{
	struct matter_page p = page(b, after, text, limit);
	_cleanup_(buf_release) struct buf codes = BUF_INIT(1000);

	for (size_t i = 0; i < p.count; i++)
		buf_addf(&codes, "%s%s", i > 0 ? " " : "", p.rows[i].code);
	assert_string_equal(codes.len > 0 ? codes.p : "", expected);
	matter_page_release(&p);
}

static void
a_list_takes_the_place_of_the_whole_one_before(void **state)
{
	struct bench *b = *state;
	struct import first = {.version = "v1", .now_ms = 10}, second = {.version = "v2", .now_ms = 20};
	struct matter_page p;

	add(&first, "100", "Lease", "Smith", true, "smith-lease");
	add(&first, "200", "Will", "Jones", true, NULL);
	add(&first, "300", "Sale", "Brown", true, "brown");
	import(b, &first);
	assert_int_equal(first.listing.listing, 1);
	add(&second, "100", "Lease", "Smith", true, NULL);
	add(&second, "300", "Sale", "Brown", false, "brown");
	add(&second, "400", "Deed", "", true, NULL);
	import(b, &second);
	assert_int_equal(second.listing.listing, 2);
	assert_int_equal(second.listing.matters, 3);
	assert_string_equal(second.listing.version, "v2");

	p = page(b, "", NULL, 0);
	assert_int_equal(p.count, 3);
	assert_int_equal(p.rows[0].alias_count, 0);
	assert_int_equal(p.rows[0].updated_ms, 10); /* nothing new was said of it */
	assert_false(p.rows[1].is_open);
	assert_int_equal(p.rows[1].updated_ms, 20);
	assert_int_equal(p.rows[1].alias_count, 1);
	assert_string_equal(p.rows[1].aliases[0], "brown");
	assert_string_equal(p.rows[2].code, "400");
	matter_page_release(&p);
}

static void
matters_are_paged_in_the_order_of_their_codes_and_searched_in_any_case(void **state)
{
	struct bench *b = *state;
	struct import i = {.version = "v1", .now_ms = 10};

	add(&i, "b-2", "Lease of shop", "Müller", true, NULL);
	add(&i, "A-1", "Estate", "SMITH & Sons", true, NULL);
	add(&i, "C-3", "Sale", "Smithers", true, NULL);
	import(b, &i);
	expect_codes(b, "", NULL, 0, "A-1 b-2 C-3");
	expect_codes(b, "", NULL, 2, "A-1 b-2");
	expect_codes(b, "B-2", NULL, 2, "C-3");
	expect_codes(b, "", "smith", 0, "A-1 C-3");
	expect_codes(b, "", "MÜLLER", 0, "b-2");
	expect_codes(b, "", "c-", 0, "C-3");
	expect_codes(b, "", "%", 0, "");
}

static void
an_empty_list_is_one_too(void **state)
{
	struct bench *b = *state;
	struct import first = {.version = "v1", .now_ms = 10}, none = {.version = "v0", .now_ms = 20};

	add(&first, "100", "", "", true, "x");
	import(b, &first);
	import(b, &none);
	assert_int_equal(none.listing.matters, 0);
	expect_codes(b, "", NULL, 0, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_list_takes_the_place_of_the_whole_one_before),
	    STORE_TEST(matters_are_paged_in_the_order_of_their_codes_and_searched_in_any_case),
	    STORE_TEST(an_empty_list_is_one_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
