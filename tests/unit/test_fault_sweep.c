/* SPDX-License-Identifier: Apache-2.0 */
/* A user's day from the key to the posting, in a child of its own, in which the n-th write, fsync or allocation fails; n goes upward until a child
 * passes without reaching it. After each, in a store that is opened as after a restart: what the child was told to be stored is there, what it was
 * told to be undone is not, every promise of the schema holds, before and after recovery, and work goes on. Counted from the making of the store
 * on, and, in a store that there was before, from the day's beginning on.
 *
 * The child may die of a failed allocation: by abort(), which is the house rule (base/alloc.h), or of json-c 0.16, which reads a name that it could not
 * copy. (rtalpd does not let it come to that: src/daemon/wiping_alloc.c.) It must not die of anything else.
 *
 * Every n takes minutes. Ordinarily as many as fit into seconds are tried, spread over all; $RTALP_SWEEP=full tries each (of the allocations while a
 * store is made, which are those of the engine that reads its schema, each 16th), $RTALP_SWEEP_FROM begins there. */
#include "app_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "app/posting.h"
#include "base/alloc.h"
#include "fault_sys.h"
#include "store/check.h"

#define USER  ((int64_t)42)
#define OTHER ((int64_t)43)
#define DAY   ((day_t)20000)

#define UNTOLD INT32_MAX

enum scene { FETCH, CLAIM, FETCHED, WAITS, CLAIM_RULES, VERDICT, OVER, EDIT, POST, SENDING, SENT, ANOTHER, CANCEL, SCENES };

/* What the child was told of each scene; memory that the parent sees. */
struct story {
	struct fault_order order;
	_Atomic int told[SCENES];
	_Atomic int64_t id[SCENES];
	_Atomic int opened;
};

/* In the child: the parts of its life. */
static struct {
	struct story *story;
	struct store *store;
	struct app *app;
	struct job_row fetch, process;
	int64_t entry_id;
} c;

static const struct {
	const char *name;
	const char *is_there; /* asks of ?1, the scene's id */
} scenes[SCENES] = {
    [FETCH] = {"a fetch with its key", "SELECT 1 FROM jobs WHERE job_id = ?1 AND alp_user_id = 42 AND (sealed_key IS NOT NULL OR waiting = 1 OR state > 2)"},
    [ANOTHER] = {"another user's fetch", "SELECT 1 FROM jobs WHERE job_id = ?1 AND alp_user_id = 43 AND (sealed_key IS NOT NULL OR state > 2)"},
    [CANCEL] = {"its cancellation", "SELECT 1 FROM jobs WHERE job_id = ?1 AND state = 5 AND sealed_key IS NULL"},
    [CLAIM] = {"a run of the fetch", "SELECT 1 FROM jobs WHERE job_id = ?1 AND run > 0"},
    [FETCHED] = {"the day", "SELECT 1 FROM activity_grain WHERE alp_user_id = 42 AND log_date = ?1"},
    [WAITS] = {"the end of the fetch", "SELECT 1 FROM jobs WHERE job_id = ?1 AND (waiting = 1 OR state = 3)"},
    [CLAIM_RULES] = {"a run of the rules", "SELECT 1 FROM jobs WHERE job_id = ?1 AND run > 0"},
    [VERDICT] = {"an entry", "SELECT 1 FROM time_entries WHERE alp_user_id = 42 AND entry_date = ?1 AND total_seconds = 300"},
    [OVER] = {"the end of both", "SELECT 1 FROM jobs WHERE job_id = ?1 AND state = 3 AND sealed_key IS NULL"},
    [EDIT] = {"a person's edit", "SELECT 1 FROM time_entries e JOIN audit a USING (entry_id) WHERE entry_id = ?1 AND notes = 'kept'"},
    [POST] = {"a posting", "SELECT 1 FROM postings p JOIN time_entries e USING (entry_id) WHERE posting_id = ?1 AND status = 2"},
    [SENDING] = {"leave to send it", "SELECT 1 FROM postings WHERE posting_id = ?1 AND attempts = 1 AND state > 1"},
    [SENT] = {"ALP's answer", "SELECT 1 FROM postings WHERE posting_id = ?1 AND state = 4 AND alp_entry_id = 'e-1'"},
};

