/* SPDX-License-Identifier: Apache-2.0 */
/* The engine behind store.h: order, group commit, savepoints, snapshots, opening and closing. */
#include "store_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define MANY 2000

static int
put_user(struct txn *txn, void *arg)
{
	struct user_row user = {.alp_user_id = *(int64_t *)arg, .time_zone = "UTC", .created_ms = 1, .updated_ms = 1};

	return txn_user_put(txn, &user);
}

static int
put_user_and_fail(struct txn *txn, void *arg)
{
	int r = put_user(txn, arg);

	return r < 0 ? r : -ECANCELED;
}

static int
has_user(struct txn *txn, void *arg)
{
	struct user_row user;

	return txn_user_get(txn, *(int64_t *)arg, &user);
}

struct sequence {
	int64_t ids[MANY];
	int64_t delivered[MANY];
	size_t count;
};

struct member {
	struct sequence *seq;
	int64_t id;
	int r;
};

static int
member_run(struct txn *txn, void *arg)
{
	return put_user(txn, &((struct member *)arg)->id);
}

static int
member_run_every_third_fails(struct txn *txn, void *arg)
{
	struct member *m = arg;

	return m->id % 3 == 0 ? put_user_and_fail(txn, &m->id) : put_user(txn, &m->id);
}

static void
member_done(int r, void *arg)
{
	struct member *m = arg;

	m->r = r;
	m->seq->delivered[m->seq->count++] = m->id;
}

static void
hand_over_many(struct store *s, struct sequence *seq, struct member *members, store_run_fn run)
{
	for (int64_t i = 0; i < MANY; i++) {
		members[i] = (struct member){.seq = seq, .id = i + 1};
		store_write(s, run, member_done, &members[i]);
	}
}

static void
writes_complete_in_order_and_share_their_commits(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ struct sequence *seq = xcalloc(1, sizeof *seq);
	_cleanup_free_ struct member *members = xcalloc(MANY, sizeof *members);
	struct store_stats stats;

	hand_over_many(b->store, seq, members, member_run);
	drain_all(b->store);
	assert_int_equal(seq->count, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(seq->delivered[i], i + 1);
		assert_int_equal(members[i].r, 0);
	}
	store_get_stats(b->store, &stats);
	assert_int_equal(stats.writes, MANY);
	/* They came as fast as a loop can hand them over; a commit each would be 2000. */
	assert_in_range(stats.commits, 1, MANY / 10);
}

/* The loop has others to look after between two pieces of what a commit brings. */
static void
completions_come_in_pieces_and_none_is_forgotten(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ struct sequence *seq = xcalloc(1, sizeof *seq);
	_cleanup_free_ struct member *members = xcalloc(MANY, sizeof *members);
	struct pollfd p = {.fd = store_event_fd(b->store), .events = POLLIN};
	unsigned left = MANY;

	hand_over_many(b->store, seq, members, member_run);
	while (left > 0) {
		assert_int_equal(poll(&p, 1, 20000), 1);
		store_dispatch_some(b->store, 7);
		assert_in_range(left - store_pending(b->store), 0, 7);
		left = store_pending(b->store);
		assert_int_equal(seq->count, MANY - left);
	}
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(seq->delivered[i], i + 1);
	assert_int_equal(poll(&p, 1, 0), 0);
}

static void
closing_delivers_what_a_piece_left(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ struct sequence *seq = xcalloc(1, sizeof *seq);
	_cleanup_free_ struct member *members = xcalloc(MANY, sizeof *members);
	struct pollfd p = {.fd = store_event_fd(b->store), .events = POLLIN};

	hand_over_many(b->store, seq, members, member_run);
	assert_int_equal(poll(&p, 1, 20000), 1);
	store_dispatch_some(b->store, 1);
	b->store = store_close(b->store);
	assert_int_equal(seq->count, MANY);
	assert_int_equal(bench_open(b), 0);
}

static void
a_closure_that_fails_undoes_only_itself(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ struct sequence *seq = xcalloc(1, sizeof *seq);
	_cleanup_free_ struct member *members = xcalloc(MANY, sizeof *members);

	hand_over_many(b->store, seq, members, member_run_every_third_fails);
	drain_all(b->store);
	for (int64_t i = 0; i < MANY; i++) {
		assert_int_equal(members[i].r, members[i].id % 3 == 0 ? -ECANCELED : 0);
		assert_int_equal(read_now(b->store, has_user, &members[i].id), members[i].id % 3 == 0 ? -ENOENT : 0);
	}
}

