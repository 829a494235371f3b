/* SPDX-License-Identifier: Apache-2.0 */
/* A user's day from the key to the posting (fault_day.h), in a child of its own, in which the n-th write, fsync or allocation fails; n goes upward until
 * the day passes without reaching it. After each, in a store that is opened as after a restart: what the child was told to be stored is there, what it
 * was told to be undone is not, every promise of the schema holds, before and after recovery, and work goes on. Counted from the making of the store
 * on, and, in a store that there was before, from the day's beginning on; allocations while the store is made, and during the day.
 *
 * The child may die of a failed allocation: by abort(), which is the house rule (base/alloc.h), or of json-c 0.16, which reads a name that it could not
 * copy. (rtalpd does not let it come to that: src/daemon/wiping_alloc.c.) It must not die of anything else.
 *
 * Of a day each is also one at which the process ends, as rtalpd does, whoever asked for it.
 *
 * Each n of all sorts, 44,000, takes some 700 s of a processor. Ordinarily as many as fit into seconds are tried, spread over all; $RTALP_SWEEP=full
 * tries each, $RTALP_SWEEP_FROM begins there. As many processes as there are processors try at the same time. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "fault_day.h"
#include "store/check.h"

#define PROCESSES_MAX 4
#define NTH_MAX       200000
#define BEYOND        8 /* threads make a day a few calls longer or shorter: so many lives in a row are to pass without the fault */

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
		bool is = stored(db, fault_scenes[i].is_there, story->id[i]);

		if (story->told[i] == 0 && !is)
			fail_msg("fault %d of sort %d: %s was acknowledged, and is not there", story->order.nth, story->order.sort, fault_scenes[i].name);
		if (story->told[i] == -ENOSPC && is)
			fail_msg("fault %d of sort %d: %s was told undone, and is there", story->order.nth, story->order.sort, fault_scenes[i].name);
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
	assert_int_equal(fault_await(store, &check.answer), 0);
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

	assert_int_equal(fault_open_store(path, &store), 0);
	promises_hold(store);
	compare(path, story);
	options = fault_options(store);
	app = app_new(&options);
	app_has_keeper(app, 1);
	assert_int_equal(FAULT_CALL(app, store, app_recover, &recovery), 0);
	assert_int_equal(recovery.lost.count, 0);
	recovery_release(&recovery);
	assert_int_equal(fault_ask_for(app, store, 44, &id), 0);
	promises_hold(store);
	store_close(store);
	app_free(app);
}

enum outcome { UNTRIED, BEYOND_REACH, UNNOTICED, REFUSED, ABORTED, STUMBLED, OUTCOMES };