static void
nothing(void *arg)
{
	(void)arg;
}

static void
kill_nobody(void *arg, int64_t job_id, int32_t run)
{
	(void)arg;
	(void)job_id;
	(void)run;
}

static struct app_options
options_of(struct store *store)
{
	return (struct app_options){.hooks = {.wake = nothing, .kill_run = kill_nobody}, .max_live_jobs = 10, .default_zone = "UTC", .pace = {.burst = 31},
	    .units = {.rounding = ROUNDING_TENTH_UP}, .store = store,
	    .posting = {.can = {.lists_entries = true, .lists_fresh = true}, .reference_field = "external_reference", .looks = 3,
	        .unlisted_ms = INT64_MAX, .sends_max = 3}};
}

/* Runs the completions until the answer came; a child that hears nothing ends with a status that no fault excuses. */
#define HEARS_NOTHING 3

static int
await(struct store *store, const struct verb_answer *a)
{
	for (int turns = 0; !a->came && turns < 300; turns++) {
		struct pollfd p = {.fd = store_event_fd(store), .events = POLLIN};

		poll(&p, 1, 100);
		store_dispatch(store);
	}
	if (!a->came)
		_exit(HEARS_NOTHING);
	return a->r;
}

#define CALL(app, store, verb, v)                                                                                      \
	__extension__({                                                                                                \
		struct verb_answer a_ = {0};                                                                           \
		verb((app), (v), verb_done, &a_);                                                                      \
		await((store), &a_);                                                                                   \
	})

/* --- the child's day --------------------------------------------------------------------------------------------------------- */

static bool
tell(enum scene scene, int64_t id, int r)
{
	c.story->id[scene] = id;
	c.story->told[scene] = r;
	return r == 0;
}

static int
ask_for(struct app *app, struct store *store, int64_t user, int64_t *ret_job)
{
	struct fetch_submit v = {.alp_user_id = user, .days = 1, .target_day = DAY, .priority = PRIORITY_DEFAULT, .process = true};
	int r = secret_new(STR("B63-the-key"), &v.key);

	if (r == 0)
		r = CALL(app, store, app_fetch_submit, &v);
	*ret_job = v.job.job_id;
	fetch_submit_release(&v);
	return r;
}

static bool
fetch(enum scene scene, int64_t user)
{
	int64_t id = 0;
	int r = ask_for(c.app, c.store, user, &id);

	return tell(scene, id, r);
}

static bool
cancel(void)
{
	struct job_cancel v = {.job_id = c.story->id[ANOTHER]};
	bool did = tell(CANCEL, v.job_id, CALL(c.app, c.store, app_job_cancel, &v));

	job_cancel_release(&v);
	return did;
}

static bool
claim(enum scene scene, enum job_kind kind, struct job_row *ret_job)
{
	struct run_claim v = {.max = 1, .kinds = 1u << kind};
	int r = CALL(c.app, c.store, app_run_claim, &v);
	bool did = r == 0 && v.jobs.count == 1;

	if (did) {
		*ret_job = v.jobs.rows[0];
		v.jobs.rows[0] = JOB_ROW_INIT;
	}
	if (did || r != 0)
		tell(scene, did ? ret_job->job_id : 0, r);
	run_claim_release(&v);
	return did;
}

static bool
deliver(void)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(10, 10000);
	const struct row_view row = {.bucket_s = 300, .seconds = 300, .activity = STR("Word"), .document = STR("lease.docx"), .category = STR("c")};
	struct run_fetched v = {.job_id = c.fetch.job_id, .run = c.fetch.run, .day = DAY};
	bool did;

	if (rowset_builder_add(rows, &row) < 0 || rowset_build(rows, &v.grain) < 0)
		return false;
	did = tell(FETCHED, DAY, CALL(c.app, c.store, app_run_fetched, &v));
	run_fetched_release(&v);
	return did;
}