static int
member_run_some_break_a_promise(struct txn *txn, void *arg)
{
	struct member *m = arg;

	if (m->id % 2 == 0)
		txn_promise(txn);
	return m->id % 400 == 0 ? put_user_and_fail(txn, &m->id) : put_user(txn, &m->id);
}

/* Whose promise was broken takes the others of its transaction along; nobody is told that something is kept that is not. */
static void
a_broken_promise_is_nobodys_success(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ struct sequence *seq = xcalloc(1, sizeof *seq);
	_cleanup_free_ struct member *members = xcalloc(MANY, sizeof *members);

	hand_over_many(b->store, seq, members, member_run_some_break_a_promise);
	drain_all(b->store);
	assert_int_equal(seq->count, MANY);
	for (int64_t i = 0; i < MANY; i++) {
		struct member *m = &members[i];

		if (m->id % 400 == 0)
			assert_int_equal(m->r, -ECANCELED);
		else
			assert_true(m->r == 0 || m->r == -EBUSY);
		assert_int_equal(read_now(b->store, has_user, &m->id), m->r == 0 ? 0 : -ENOENT);
	}
	assert_int_equal(store_health(b->store), STORE_OK);
}

static void
what_a_closure_returns_reaches_its_completion(void **state)
{
	struct bench *b = *state;
	int64_t nobody = 77;

	assert_int_equal(write_now(b->store, has_user, &nobody), -ENOENT);
	assert_int_equal(read_now(b->store, has_user, &nobody), -ENOENT);
}

static void
a_reader_cannot_write(void **state)
{
	struct bench *b = *state;
	int64_t id = 5;

	assert_int_equal(read_now(b->store, put_user, &id), -EROFS);
	assert_int_equal(store_health(b->store), STORE_OK);
	assert_int_equal(read_now(b->store, has_user, &id), -ENOENT);
}

/* The completion of a write hands over the read that must see it. */
struct chain {
	struct store *store;
	int64_t id;
	int seen;
	int left;
};

static void chain_written(int r, void *arg);

static int
chain_write(struct txn *txn, void *arg)
{
	return put_user(txn, &((struct chain *)arg)->id);
}

static int
chain_read(struct txn *txn, void *arg)
{
	return has_user(txn, &((struct chain *)arg)->id);
}

static void
chain_seen(int r, void *arg)
{
	struct chain *c = arg;

	c->seen += r == 0;
	if (--c->left > 0) {
		c->id++;
		store_write(c->store, chain_write, chain_written, c);
	}
}

static void
chain_written(int r, void *arg)
{
	struct chain *c = arg;

	assert_int_equal(r, 0);
	store_read(c->store, chain_read, chain_seen, c);
}

static void
a_read_sees_every_write_that_was_answered_before(void **state)
{
	struct bench *b = *state;
	struct chain c = {.store = b->store, .id = 1, .left = 200};

	store_write(b->store, chain_write, chain_written, &c);
	drain_all(b->store);
	assert_int_equal(c.seen, 200);
}

static void
closing_runs_and_delivers_what_was_handed_over(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ struct sequence *seq = xcalloc(1, sizeof *seq);
	_cleanup_free_ struct member *members = xcalloc(MANY, sizeof *members);
	int64_t last = MANY;

	hand_over_many(b->store, seq, members, member_run);
	assert_int_equal(store_pending(b->store), MANY);
	b->store = store_close(b->store);
	assert_int_equal(seq->count, MANY);
	assert_int_equal(bench_open(b), 0);
	assert_int_equal(read_now(b->store, has_user, &last), 0);
}

static void
a_second_daemon_is_kept_out(void **state)
{
	struct bench *b = *state, other = *b;

	assert_int_equal(bench_open(&other), -EBUSY);
	b->store = store_close(b->store);
	assert_int_equal(bench_open(b), 0);
}

