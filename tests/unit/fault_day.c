/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_day.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/posting.h"
#include "base/alloc.h"

#define USER  ((int64_t)42)
#define OTHER ((int64_t)43)
#define DAY   ((day_t)20000)

#define LIFE_MAX_S 60 /* it takes some milliseconds */

/* In the child: the parts of its life. */
static struct {
	struct story *story;
	struct store *store;
	struct app *app;
	struct job_row fetch, process;
	int64_t entry_id;
} c;

const struct scene_info fault_scenes[SCENES] = {
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

struct app_options
fault_options(struct store *store)
{
	return (struct app_options){.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC", .pace = {.burst = 31},
	    .units = {.rounding = ROUNDING_TENTH_UP}, .store = store,
	    .posting = {.can = {.lists_entries = true, .lists_fresh = true}, .reference_field = "external_reference", .looks = 3,
	        .unlisted_ms = INT64_MAX, .sends_max = 3}};
}

#define HEARS_NOTHING 3

int
fault_await(struct store *store, const struct verb_answer *a)
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

/* --- the child's day --------------------------------------------------------------------------------------------------------- */

static bool
tell(enum scene scene, int64_t id, int r)
{
	c.story->id[scene] = id;
	c.story->told[scene] = r;
	return r == 0;
}

int
fault_ask_for(struct app *app, struct store *store, int64_t user, int64_t *ret_job)
{
	struct fetch_submit v = {.alp_user_id = user, .days = 1, .target_day = DAY, .priority = PRIORITY_DEFAULT, .process = true};
	int r = secret_new(STR("B63-the-key"), &v.key);

	if (r == 0)
		r = FAULT_CALL(app, store, app_fetch_submit, &v);
	*ret_job = v.job.job_id;
	fetch_submit_release(&v);
	return r;
}

static bool
fetch(enum scene scene, int64_t user)
{
	int64_t id = 0;
	int r = fault_ask_for(c.app, c.store, user, &id);

	return tell(scene, id, r);
}

static bool
cancel(void)
{
	struct job_cancel v = {.job_id = c.story->id[ANOTHER]};
	bool did = tell(CANCEL, v.job_id, FAULT_CALL(c.app, c.store, app_job_cancel, &v));

	job_cancel_release(&v);
	return did;
}

static bool
claim(enum scene scene, enum job_kind kind, struct job_row *ret_job)
{
	struct run_claim v = {.max = 1, .kinds = 1u << kind};
	int r = FAULT_CALL(c.app, c.store, app_run_claim, &v);
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
	did = tell(FETCHED, DAY, FAULT_CALL(c.app, c.store, app_run_fetched, &v));
	run_fetched_release(&v);
	return did;
}

static bool
end(enum scene scene, const struct job_row *job)
{
	struct run_end v = {.job_id = job->job_id, .run = job->run, .success = true};
	bool did = tell(scene, job->job_id, FAULT_CALL(c.app, c.store, app_run_end, &v));

	run_end_release(&v);
	return did;
}

static bool
judge(void)
{
	struct run_input in = {.job_id = c.process.job_id};
	struct run_verdict v;
	bool did = FAULT_CALL(c.app, c.store, app_run_input, &in) == 0 && in.count == 1;

	if (did) {
		verdicts_of(&c.process, &in, 0, &v);
		did = tell(VERDICT, DAY, FAULT_CALL(c.app, c.store, app_run_verdict, &v));
		run_verdict_release(&v);
	}
	run_input_release(&in);
	return did;
}

static bool
find_entry(void)
{
	struct entry_query v = {.filter = {.alp_user_id = USER, .from = DAY, .to = DAY, .limit = 10}};
	bool did = FAULT_CALL(c.app, c.store, app_entry_query, &v) == 0 && v.list.count == 1;

	if (did)
		c.entry_id = v.list.rows[0].entry_id;
	entry_query_release(&v);
	return did;
}

static void
edit(void)
{
	struct entry_edit v = {.actor = {.kind = ACTOR_TOKEN, .id = 3}, .entry_id = c.entry_id, .notes = EDIT_SET, .notes_value = "kept"};

	tell(EDIT, c.entry_id, FAULT_CALL(c.app, c.store, app_entry_edit, &v));
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
	r = FAULT_CALL(c.app, c.store, app_post_submit, &v);
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
	int r = FAULT_CALL(c.app, c.store, app_posting_begin, &v);
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

	tell(SENT, v.posting_id, FAULT_CALL(c.app, c.store, app_posting_sent, &v));
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

int
fault_open_store(const char *path, struct store **ret_store)
{
	struct store_options options = {.path = path, .readers = 1};
	bool migrated;
	int schema;

	return store_open(&options, ret_store, &schema, &migrated);
}

void
fault_day_live(const char *path, struct story *story, bool day_only)
{
	const struct rlimit none = {0};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct app_options options;

	/* An assertion that fails here is not to look like the death that a fault may have. */
	(void)unsetenv("CMOCKA_TEST_ABORT");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)alarm(LIFE_MAX_S);
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)dup2(null, STDERR_FILENO);
	c.story = story;
	if (!day_only)
		fault_follow(&story->order);
	story->opened = fault_open_store(path, &c.store);
	fault_follow(day_only || !fault_is_allocation(story->order.sort) ? &story->order : NULL);
	if (story->opened == 0) {
		options = fault_options(c.store);
		c.app = app_new(&options);
		app_has_keeper(c.app, 1);
		live();
		store_close(c.store);
		app_free(c.app);
	}
	_exit(0);
}
