/* SPDX-License-Identifier: Apache-2.0 */
/* What was read and may be kept must stay what would be read now, whatever verbs run in between, for as long as the version stays. */
#include "app_unit.h"

#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>

#include "app/internal.h"
#include "base/alloc.h"
#include "base/buf.h"

#define USERS 3
#define STEPS 600

struct bench {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
	struct app_options options;
	uint64_t random;
	struct job_row running[USERS + 1]; /* job_id 0: none */
};
static struct bench b;

static int
setup(void **state)
{
	struct store_options options = {.path = b.path, .readers = 2};
	bool migrated;
	int schema;

	(void)state;
	memset(&b, 0, sizeof b);
	b.random = 7;
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-version-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	b.options = (struct app_options){
	    .store = b.store,
	    .hooks = IDLE_HOOKS,
	    .max_live_jobs = 1000,
	    .default_zone = "Australia/Sydney",
	    .units = {.rounding = ROUNDING_TENTH_UP},
	    .pace = {.interval_ms = 0, .burst = 31},
	};
	b.app = app_new(&b.options);
	app_has_keeper(b.app, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	store_close(b.store);
	app_free(b.app);
	for (size_t i = 0; i <= USERS; i++)
		job_row_release(&b.running[i]);
	remove_store(b.path, b.dir);
	return 0;
}

static unsigned
pick(unsigned below)
{
	b.random = b.random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(b.random >> 33) % below;
}

static void
settle(void)
{
	while (store_pending(b.store) > 0) {
		struct pollfd p = {.fd = store_event_fd(b.store), .events = POLLIN};

		poll(&p, 1, 100);
		store_dispatch(b.store);
	}
}

#define CALL(verb, v)                                                                                                  \
	__extension__({                                                                                                \
		struct verb_answer c_ = {0};                                                                                  \
		verb(b.app, (v), verb_done, &c_);                                                                           \
		settle();                                                                                              \
		assert_true(c_.came);                                                                                  \
		c_.r;                                                                                                  \
	})

/* --- what is kept --------------------------------------------------------------------------------------------------------- */

struct kept {
	char *text;
	uint64_t version;
};

struct reading {
	struct entry_query entries;
	struct report_day report;
	int64_t user;
	struct kept got; /* text NULL: not to be kept */
};

static void
write_entry(struct buf *out, const struct entry_row *e)
{
	buf_addf(out, "%d %d r%d %s|%s|%s|%s|%d %d %d\n", (int)e->entry_id, (int)e->status, (int)e->revision, e->task_description,
	    e->person_description != NULL ? e->person_description : "-", e->notes != NULL ? e->notes : "-",
	    e->matter_code != NULL ? e->matter_code : "-", (int)e->total_seconds, (int)e->units_tenths, (int)e->updated_ms);
}

static char *
text_of_entries(const struct entry_list *list)
{
	struct buf out = BUF_INIT(1 << 20);

	for (size_t i = 0; i < list->count; i++)
		write_entry(&out, &list->rows[i]);
	return buf_take(&out, NULL);
}

static void
on_entries(int r, void *arg)
{
	struct reading *x = arg;

	assert_int_equal(r, 0);
	if (!app_keepable(b.app, x->user))
		return;
	x->got = (struct kept){text_of_entries(&x->entries.list), app_version(b.app, x->user)};
}

static void
on_report(int r, void *arg)
{
	struct reading *x = arg;
	const struct report_day *v = &x->report;

	if (r < 0 || !app_keepable(b.app, x->user))
		return;
	x->got.text = xasprintf("%d %d %d %d %d %d", (int)v->sums.captured_seconds, (int)v->sums.pending_seconds, (int)v->sums.ignored_seconds,
	    (int)v->sums.unprocessed_seconds, (int)v->state.generation, (int)v->state.processed_generation);
	x->got.version = app_version(b.app, x->user);
}

static day_t
today(void)
{
	struct user_get v = {.alp_user_id = USERS + 1};

	assert_int_equal(CALL(app_user_get, &v), 0);
	user_get_release(&v);
	return v.today;
}

/* Hands a read over, without waiting for it. */
static void
begin_reading(struct reading *x, int64_t user, bool report, day_t day)
{
	*x = (struct reading){.user = user};
	x->entries.filter = (struct entry_filter){.alp_user_id = user, .to = DAY_MAX, .statuses = 0x1f};
	x->report = (struct report_day){.alp_user_id = user, .day = day};
	if (report)
		app_report_day(b.app, &x->report, on_report, x);
	else
		app_entry_query(b.app, &x->entries, on_entries, x);
}

static void
end_reading(struct reading *x)
{
	entry_query_release(&x->entries);
	report_day_release(&x->report);
}

static struct kept
read_now(int64_t user, bool report, day_t day)
{
	struct reading x;

	begin_reading(&x, user, report, day);
	settle();
	end_reading(&x);
	return x.got;
}

/* --- all that can happen -------------------------------------------------------------------------------------------------- */

static void
submit_fetch(int64_t user)
{
	struct fetch_submit v = {.alp_user_id = user, .days = 1, .target_day = -1, .priority = 5, .process = true};

	assert_int_equal(secret_new(STR("B63test-key"), &v.key), 0);
	CALL(app_fetch_submit, &v);
	fetch_submit_release(&v);
}

static void
submit_process(int64_t user)
{
	struct process_submit v = {.alp_user_id = user, .all_unprocessed = true, .priority = 5};

	CALL(app_process_submit, &v);
	process_submit_release(&v);
}

static void
claim(void)
{
	struct run_claim v = {.max = 8, .kinds = UINT32_MAX};

	assert_int_equal(CALL(app_run_claim, &v), 0);
	for (size_t i = 0; i < v.jobs.count; i++) {
		struct job_row *slot = &b.running[v.jobs.rows[i].alp_user_id];

		job_row_release(slot);
		*slot = v.jobs.rows[i];
		v.jobs.rows[i] = JOB_ROW_INIT;
	}
	run_claim_release(&v);
}

static void
deliver(const struct job_row *job)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(10, 10000);
	struct row_view row = {.bucket_s = 300, .seconds = (int32_t)(60 + pick(600)), .activity = STR("Word"), .category = STR("c")};
	struct run_fetched v = {.job_id = job->job_id, .run = job->run, .day = job->next_day};
	static const char *const documents[] = {"Deed", "Lease", "Will"};

	for (size_t i = 0; i <= pick(3); i++) {
		row.document = str_of(documents[i]);
		assert_int_equal(rowset_builder_add(rows, &row), 0);
	}
	assert_int_equal(rowset_build(rows, &v.grain), 0);
	CALL(app_run_fetched, &v);
	run_fetched_release(&v);
}

