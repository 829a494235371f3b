/* SPDX-License-Identifier: Apache-2.0 */
/* posting_unit.h - the outbox's verbs on a real store, for the tests of postings: what they say and ask. */
#ifndef RTALP_TESTS_POSTING_UNIT_H
#define RTALP_TESTS_POSTING_UNIT_H

#include "app_unit.h"

#include <errno.h>
#include <string.h>

#include "app/posting.h"
#include "base/alloc.h"
#include "store/check.h"

#define USER ((int64_t)42)
#define DAY  ((day_t)20000)
#define COMPONENT ((int64_t)7)

static struct {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
	int woken;
	int32_t minimum_tenths; /* of the policy */
} b;

static void
woken(void *arg)
{
	(void)arg;
	b.woken++;
}

/* Waits are of no length: what is due is due now. */
static struct app_options
options_of(struct alp_can can)
{
	return (struct app_options){.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC",
	    .units = {.rounding = ROUNDING_TENTH_UP, .minimum_tenths = b.minimum_tenths}, .store = b.store,
	    .posting = {.can = can, .reference_field = "external_reference", .looks = 3, .unlisted_ms = INT64_MAX, .retry_ms = 0, .retry_max_ms = 0, .sends_max = 3}};
}

static void
open_app(struct alp_can can)
{
	struct store_options options = {.path = b.path, .readers = 1};
	struct app_options app_options;
	bool migrated;
	int schema;

	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	app_options = options_of(can);
	b.app = app_new(&app_options);
	app_has_keeper(b.app, 1);
	app_on_postings_due(b.app, woken, NULL);
}

static void
close_app(void)
{
	b.store = store_close(b.store);
	b.app = app_free(b.app);
}

static const struct alp_can lists_all = {.lists_entries = true, .lists_fresh = true};

static int
setup(void **state)
{
	(void)state;
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-posting-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	b.woken = 0;
	b.minimum_tenths = 0;
	open_app(lists_all);
	return 0;
}

static int
check_run(struct txn *txn, void *arg)
{
	return store_check(txn, arg);
}

struct promise_check {
	char *violation;
	struct verb_answer answer;
};

static int
promise_run(struct txn *txn, void *arg)
{
	return check_run(txn, &((struct promise_check *)arg)->violation);
}

static void
promise_done(int r, void *arg)
{
	((struct promise_check *)arg)->answer = (struct verb_answer){true, r};
}

static int
teardown(void **state)
{
	struct promise_check c = {0};

	(void)state;
	store_read(b.store, promise_run, promise_done, &c);
	(void)verb_await(b.store, &c.answer);
	if (c.violation != NULL)
		fail_msg("%s", c.violation);
	close_app();
	remove_store(b.path, b.dir);
	return 0;
}

/* --- what tests say ---------------------------------------------------------------------------------------------------------- */

static struct post_submit
a_wish(int64_t entry_id, int64_t component)
{
	struct post_submit v = {.actor = {.kind = ACTOR_TOKEN, .id = 3}, .items = xcalloc(1, sizeof *v.items), .count = 1};

	v.items[0].entry_id = entry_id;
	v.items[0].fields = (struct post_fields){.user_id = USER, .component_id = component, .day = DAY, .units = 3, .rate = 450, .billable_type = 1,
	    .gst_type = 2, .description = xstrdup("Advising on the lease")};
	return v;
}

static int
submit(struct post_submit *v)
{
	struct verb_answer a = {false, 0};

	app_post_submit(b.app, v, verb_done, &a);
	return verb_await(b.store, &a);
}

static int64_t
posting_of(int64_t entry_id, int64_t component)
{
	struct post_submit v = a_wish(entry_id, component);
	int64_t id;

	assert_int_equal(submit(&v), 0);
	id = v.items[0].posting.posting_id;
	post_submit_release(&v);
	return id;
}

