/* SPDX-License-Identifier: Apache-2.0 */
/* The disk fails at the n-th call, for every n until nothing fails any more. After each: whoever was told "stored" finds it stored after a restart,
 * nobody who was told "nothing of it was kept" finds it, every promise of the schema holds. */
#include "store_unit.h"

#include <errno.h>
#include <sqlite3.h>

#include "fault_vfs.h"

#define WISHES 12

struct wish {
	int64_t user;
	int64_t job_id;
	int r;
	bool answered;
};

/* A wish is three rows that belong together: all or none. */
static int
wish_run(struct txn *txn, void *arg)
{
	struct wish *wish = arg;
	struct user_row user = {.alp_user_id = wish->user, .created_ms = NOW_MS, .updated_ms = NOW_MS};
	struct job_row job = a_job(wish->user, KIND_FETCH, NOW_MS);
	static const char bytes[9000] = "grain";
	int r = txn_user_put(txn, &user);

	if (r < 0)
		return r;
	r = txn_job_insert(txn, &job);
	wish->job_id = job.job_id;
	return r < 0 ? r : txn_grain_put(txn, wish->user, DAY_ONE, (struct str){bytes, sizeof bytes});
}

static void
wish_done(int r, void *arg)
{
	struct wish *wish = arg;

	assert_false(wish->answered);
	wish->answered = true;
	wish->r = r;
}

struct found {
	const struct wish *wish;
	bool user, job, grain;
};

static int
found_run(struct txn *txn, void *arg)
{
	struct found *f = arg;
	struct user_row user;
	struct job_filter filter = {.alp_user_id = f->wish->user};
	_cleanup_(job_list_release) struct job_list list = {0};
	_cleanup_free_ char *bytes = NULL;
	size_t len;
	int r = txn_user_get(txn, f->wish->user, &user);

	f->user = r == 0;
	r = txn_job_list(txn, &filter, &list);
	f->job = r == 0 && list.count == 1;
	r = txn_grain_get(txn, f->wish->user, DAY_ONE, &bytes, &len);
	f->grain = r == 0 && len == 9000;
	return 0;
}

static bool
is_there(struct store *s, const struct wish *wish)
{
	struct found f = {.wish = wish};

	assert_int_equal(read_now(s, found_run, &f), 0);
	/* No half state. */
	assert_int_equal(f.user, f.job);
	assert_int_equal(f.user, f.grain);
	return f.user;
}

static void
make_wishes(struct store *s, struct wish *wishes)
{
	/* Some share a transaction, some come one by one. */
	for (int64_t i = 0; i < WISHES; i++) {
		wishes[i] = (struct wish){.user = i + 1};
		store_write(s, wish_run, wish_done, &wishes[i]);
		if (i % 3 == 0)
			drain_all(s);
	}
	drain_all(s);
}

static void
compare_with_answers(struct store *s, const struct wish *wishes)
{
	for (int i = 0; i < WISHES; i++) {
		bool there = is_there(s, &wishes[i]);

		assert_true(wishes[i].answered);
		if (wishes[i].r == 0 && !there)
			fail_msg("user %d was told stored, and is not there", i + 1);
		if (wishes[i].r == -ENOSPC && there)
			fail_msg("user %d was told undone, and is there", i + 1);
		assert_true(wishes[i].r == 0 || wishes[i].r == -ENOSPC || wishes[i].r == -EIO);
	}
	promises_hold(s);
}

/* One life of a store with that fault, then one without. Returns false when the fault was never reached. */
static bool
life_with(struct fault_plan plan, bool ends_it)
{
	struct bench b;
	struct wish wishes[WISHES];
	bool reached;

	bench_make(&b);
	assert_int_equal(bench_open(&b), 0);
	fault_arm(plan);
	make_wishes(b.store, wishes);
	reached = fault_disarm();
	if (reached)
		assert_int_equal(store_health(b.store) == STORE_FAILED, ends_it);
	if (reached && ends_it)
		assert_int_equal(write_now(b.store, wish_run, &wishes[0]), -EIO);
	if (reached && ends_it)
		assert_int_equal(read_now(b.store, wish_run, &wishes[0]), -EIO);
	b.store = store_close(b.store);
	assert_int_equal(bench_open(&b), 0);
	compare_with_answers(b.store, wishes);
	b.store = store_close(b.store);
	bench_remove(&b);
	return reached;
}

static int
loop_upward(struct fault_plan plan, bool ends_it)
{
	for (plan.nth = 1; plan.nth < 500; plan.nth++)
		if (!life_with(plan, ends_it))
			break;
	/* The loop ended because nothing failed, and not at once. */
	assert_in_range(plan.nth, 4, 499);
	return plan.nth;
}