static bool
end(enum scene scene, const struct job_row *job)
{
	struct run_end v = {.job_id = job->job_id, .run = job->run, .success = true};
	bool did = tell(scene, job->job_id, CALL(c.app, c.store, app_run_end, &v));

	run_end_release(&v);
	return did;
}

static bool
judge(void)
{
	struct run_input in = {.job_id = c.process.job_id};
	struct run_verdict v;
	bool did = CALL(c.app, c.store, app_run_input, &in) == 0 && in.count == 1;

	if (did) {
		verdicts_of(&c.process, &in, 0, &v);
		did = tell(VERDICT, DAY, CALL(c.app, c.store, app_run_verdict, &v));
		run_verdict_release(&v);
	}
	run_input_release(&in);
	return did;
}

static bool
find_entry(void)
{
	struct entry_query v = {.filter = {.alp_user_id = USER, .from = DAY, .to = DAY, .limit = 10}};
	bool did = CALL(c.app, c.store, app_entry_query, &v) == 0 && v.list.count == 1;

	if (did)
		c.entry_id = v.list.rows[0].entry_id;
	entry_query_release(&v);
	return did;
}

static void
edit(void)
{
	struct entry_edit v = {.actor = {.kind = ACTOR_TOKEN, .id = 3}, .entry_id = c.entry_id, .notes = EDIT_SET, .notes_value = "kept"};

	tell(EDIT, c.entry_id, CALL(c.app, c.store, app_entry_edit, &v));
	entry_edit_release(&v);
}

static bool
post(void)
{
	struct post_submit v = {.actor = {.kind = ACTOR_TOKEN, .id = 3}, .items = xcalloc(1, sizeof *v.items), .count = 1};
	int r;

	v.items[0].entry_id = c.entry_id;
	v.items[0].fields = (struct post_fields){.user_id = USER, .component_id = 7, .day = DAY, .units = 1, .rate = 450, .billable_type = 1,
	    .gst_type = 2, .description = xstrdup("Advising on the lease")};
	r = CALL(c.app, c.store, app_post_submit, &v);
	tell(POST, v.items[0].posting.posting_id, r);
	post_submit_release(&v);
	return r == 0;
}

static bool
begin(void)
{
	static const struct alp_entries nothing_listed;
	const int64_t id = c.story->id[POST];
	struct posting_begin v = {.ids = &id, .count = 1, .listed = &nothing_listed};
	int r = CALL(c.app, c.store, app_posting_begin, &v);
	bool did = r == 0 && v.begun.count == 1;

	if (did || r != 0)
		tell(SENDING, id, r);
	posting_begin_release(&v);
	return did;
}

static void
sent(void)
{
	static char words[] = "Advising on the lease", json[] = "{\"id\":1}";
	const struct alp_entry e = {.state = ALP_ENTRY_OPEN, .day = DAY, .user_id = USER, .component_id = 7, .units = 1, .rate = 450,
	    .billable_type = 1, .gst_type = 2, .description = words, .json = json, .id = "e-1"};
	struct posting_sent v = {.posting_id = c.story->id[POST], .attempt = 1, .outcome = POST_POSTED, .status = 201, .entry = &e};

	tell(SENT, v.posting_id, CALL(c.app, c.store, app_posting_sent, &v));
	posting_sent_release(&v);
}

/* What cannot go on ends here. */
static void
day_of_the_user(void)
{
	if (!fetch(FETCH, USER) || !claim(CLAIM, KIND_FETCH, &c.fetch) || !deliver() || !end(WAITS, &c.fetch) ||
	    !claim(CLAIM_RULES, KIND_PROCESS, &c.process) || !judge())
		return;
	if (end(OVER, &c.process) && find_entry())
		edit();
	if (c.entry_id > 0 && post() && begin())
		sent();
	job_row_release(&c.fetch);
	job_row_release(&c.process);
}

/* What does not hang on that goes on: afterwards, so that it is the user's job that was claimed. */
static void
live(void)
{
	day_of_the_user();
	if (fetch(ANOTHER, OTHER))
		(void)cancel();
}

static int
open_store(const char *path, struct store **ret_store)
{
	struct store_options options = {.path = path, .readers = 1};
	bool migrated;
	int schema;

	return store_open(&options, ret_store, &schema, &migrated);
}