static void
nobody_else_may_read_the_files(void **state)
{
	static const char *const endings[] = {"", "-wal", "-shm", ".lock"};
	struct bench *b = *state;
	int64_t id = 1;

	assert_int_equal(write_now(b->store, put_user, &id), 0);
	for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
		_cleanup_free_ char *path = xasprintf("%s%s", b->path, endings[i]);
		struct stat st;

		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

static void
a_link_in_place_of_the_database_is_refused(void **state)
{
	struct bench *b = *state;
	_cleanup_free_ char *real = xasprintf("%s.real", b->path);

	b->store = store_close(b->store);
	assert_int_equal(rename(b->path, real), 0);
	assert_int_equal(symlink("rtalp.db.real", b->path), 0);
	assert_int_equal(bench_open(b), -ELOOP);
	assert_int_equal(rename(real, b->path), 0);
}

static void
a_directory_behind_a_link_is_fine(void **state)
{
	struct bench *b = *state;
	struct bench linked = *b;

	b->store = store_close(b->store);
	snprintf(linked.directory, sizeof linked.directory, "%.32s.link", b->directory);
	snprintf(linked.path, sizeof linked.path, "%.40s/rtalp.db", linked.directory);
	assert_int_equal(symlink(b->directory, linked.directory), 0);
	assert_int_equal(bench_open(&linked), 0);
	store_close(linked.store);
	unlink(linked.directory);
	assert_int_equal(bench_open(b), 0);
}

static void
room_is_what_the_file_system_says(void **state)
{
	struct bench *b = *state;
	struct store_options options = {.path = b->path, .readers = 1, .min_free_bytes = INT64_MAX};

	assert_true(store_has_room(b->store));
	b->store = store_close(b->store);
	assert_int_equal(store_open(&options, &b->store, &b->schema, &b->migrated), 0);
	assert_false(store_has_room(b->store));
}

static void
options_out_of_bounds_are_refused(void **state)
{
	struct bench b;
	struct store_options options = {.path = b.path, .readers = 0};

	(void)state;
	bench_make(&b);
	assert_int_equal(store_open(&options, &b.store, &b.schema, &b.migrated), -EINVAL);
	options.readers = 17;
	assert_int_equal(store_open(&options, &b.store, &b.schema, &b.migrated), -EINVAL);
	options = (struct store_options){.path = "no/such/directory/rtalp.db", .readers = 1};
	assert_int_equal(store_open(&options, &b.store, &b.schema, &b.migrated), -ENOENT);
	bench_remove(&b);
	assert_null(store_close(NULL));
}

static int64_t
file_bytes(const struct bench *b, const char *ending)
{
	_cleanup_free_ char *path = xasprintf("%s%s", b->path, ending);
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

#ifdef WITH_SANITIZER
#define LOG_MAX_BYTES ((int64_t)17000 * 4120) /* who tends it is too slow, but there the writer waits: LOG_TOO_LONG and LOG_STEP of writer.c */
#else
#define LOG_MAX_BYTES (33554432 + 1048576)
#endif

/* 64 KB a write, one after the other without a pause: the log must not follow. */
static int
put_grain(struct txn *txn, void *arg)
{
	static const char bytes[65536];
	day_t *day = arg;

	return txn_grain_put(txn, 1, *day, (struct str){bytes, sizeof bytes});
}

static void
the_log_stays_bounded_under_constant_load(void **state)
{
	struct bench *b = *state;
	struct store_stats stats;

	for (day_t day = 0; day < 2000; day++)
		assert_int_equal(write_now(b->store, put_grain, &day), 0);
	store_get_stats(b->store, &stats);
	assert_true(stats.checkpoints > 0);
	assert_in_range(file_bytes(b, "-wal"), 0, LOG_MAX_BYTES);
}

static void
the_log_is_moved_into_the_database_when_nobody_waits(void **state)
{
	struct bench *b = *state;
	struct store_stats stats = {0};
	int64_t id = 1;

	assert_int_equal(write_now(b->store, put_user, &id), 0);
	for (int i = 0; i < 200 && stats.checkpoints == 0; i++) {
		usleep(10000);
		store_get_stats(b->store, &stats);
	}
	assert_int_equal(stats.checkpoints, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(writes_complete_in_order_and_share_their_commits),
	    STORE_TEST(completions_come_in_pieces_and_none_is_forgotten),
	    STORE_TEST(closing_delivers_what_a_piece_left),
	    STORE_TEST(a_closure_that_fails_undoes_only_itself),
	    STORE_TEST(a_broken_promise_is_nobodys_success),
	    STORE_TEST(what_a_closure_returns_reaches_its_completion),
	    STORE_TEST(a_reader_cannot_write),
	    STORE_TEST(a_read_sees_every_write_that_was_answered_before),
	    STORE_TEST(closing_runs_and_delivers_what_was_handed_over),
	    STORE_TEST(a_second_daemon_is_kept_out),
	    STORE_TEST(nobody_else_may_read_the_files),
	    STORE_TEST(a_link_in_place_of_the_database_is_refused),
	    STORE_TEST(a_directory_behind_a_link_is_fine),
	    STORE_TEST(room_is_what_the_file_system_says),
	    cmocka_unit_test(options_out_of_bounds_are_refused),
	    STORE_TEST(the_log_stays_bounded_under_constant_load),
	    STORE_TEST(the_log_is_moved_into_the_database_when_nobody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