static void
a_sync_that_fails_ends_the_store_and_loses_nothing_answered(void **state)
{
	(void)state;
	loop_upward((struct fault_plan){.call = FAULT_SYNC, .code = SQLITE_IOERR_FSYNC}, true);
	loop_upward((struct fault_plan){.call = FAULT_SYNC, .code = SQLITE_IOERR_DIR_FSYNC, .for_good = true}, true);
}

static void
a_write_that_fails_ends_the_store_and_loses_nothing_answered(void **state)
{
	(void)state;
	loop_upward((struct fault_plan){.call = FAULT_WRITE, .code = SQLITE_IOERR_WRITE}, true);
}

static void
a_full_disk_undoes_what_did_not_fit_and_the_store_goes_on(void **state)
{
	(void)state;
	loop_upward((struct fault_plan){.call = FAULT_WRITE, .code = SQLITE_FULL}, false);
}

static void
a_disk_that_stays_full_refuses_everything_until_there_is_room(void **state)
{
	struct bench *b = *state;
	struct wish first = {.user = 1}, second = {.user = 2}, third = {.user = 3};

	assert_int_equal(write_now(b->store, wish_run, &first), 0);
	fault_arm((struct fault_plan){.call = FAULT_WRITE, .nth = 1, .code = SQLITE_FULL, .for_good = true});
	for (int i = 0; i < 3; i++)
		assert_int_equal(write_now(b->store, wish_run, &second), -ENOSPC);
	assert_int_equal(store_health(b->store), STORE_FULL);
	assert_true(is_there(b->store, &first));
	assert_int_equal(store_health(b->store), STORE_FULL);
	assert_true(fault_disarm());
	assert_int_equal(write_now(b->store, wish_run, &third), 0);
	assert_int_equal(store_health(b->store), STORE_OK);
	assert_false(is_there(b->store, &second));
}

static int
swallow_run(struct txn *txn, void *arg)
{
	static const char bytes[6 * 1024 * 1024];

	(void)arg;
	for (day_t day = 0; day < 16; day++)
		(void)txn_grain_put(txn, 1, day, (struct str){bytes, sizeof bytes});
	return 0;
}

/* It outgrows the cache, so that the disk is met before the commit. */
static void
a_closure_that_overlooks_a_full_disk_is_not_told_stored(void **state)
{
	struct bench *b = *state;

	fault_arm((struct fault_plan){.call = FAULT_WRITE, .nth = 1, .code = SQLITE_FULL});
	assert_int_equal(write_now(b->store, swallow_run, NULL), -ENOSPC);
	assert_true(fault_disarm());
}

/* A closure that outgrows the cache, so that much of it is in the log's file long before the commit, and reads it back from there. */
#define BULK_DAYS  4
#define BULK_BYTES (2 * 1024 * 1024)

struct bulk {
	int64_t user;
	bool gives_up;
	bool whole, empty; /* as found afterwards */
};

static char *
bulk_bytes(day_t day)
{
	char *bytes = xcalloc(1, BULK_BYTES);

	for (size_t i = 0; i < BULK_BYTES; i++)
		bytes[i] = (char)(i / 1000 + (size_t)day);
	return bytes;
}

static int
bulk_run(struct txn *txn, void *arg)
{
	const struct bulk *bulk = arg;
	int r = 0;

	for (day_t day = 0; day < BULK_DAYS && r == 0; day++) {
		_cleanup_free_ char *bytes = bulk_bytes(day), *found = NULL;
		size_t len;

		r = txn_grain_put(txn, bulk->user, day, (struct str){bytes, BULK_BYTES});
		/* Careless on purpose: an error of reading is overlooked. */
		(void)txn_grain_get(txn, bulk->user, 0, &found, &len);
	}
	return bulk->gives_up ? -EINVAL : r;
}

static int
bulk_find_run(struct txn *txn, void *arg)
{
	struct bulk *bulk = arg;

	bulk->whole = bulk->empty = true;
	for (day_t day = 0; day < BULK_DAYS; day++) {
		_cleanup_free_ char *bytes = bulk_bytes(day), *found = NULL;
		size_t len = 0;
		int r = txn_grain_get(txn, bulk->user, day, &found, &len);

		assert_true(r == 0 || r == -ENOENT);
		bulk->empty = bulk->empty && r == -ENOENT;
		bulk->whole = bulk->whole && r == 0 && len == BULK_BYTES && memcmp(found, bytes, len) == 0;
	}
	return 0;
}