static void
verdict(const struct job_row *job)
{
	struct run_input in = {.job_id = job->job_id};

	assert_int_equal(CALL(app_run_input, &in), 0);
	for (size_t i = 0; i < in.count; i++) {
		struct run_verdict v;

		verdicts_of(job, &in, i, &v);
		CALL(app_run_verdict, &v);
		run_verdict_release(&v);
	}
	run_input_release(&in);
}

static void
work(int64_t user)
{
	struct job_row *job = &b.running[user];
	struct run_end v = {.job_id = job->job_id, .run = job->run, .success = pick(4) > 0, .outcome = OUTCOME_TRANSIENT,
	    .code = "upstream_unavailable"};

	if (job->job_id == 0)
		return;
	if (job->kind == KIND_FETCH)
		deliver(job);
	else
		verdict(job);
	CALL(app_run_end, &v);
	run_end_release(&v);
	job_row_release(job);
	*job = JOB_ROW_INIT;
}

static void
edit(int64_t user)
{
	struct entry_query q = {.filter = {.alp_user_id = user, .to = DAY_MAX, .statuses = 0x1f}};
	struct entry_edit v = {.alp_user_id = user, .notes = EDIT_SET, .notes_value = pick(2) ? "one" : "two",
	    .status = pick(2) ? ENTRY_IGNORED : ENTRY_PENDING};

	assert_int_equal(CALL(app_entry_query, &q), 0);
	if (q.list.count > 0) {
		v.entry_id = q.list.rows[pick((unsigned)q.list.count)].entry_id;
		CALL(app_entry_edit, &v);
		entry_edit_release(&v);
	}
	entry_query_release(&q);
}

static void
cancel_or_retry(int64_t user)
{
	struct job_query q = {.filter = {.alp_user_id = user, .limit = 1}};

	assert_int_equal(CALL(app_job_query, &q), 0);
	if (q.list.count > 0 && pick(2)) {
		struct job_cancel v = {.job_id = q.list.rows[0].job_id};

		CALL(app_job_cancel, &v);
		job_cancel_release(&v);
	} else if (q.list.count > 0) {
		struct job_retry v = {.job_id = q.list.rows[0].job_id};

		assert_int_equal(secret_new(STR("B63test-key"), &v.key), 0);
		CALL(app_job_retry, &v);
		job_retry_release(&v);
	}
	job_query_release(&q);
}

static void
put_user(int64_t user)
{
	struct user_put v = {.alp_user_id = user, .time_zone = pick(2) ? "Europe/Berlin" : NULL};

	assert_int_equal(CALL(app_user_put, &v), 0);
	user_put_release(&v);
}

static void
housekeeping(void)
{
	struct recovery recovery = {0};
	struct prune prune = {.keep_ms = -1000};

	assert_int_equal(CALL(app_recover, &recovery), 0);
	recovery_release(&recovery);
	assert_int_equal(CALL(app_prune, &prune), 0);
	app_clock_set_back(b.app, 1000);
	settle();
}

static void
something_happens(int64_t user)
{
	switch (pick(12)) {
	case 0:
	case 1:
		submit_fetch(user);
		break;
	case 2:
		submit_process(user);
		break;
	case 3:
	case 4:
		claim();
		break;
	case 5:
	case 6:
	case 7:
		claim();
		work(user);
		break;
	case 8:
	case 9:
		edit(user);
		break;
	case 10:
		pick(3) == 0 ? housekeeping() : cancel_or_retry(user);
		break;
	default:
		put_user(user);
	}
}

