/* SPDX-License-Identifier: Apache-2.0 */
/* What an import leaves in the workers' hands is what is stored, whichever way it got there. */
#include "app_unit.h"

#include <errno.h>
#include <string.h>

#include "app/matters.h"
#include "base/alloc.h"
#include "proto/matter_list.h"

struct bench {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
};
static struct bench b;

static void
load(void)
{
	struct matters_load v = {.matters = {.fd = -1}};
	struct verb_answer a = {false, 0};

	app_matters_load(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
}

static void
open_app(void)
{
	struct store_options options = {.path = b.path, .readers = 2};
	struct app_options app_options = {.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC",
	    .units = {.rounding = ROUNDING_TENTH_UP}};
	bool migrated;
	int schema;

	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	app_options.store = b.store;
	b.app = app_new(&app_options);
	app_has_keeper(b.app, 1);
	load();
}

static void
close_app(void)
{
	b.store = store_close(b.store);
	b.app = app_free(b.app);
}

static int
setup(void **state)
{
	(void)state;
	memset(&b, 0, sizeof b);
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-matters-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	open_app();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close_app();
	remove_store(b.path, b.dir);
	return 0;
}

static void
add(struct matters_put *v, const char *code, const char *alias)
{
	struct matter_row *row = matter_page_add(&v->page);

	row->code = xstrdup(code);
	row->name = xstrdup("");
	row->client = xstrdup("");
	if (alias == NULL)
		return;
	row->aliases = xcalloc(1, sizeof *row->aliases);
	row->aliases[row->alias_count++] = xstrdup(alias);
}

static int
put(struct matters_put *v)
{
	struct verb_answer a = {false, 0};

	app_matters_put(b.app, v, verb_done, &a);
	return verb_await(b.store, &a);
}

/* Of the list that a worker would be given. */
static void
expect_known(const char *name, bool known)
{
	struct matter_list *list = NULL;
	struct matter_name found;

	assert_int_equal(matter_list_map(app_matters(b.app)->fd, &list), 0);
	assert_int_equal(matter_list_find(list, str_of(name), &found), known);
	assert_string_equal(app_matters(b.app)->version, matter_list_count(list) > 0 ? matter_list_version(list) : "");
	matter_list_free(list);
}

static void
workers_get_the_list_from_the_moment_it_is_acknowledged_and_after_a_restart(void **state)
{
	struct matters_put v = MATTERS_PUT_INIT;
	char version[MATTERS_VERSION_MAX];

	(void)state;
	expect_known("12345", false);
	add(&v, "12345", "lease");
	assert_int_equal(put(&v), 0);
	assert_true(v.changed);
	assert_int_equal(v.listing.matters, 1);
	matters_put_release(&v);
	expect_known("12345", true);
	expect_known("LEASE", true);
	memcpy(version, app_matters(b.app)->version, sizeof version);
	close_app();
	open_app();
	expect_known("lease", true);
	assert_string_equal(app_matters(b.app)->version, version);
}

static void
the_same_list_again_changes_nothing_and_an_empty_one_forgets_all(void **state)
{
	struct matters_put first = MATTERS_PUT_INIT, again = MATTERS_PUT_INIT, none = MATTERS_PUT_INIT;

	(void)state;
	add(&first, "2", NULL);
	add(&first, "1", NULL);
	add(&again, "1", NULL);
	add(&again, "2", NULL);
	assert_int_equal(put(&first), 0);
	assert_int_equal(put(&again), 0);
	assert_false(again.changed);
	assert_int_equal(again.listing.listing, first.listing.listing);
	assert_int_equal(again.listing.changed_ms, first.listing.changed_ms);
	assert_int_equal(put(&none), 0);
	assert_true(none.changed);
	expect_known("1", false);
	matters_put_release(&first);
	matters_put_release(&again);
	matters_put_release(&none);
}

static void
a_wrong_list_names_its_row_and_leaves_the_one_there_is(void **state)
{
	struct matters_put good = MATTERS_PUT_INIT, twice = MATTERS_PUT_INIT, empty = MATTERS_PUT_INIT;

	(void)state;
	add(&good, "1", NULL);
	assert_int_equal(put(&good), 0);
	add(&twice, "AB-1", NULL);
	add(&twice, "2", NULL);
	add(&twice, "ab-1", NULL);
	assert_int_equal(put(&twice), -EEXIST);
	assert_int_equal(twice.wrong, 2);
	add(&empty, "3", NULL);
	add(&empty, " 4", NULL);
	assert_int_equal(put(&empty), -ERANGE);
	assert_int_equal(empty.wrong, 1);
	expect_known("1", true);
	expect_known("2", false);
	matters_put_release(&good);
	matters_put_release(&twice);
	matters_put_release(&empty);
}

static int
read_nothing(struct matter_page *page, void *arg)
{
	(void)page;
	((struct verb_answer *)arg)->r = 7;
	return -EINVAL;
}

static void
what_cannot_be_read_is_not_written(void **state)
{
	struct matters_put good = MATTERS_PUT_INIT, v = MATTERS_PUT_INIT;

	(void)state;
	add(&good, "1", NULL);
	assert_int_equal(put(&good), 0);
	v.read = read_nothing;
	assert_int_equal(put(&v), -EINVAL);
	expect_known("1", true);
	matters_put_release(&good);
	matters_put_release(&v);
}

#define MATTERS_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    MATTERS_TEST(workers_get_the_list_from_the_moment_it_is_acknowledged_and_after_a_restart),
	    MATTERS_TEST(the_same_list_again_changes_nothing_and_an_empty_one_forgets_all),
	    MATTERS_TEST(a_wrong_list_names_its_row_and_leaves_the_one_there_is),
	    MATTERS_TEST(what_cannot_be_read_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