static void
bulk_is(struct store *s, struct bulk *bulk, int told)
{
	assert_int_equal(read_now(s, bulk_find_run, bulk), 0);
	assert_true(bulk->whole || bulk->empty);
	if (told == 0)
		assert_true(bulk->whole);
	else if (told != -EIO)
		assert_true(bulk->empty);
}

static bool
bulk_life_with(struct fault_plan plan)
{
	struct bench b;
	struct bulk undone = {.user = 1, .gives_up = true}, kept = {.user = 2};
	struct wish wish = {.user = 3};
	int undone_r, kept_r;
	bool reached;

	bench_make(&b);
	assert_int_equal(bench_open(&b), 0);
	fault_arm(plan);
	undone_r = write_now(b.store, bulk_run, &undone);
	kept_r = write_now(b.store, bulk_run, &kept);
	wish_done(write_now(b.store, wish_run, &wish), &wish);
	reached = fault_disarm();
	b.store = store_close(b.store);
	assert_int_equal(bench_open(&b), 0);
	assert_true(undone_r < 0);
	bulk_is(b.store, &undone, undone_r);
	bulk_is(b.store, &kept, kept_r);
	assert_true(is_there(b.store, &wish) == (wish.r == 0) || wish.r == -EIO);
	promises_hold(b.store);
	b.store = store_close(b.store);
	bench_remove(&b);
	return reached;
}

static void
a_transaction_longer_than_memory_is_whole_or_nothing_whatever_write_fails(void **state)
{
	static const int nths[] = {1, 2, 3, 7, 20, 50, 70, 90, 130};
	static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
	int reached = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(nths) * ELEMENTSOF(codes); i++)
		reached += bulk_life_with((struct fault_plan){.call = FAULT_WRITE, .nth = nths[i / 2], .code = codes[i % 2]});
	assert_true(reached >= 14);
}

static void
a_checkpoint_that_cannot_sync_ends_the_store(void **state)
{
	struct bench *b = *state;
	struct wish wish = {.user = 1};

	assert_int_equal(write_now(b->store, wish_run, &wish), 0);
	/* Nobody writes: the next sync is the idle writer's. */
	fault_arm((struct fault_plan){.call = FAULT_SYNC, .nth = 1, .code = SQLITE_IOERR_FSYNC});
	for (int i = 0; i < 300 && store_health(b->store) != STORE_FAILED; i++)
		usleep(10000);
	assert_true(fault_disarm());
	assert_int_equal(store_health(b->store), STORE_FAILED);
	b->store = store_close(b->store);
	assert_int_equal(bench_open(b), 0);
	assert_true(is_there(b->store, &wish));
}

static void
a_start_that_meets_a_fault_says_so_and_the_next_one_is_whole(void **state)
{
	static const struct {
		enum fault_call call;
		int code;
	} faults[] = {{FAULT_SYNC, SQLITE_IOERR_FSYNC}, {FAULT_WRITE, SQLITE_IOERR_WRITE}, {FAULT_WRITE, SQLITE_FULL}};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(faults); i++)
		for (int nth = 1; nth < 200; nth++) {
			struct bench b;
			bool reached;
			int r;

			bench_make(&b);
			fault_arm((struct fault_plan){.call = faults[i].call, .nth = nth, .code = faults[i].code});
			r = bench_open(&b);
			reached = fault_disarm();
			if (reached)
				assert_int_equal(r, faults[i].code == SQLITE_FULL ? -ENOSPC : -EIO);
			b.store = store_close(b.store);
			assert_int_equal(bench_open(&b), 0);
			promises_hold(b.store);
			b.store = store_close(b.store);
			bench_remove(&b);
			if (!reached)
				break;
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_sync_that_fails_ends_the_store_and_loses_nothing_answered),
	    cmocka_unit_test(a_write_that_fails_ends_the_store_and_loses_nothing_answered),
	    cmocka_unit_test(a_full_disk_undoes_what_did_not_fit_and_the_store_goes_on),
	    STORE_TEST(a_disk_that_stays_full_refuses_everything_until_there_is_room),
	    STORE_TEST(a_closure_that_overlooks_a_full_disk_is_not_told_stored),
	    cmocka_unit_test(a_transaction_longer_than_memory_is_whole_or_nothing_whatever_write_fails),
	    STORE_TEST(a_checkpoint_that_cannot_sync_ends_the_store),
	    cmocka_unit_test(a_start_that_meets_a_fault_says_so_and_the_next_one_is_whole),
	};

	fault_vfs_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