/* --- tests ---------------------------------------------------------------------------------------------------------------- */

static void
check_kept(struct kept kept[USERS + 1][2], day_t day, int *agreed)
{
	for (int64_t user = 1; user <= USERS; user++)
		for (int report = 0; report < 2; report++) {
			struct kept *k = &kept[user][report], fresh = read_now(user, report, day);

			if (k->text != NULL && fresh.text != NULL && k->version == app_version(b.app, user)) {
				assert_string_equal(k->text, fresh.text);
				++*agreed;
			}
			free(fresh.text);
		}
}

static void
what_may_be_kept_is_what_would_be_read_now(void **state)
{
	struct kept kept[USERS + 1][2] = {0};
	int agreed = 0, changed = 0;
	day_t day = today();

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		int64_t user = 1 + pick(USERS), read_user = 1 + pick(USERS);
		bool report = pick(2);
		struct reading x;

		/* The read is under way while whatever happens happens. */
		begin_reading(&x, read_user, report, day);
		something_happens(user);
		settle();
		end_reading(&x);
		if (x.got.text != NULL) {
			changed += kept[read_user][report].text != NULL && strcmp(kept[read_user][report].text, x.got.text) != 0;
			free(kept[read_user][report].text);
			kept[read_user][report] = x.got;
		}
		check_kept(kept, day, &agreed);
	}
	for (size_t user = 0; user <= USERS; user++)
		for (size_t report = 0; report < 2; report++)
			free(kept[user][report].text);
	/* It happened: things were kept, and things changed. */
	assert_true(agreed > STEPS / 2);
	assert_true(changed > 20);
}

/* A read that has seen the store before a write, and ends after it. */
struct slow_read {
	sem_t has_read, may_end;
	bool keepable;
};

static int
slow_run(struct txn *txn, struct op *op)
{
	struct slow_read *slow = op->verb;
	struct user_row user;
	int r = txn_user_get(txn, 1, &user);

	sem_post(&slow->has_read);
	sem_wait(&slow->may_end);
	return r == -ENOENT ? 0 : r;
}

static void
on_slow_read(int r, void *arg)
{
	struct slow_read *slow = arg;

	assert_int_equal(r, 0);
	slow->keepable = app_keepable(b.app, 1);
}

static bool
keepable_after_a_write_to(int64_t user)
{
	struct user_put put = {.alp_user_id = user};
	struct verb_answer written = {0};
	struct slow_read slow = {0};

	sem_init(&slow.has_read, 0, 0);
	sem_init(&slow.may_end, 0, 0);
	app_submit(b.app, OP_READ, &slow, slow_run, NULL, on_slow_read, &slow);
	sem_wait(&slow.has_read);
	app_user_put(b.app, &put, verb_done, &written);
	while (!written.came)
		store_dispatch(b.store);
	user_put_release(&put);
	sem_post(&slow.may_end);
	settle();
	return slow.keepable;
}

static void
a_read_that_a_write_overtook_is_not_kept(void **state)
{
	(void)state;
	assert_false(keepable_after_a_write_to(1));
	assert_true(keepable_after_a_write_to(2));
}

static void
a_write_raises_its_users_version_only(void **state)
{
	uint64_t before[USERS + 1];

	(void)state;
	for (int64_t user = 1; user <= USERS; user++)
		before[user] = app_version(b.app, user);
	submit_fetch(1);
	claim();
	assert_int_equal(app_version(b.app, 1), before[1]);
	work(1);
	assert_true(app_version(b.app, 1) > before[1]);
	assert_int_equal(app_version(b.app, 2), before[2]);
	assert_int_equal(app_version(b.app, 3), before[3]);
}

static void
a_write_that_names_nobody_outdates_everybody(void **state)
{
	struct trace jobs = {.users = {1}, .count = 1}, nobody = {0}, everyone = {.everyone = true};
	struct versions *v = xcalloc(1, sizeof *v);

	(void)state;
	versions_raise(v, &nobody);
	assert_int_equal(versions_of(v, 1), 0);
	versions_raise(v, &jobs);
	assert_int_equal(versions_of(v, 1), 1);
	assert_int_equal(versions_of(v, 2), 0);
	versions_raise(v, &everyone);
	assert_int_equal(versions_of(v, 1), 2);
	assert_int_equal(versions_of(v, 2), 2);
	free(v);
	/* Outside a verb's `done` there is nothing to keep. */
	assert_false(app_keepable(b.app, 1));
}

static void
on_jobs(int r, void *arg)
{
	bool *keepable = arg;

	assert_int_equal(r, 0);
	*keepable = app_keepable(b.app, 1);
}

static void
a_list_of_jobs_may_not_be_kept(void **state)
{
	struct job_query q = {.filter = {.alp_user_id = 1}};
	bool keepable = true;

	(void)state;
	app_job_query(b.app, &q, on_jobs, &keepable);
	settle();
	assert_false(keepable);
	job_query_release(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(what_may_be_kept_is_what_would_be_read_now, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_read_that_a_write_overtook_is_not_kept, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_write_raises_its_users_version_only, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_write_that_names_nobody_outdates_everybody, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_list_of_jobs_may_not_be_kept, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