static void _noreturn_
child_main(const char *path, struct story *story, bool day_only)
{
	const struct rlimit none = {0};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct app_options options;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)dup2(null, STDERR_FILENO);
	c.story = story;
	if (!day_only)
		fault_follow(&story->order);
	story->opened = open_store(path, &c.store);
	fault_follow(&story->order);
	if (story->opened == 0) {
		options = options_of(c.store);
		c.app = app_new(&options);
		app_has_keeper(c.app, 1);
		live();
		store_close(c.store);
		app_free(c.app);
	}
	_exit(0);
}

/* --- afterwards -------------------------------------------------------------------------------------------------------------- */

static bool
stored(sqlite3 *db, const char *sql, int64_t id)
{
	sqlite3_stmt *st = NULL;
	bool is;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	if (sqlite3_bind_parameter_count(st) > 0)
		assert_int_equal(sqlite3_bind_int64(st, 1, id), SQLITE_OK);
	is = sqlite3_step(st) == SQLITE_ROW;
	sqlite3_finalize(st);
	return is;
}

static void
compare(const char *path, const struct story *story)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (int i = 0; i < SCENES; i++) {
		bool is = stored(db, scenes[i].is_there, story->id[i]);

		if (story->told[i] == 0 && !is)
			fail_msg("fault %d of sort %d: %s was acknowledged, and is not there", story->order.nth, story->order.sort, scenes[i].name);
		if (story->told[i] == -ENOSPC && is)
			fail_msg("fault %d of sort %d: %s was told undone, and is there", story->order.nth, story->order.sort, scenes[i].name);
	}
	/* No half state: a job that is to fetch has its key, a confirmed entry its posting. */
	assert_false(stored(db, "SELECT 1 FROM jobs WHERE kind = 1 AND state <= 2 AND sealed_key IS NULL AND waiting = 0", 0));
	assert_false(stored(db, "SELECT 1 FROM time_entries e WHERE status = 2 AND NOT EXISTS (SELECT 1 FROM postings p WHERE p.entry_id = e.entry_id)", 0));
	sqlite3_close(db);
}

struct check {
	struct verb_answer answer;
	char *violation;
};

static int
check_run(struct txn *txn, void *arg)
{
	return store_check(txn, &((struct check *)arg)->violation);
}

static void
check_done(int r, void *arg)
{
	((struct check *)arg)->answer = (struct verb_answer){true, r};
}

static void
promises_hold(struct store *store)
{
	struct check check = {0};

	store_read(store, check_run, check_done, &check);
	assert_int_equal(await(store, &check.answer), 0);
	if (check.violation != NULL)
		fail_msg("%s", check.violation);
}

static void
restart(const char *path, const struct story *story)
{
	struct recovery recovery = {0};
	struct app_options options;
	struct store *store = NULL;
	struct app *app;
	int64_t id = 0;

	assert_int_equal(open_store(path, &store), 0);
	promises_hold(store);
	compare(path, story);
	options = options_of(store);
	app = app_new(&options);
	app_has_keeper(app, 1);
	assert_int_equal(CALL(app, store, app_recover, &recovery), 0);
	assert_int_equal(recovery.lost.count, 0);
	recovery_release(&recovery);
	assert_int_equal(ask_for(app, store, 44, &id), 0);
	promises_hold(store);
	store_close(store);
	app_free(app);
}

/* How the child ended is what this sort of fault allows. */
static void
ended_well(const struct story *story, int status)
{
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV) && story->order.sort == FAULT_MEMORY && fault_struck(&story->order))
		return;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("fault %d of sort %d: the child ended with status %#x", story->order.nth, story->order.sort, (unsigned)status);
	/* Without a fault, all of it was done. */
	for (int i = 0; i < SCENES && !fault_struck(&story->order); i++)
		if (story->told[i] != 0)
			fail_msg("%s: %d", scenes[i].name, story->told[i]);
}

/* In memory where there is some: no life needs what the disk is asked to keep. */
static const char *
somewhere(void)
{
	return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
}