/* How the child ended is what this sort of fault allows. */
static enum outcome
outcome_of(const struct story *story, int status)
{
	const bool struck = fault_struck(&story->order), death = story->order.sort == FAULT_DEATH;
	bool told_all = story->opened == 0;

	if (struck && fault_is_allocation(story->order.sort) && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
		return ABORTED;
	if (struck && story->order.sort == FAULT_MEMORY && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV)
		return STUMBLED;
	assert_false(struck && death);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("fault %d of sort %d: the child ended with status %#x", story->order.nth, story->order.sort, (unsigned)status);
	for (int i = 0; i < SCENES; i++) {
		told_all = told_all && story->told[i] == 0;
		/* Without a fault, all of it was done. */
		if (!struck && story->told[i] != 0)
			fail_msg("%s: %d", fault_scenes[i].name, story->told[i]);
	}
	return !struck ? BEYOND_REACH : told_all ? UNNOTICED : REFUSED;
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
	assert_int_equal(fault_open_store(path, &store), 0);
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

/* What a life left behind in a store that no table was made in yet, which is little, and always the same. */
#define LITTLE_BYTES 16384

struct remains {
	size_t len; /* 0: nothing that was looked at */
	char bytes[3 * (sizeof(off_t) + LITTLE_BYTES)];
	int told[SCENES];
};

static bool
add_file(struct remains *r, const char *path, const char *ending)
{
	char file[128];
	struct stat st = {0};
	int fd;

	snprintf(file, sizeof file, "%s%s", path, ending);
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		assert_int_equal(fstat(fd, &st), 0);
	memcpy(r->bytes + r->len, &st.st_size, sizeof st.st_size);
	r->len += sizeof st.st_size;
	if (st.st_size > 0 && st.st_size <= LITTLE_BYTES) {
		assert_int_equal(read(fd, r->bytes + r->len, (size_t)st.st_size), st.st_size);
		r->len += (size_t)st.st_size;
	}
	if (fd >= 0)
		close(fd);
	return st.st_size <= LITTLE_BYTES;
}

static void
look_at(const char *path, const struct story *story, struct remains *ret_remains)
{
	memset(ret_remains, 0, sizeof *ret_remains);
	if (!add_file(ret_remains, path, "") || !add_file(ret_remains, path, "-wal") || !add_file(ret_remains, path, "-shm"))
		ret_remains->len = 0;
	for (int i = 0; i < SCENES; i++)
		ret_remains->told[i] = story->told[i];
}

/* After what passed, the same byte for byte, with the same told, would pass again. False: it is such. */
static bool
restart_if_new(const char *path, const struct story *story)
{
	static struct remains passed;
	struct remains left;

	look_at(path, story, &left);
	if (left.len > 0 && left.len == passed.len && memcmp(&left, &passed, sizeof left) == 0)
		return false;
	restart(path, story);
	passed = left;
	return true;
}

/* Those who try the n of one sort, and what came of each: memory that all of them see. */
struct sweep {
	bool day_only;
	enum fault_sort sort;
	int from, step, beyond;
	int calls, engine_calls; /* of a life without a fault; so many of them made by the database's engine */
	_Atomic int next, last_struck;
	_Atomic int same; /* lives that left behind what was looked at before */
	_Atomic bool stop;
	unsigned char outcomes[NTH_MAX];
};

/* One life with that fault, and the restart. `story` is left for the caller to look at. */
static enum outcome
life_with(struct sweep *s, int nth, struct story *story)
{
	char directory[64], path[96];
	enum outcome outcome;
	int status = 0;
	pid_t pid;

	snprintf(directory, sizeof directory, "%s/rtalp-sweep-XXXXXX", somewhere());
	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/t.db", directory);
	memset(story, 0, sizeof *story);
	story->order = (struct fault_order){.sort = s->sort, .nth = nth};
	for (int i = 0; i < SCENES; i++)
		story->told[i] = UNTOLD;
	if (s->day_only)
		put_template(path);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		fault_day_live(path, story, s->day_only);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	outcome = outcome_of(story, status);
	if (!restart_if_new(path, story))
		s->same++;
	remove_store(path, directory);
	return outcome;
}

/* The next to be tried; 0: so many lives passed without a fault that none is to be expected of another. */
static int
take(struct sweep *s)
{
	int nth = s->next, last;

	do {
		last = s->last_struck > s->calls ? s->last_struck : s->calls;
		if (nth > last + s->beyond * s->step || nth >= NTH_MAX || s->stop)
			return 0;
	} while (!atomic_compare_exchange_weak(&s->next, &nth, nth + s->step));
	return nth;
}

static void
note(struct sweep *s, int nth, enum outcome outcome)
{
	int last = s->last_struck;

	s->outcomes[nth] = (unsigned char)outcome;
	while (outcome != BEYOND_REACH && nth > last && !atomic_compare_exchange_weak(&s->last_struck, &last, nth))
		;
}

static void *
shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/* In a process of its own, which ends with the first assertion that does not hold. */
static void _noreturn_
try_them(struct sweep *s)
{
	const struct rlimit none = {0};
	struct story *story = shared(sizeof *story);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setrlimit(RLIMIT_CORE, &none);
	setenv("CMOCKA_TEST_ABORT", "1", 1);
	for (int nth; (nth = take(s)) > 0;)
		note(s, nth, life_with(s, nth, story));
	_exit(0);
}

static void
try_all(struct sweep *s)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int count = processors < 2 ? 2 : processors < PROCESSES_MAX ? (int)processors : PROCESSES_MAX, status;
	bool good = true;

	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0)
			try_them(s);
	}
	for (; count > 0 && wait(&status) > 0; count--)
		if (status != 0) {
			good = false;
			s->stop = true;
		}
	assert_int_equal(count, 0);
	assert_true(good);
}