static struct posting_get
look_at(int64_t posting_id)
{
	struct posting_get v = {.posting_id = posting_id};
	struct verb_answer a = {false, 0};

	app_posting_get(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	return v;
}

static void
stands(int64_t posting_id, enum posting_state state, const char *code)
{
	struct posting_get v = look_at(posting_id);

	assert_string_equal(posting_state_name(v.posting.state), posting_state_name(state));
	if (code == NULL)
		assert_null(v.posting.problem_code);
	else
		assert_string_equal(v.posting.problem_code, code);
	posting_get_release(&v);
}

/* How many may be sent now; a listing is given where one is needed. */
static size_t
begin(int64_t posting_id, const struct alp_entries *listed)
{
	struct posting_begin v = {.ids = &posting_id, .count = 1, .listed = listed};
	struct verb_answer a = {false, 0};
	size_t count;

	app_posting_begin(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	count = v.begun.count;
	posting_begin_release(&v);
	return count;
}

static const struct alp_entries nothing_listed;

static int
sent_as(int64_t posting_id, int64_t attempt, enum post_outcome outcome, int status, const struct alp_entry *entry)
{
	struct posting_sent v = {.posting_id = posting_id, .attempt = attempt, .outcome = outcome, .status = status, .entry = entry,
	    .text = "the matter is closed", .detail = "detail"};
	struct verb_answer a = {false, 0};
	int r;

	app_posting_sent(b.app, &v, verb_done, &a);
	r = verb_await(b.store, &a);
	posting_sent_release(&v);
	return r;
}

static void
looked(int64_t posting_id, const struct alp_entries *listed)
{
	struct posting_looked v = {.ids = &posting_id, .count = 1, .listed = listed, .complete = true};
	struct verb_answer a = {false, 0};

	app_posting_looked(b.app, &v, verb_done, &a);
	assert_int_equal(verb_await(b.store, &a), 0);
	posting_looked_release(&v);
}

static struct alp_entry
alps(const char *id)
{
	static char words[] = "Advising on the lease", json[] = "{\"id\":1}";
	struct alp_entry e = {.state = ALP_ENTRY_OPEN, .day = DAY, .user_id = USER, .component_id = COMPONENT, .units = 3, .rate = 450, .billable_type = 1,
	    .gst_type = 2, .description = words, .json = json};

	snprintf(e.id, sizeof e.id, "%s", id);
	return e;
}

static int
resolve(int64_t posting_id, const char *alp_entry_id)
{
	struct posting_resolve v = {.actor = {.kind = ACTOR_LOCAL}, .posting_id = posting_id, .is_there = alp_entry_id != NULL,
	    .alp_entry_id = alp_entry_id};
	struct verb_answer a = {false, 0};
	int r;

	app_posting_resolve(b.app, &v, verb_done, &a);
	r = verb_await(b.store, &a);
	posting_resolve_release(&v);
	return r;
}

static int
entry_run(struct txn *txn, void *arg)
{
	struct entry_row entry = ENTRY_ROW_INIT;
	int r;

	entry.alp_user_id = USER;
	entry.day = DAY;
	entry.status = ENTRY_PENDING;
	snprintf(entry.source_hash, sizeof entry.source_hash, "%064d", 1);
	entry.application = xstrdup("Word");
	entry.task_description = xstrdup("lease.docx");
	entry.total_seconds = 756;
	entry.units_tenths = 21;
	entry.rounding = ROUNDING_TENTH_UP;
	entry.units_per = UNITS_PER_ENTRY;
	r = txn_entry_insert(txn, &entry);
	*(int64_t *)arg = entry.entry_id;
	entry_row_release(&entry);
	return r;
}

struct making {
	int64_t entry_id;
	struct verb_answer answer;
};

static void
made(int r, void *arg)
{
	struct making *m = arg;

	m->answer = (struct verb_answer){true, r};
}

static int
making_run(struct txn *txn, void *arg)
{
	return entry_run(txn, &((struct making *)arg)->entry_id);
}

static int64_t
make_draft(void)
{
	struct making m = {0};

	store_write(b.store, making_run, made, &m);
	assert_int_equal(verb_await(b.store, &m.answer), 0);
	return m.entry_id;
}

#define POSTING_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