/* A store that was made and closed, as one file. */
static struct {
	char *bytes;
	size_t len;
} template;

static int
make_template(void **state)
{
	char directory[64], path[96];
	struct store *store = NULL;
	struct stat st;
	int fd;

	(void)state;
	snprintf(directory, sizeof directory, "%s/rtalp-sweep-XXXXXX", somewhere());
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/t.db", directory);
	assert_int_equal(open_store(path, &store), 0);
	store_close(store);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &st), 0);
	template.len = (size_t)st.st_size;
	template.bytes = xcalloc(1, template.len);
	assert_int_equal(read(fd, template.bytes, template.len), template.len);
	close(fd);
	remove_store(path, directory);
	return 0;
}

static int
free_template(void **state)
{
	(void)state;
	free(template.bytes);
	return 0;
}

static void
put_template(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, template.bytes, template.len), template.len);
	close(fd);
}

/* One life with that fault, and the restart. False when it was never reached; *ret_seen: how many calls of that sort there were. */
static bool
life_with(bool day_only, enum fault_sort sort, int nth, int *ret_seen)
{
	struct story *story = mmap(NULL, sizeof *story, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char directory[64], path[96];
	int status = 0;
	bool struck;
	pid_t pid;

	assert_ptr_not_equal(story, MAP_FAILED);
	snprintf(directory, sizeof directory, "%s/rtalp-sweep-XXXXXX", somewhere());
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/t.db", directory);
	story->order = (struct fault_order){.sort = sort, .nth = nth};
	for (int i = 0; i < SCENES; i++)
		story->told[i] = UNTOLD;
	if (day_only)
		put_template(path);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_main(path, story, day_only);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ended_well(story, status);
	restart(path, story);
	struck = fault_struck(&story->order);
	*ret_seen = story->order.seen;
	munmap(story, sizeof *story);
	remove_store(path, directory);
	return struck;
}

struct count {
	int calls, lives;
};

/* Upward, by about `lives` lives, or by `full_step`; until no life reaches it any more. */
static struct count
sweep(bool day_only, enum fault_sort sort, size_t lives, int full_step)
{
	const char *how = getenv("RTALP_SWEEP"), *from = getenv("RTALP_SWEEP_FROM");
	struct count count = {0};
	int step = full_step, nth = from != NULL ? (int)strtol(from, NULL, 10) : 1;

	assert_false(life_with(day_only, sort, 0, &count.calls));
	assert_true(count.calls > 0);
	if (how == NULL || strcmp(how, "full") != 0)
		step = 1 + count.calls / (int)unit_rounds(lives);
	for (; nth < 1000000 && life_with(day_only, sort, nth, &count.calls); count.lives++)
		nth += step;
	return count;
}

static void
sweep_all(bool day_only)
{
	const struct count torn = sweep(day_only, FAULT_TORN, 15, 1), full = sweep(day_only, FAULT_FULL, 10, 1);
	const struct count fsyncs = sweep(day_only, FAULT_FSYNC, 15, 1);
	const struct count memory = sweep(day_only, FAULT_MEMORY, 30, day_only ? 1 : 16);

	print_message("%s: writes %d (%d lives with one torn, %d without room for one), fsyncs %d (%d lives), allocations %d (%d lives)\n",
	    day_only ? "a day" : "the making of a store, and a day", torn.calls, torn.lives, full.lives, fsyncs.calls, fsyncs.lives, memory.calls,
	    memory.lives);
}

static void
whatever_call_fails_from_the_making_of_the_store_on_nothing_acknowledged_is_missing(void **state)
{
	(void)state;
	sweep_all(false);
}

static void
whatever_call_fails_during_a_day_nothing_acknowledged_is_missing(void **state)
{
	(void)state;
	sweep_all(true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whatever_call_fails_from_the_making_of_the_store_on_nothing_acknowledged_is_missing),
	    cmocka_unit_test(whatever_call_fails_during_a_day_nothing_acknowledged_is_missing),
	};

#ifdef WITH_SANITIZER
	return 77;
#endif
	secret_setup();
	return cmocka_run_group_tests(tests, make_template, free_template);
}