static bool
is_full(void)
{
	const char *how = getenv("RTALP_SWEEP");

	return how != NULL && strcmp(how, "full") == 0;
}

/* No n was left out, and at the end there are the lives that did all of it with fewer calls than their n. */
static void
reached_the_end(const struct sweep *s)
{
	int last = s->next - s->step;

	assert_in_range(last, s->from, NTH_MAX - 1 - s->step);
	for (int nth = s->from; nth <= last; nth += s->step)
		if (s->outcomes[nth] == UNTRIED)
			fail_msg("fault %d of sort %d was not tried", nth, s->sort);
	for (int i = 0; i < s->beyond; i++, last -= s->step)
		assert_true(last < s->from || s->outcomes[last] == BEYOND_REACH);
}

static void
tell_counts(const struct sweep *s)
{
	static const char *const sorts[] = {[FAULT_TORN] = "writes torn", [FAULT_FULL] = "writes without room", [FAULT_FSYNC] = "fsyncs", [FAULT_MEMORY] = "allocations",
	    [FAULT_DEATH] = "allocations, each a death"};
	int of[OUTCOMES] = {0}, last = 0;

	for (int i = 1; i < NTH_MAX; i++) {
		of[s->outcomes[i]]++;
		last = s->outcomes[i] > BEYOND_REACH ? i : last;
	}
	print_message("%s: %s: %d calls, %d failed, the last was %d: %d deaths (%d of them json-c's), %d clean errors, %d unnoticed; %d lives did not reach theirs; "
	              "%d left the same bytes behind as one before",
	    s->day_only ? "a day" : fault_is_allocation(s->sort) ? "the making of a store" : "the making of a store, and a day", sorts[s->sort], s->calls, of[UNNOTICED] + of[REFUSED] + of[ABORTED] + of[STUMBLED], last,
	    of[ABORTED] + of[STUMBLED], of[STUMBLED], of[REFUSED], of[UNNOTICED], of[BEYOND_REACH], s->same);
	if (s->engine_calls > 0)
		print_message("; the engine makes %d of them", s->engine_calls);
	print_message("\n");
}

/* Upward, by about `lives` lives, or by one; until lives pass without reaching it. */
static void
sweep(bool day_only, enum fault_sort sort, size_t lives)
{
	const char *from = getenv("RTALP_SWEEP_FROM");
	struct sweep *s = shared(sizeof *s);
	struct story *story = shared(sizeof *story);

	*s = (struct sweep){.day_only = day_only, .sort = sort, .step = 1, .beyond = BEYOND, .from = from != NULL ? (int)strtol(from, NULL, 10) : 1};
	assert_in_range(s->from, 1, NTH_MAX - 1);
	assert_int_equal(life_with(s, 0, story), BEYOND_REACH);
	s->calls = story->order.seen;
	s->engine_calls = story->order.of_engine;
	assert_true(s->calls > 0);
	/* Most are the engine's; an allocator of its own that asks elsewhere would leave what its functions of ours ask for. */
	assert_true(s->engine_calls > s->calls / 2 || !fault_is_allocation(sort));
	if (!is_full()) {
		s->step = 1 + s->calls / (int)unit_rounds(lives);
		s->beyond = 1;
	}
	s->next = s->from;
	try_all(s);
	reached_the_end(s);
	tell_counts(s);
	munmap(story, sizeof *story);
	munmap(s, sizeof *s);
}

static void
sweep_all(bool day_only)
{
	sweep(day_only, FAULT_TORN, 15);
	sweep(day_only, FAULT_FULL, 10);
	sweep(day_only, FAULT_FSYNC, 15);
	sweep(day_only, FAULT_MEMORY, 24);
	if (day_only)
		sweep(day_only, FAULT_DEATH, 8);
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
	return unit_skipped("a sanitizer's run time stands before the calls that are to fail");
#endif
	secret_setup();
	return cmocka_run_group_tests(tests, make_template, free_template);
}
