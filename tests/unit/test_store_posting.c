/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's table: what must never happen is refused by it, whoever asks. */
#include "store_unit.h"

#include <errno.h>

#include "store/posting.h"

struct work {
	struct posting_row row;
	struct posting_list list;
	struct posting_history history;
	int64_t posting_id, now_ms, after_user, count;
	size_t per_user, max;
	enum posting_state state;
	const char *alp_entry_id;
};

static struct posting_row
a_posting(int64_t user, day_t day, int64_t component, int number)
{
	struct posting_row p = {.alp_user_id = user, .day = day, .component_id = component, .units = 3, .units_tenths = 30, .next_ms = NOW_MS,
	    .created_ms = NOW_MS};

	p.body = xasprintf("{\"number\":%d}", number);
	p.body_hash[0] = (unsigned char)number;
	snprintf(p.idempotency_key, sizeof p.idempotency_key, "key-%d", number);
	snprintf(p.reference, sizeof p.reference, "ref-%d", number);
	return p;
}

static int
insert_run(struct txn *txn, void *arg)
{
	return txn_posting_insert(txn, &((struct work *)arg)->row);
}

static int64_t
insert(struct bench *b, int64_t user, day_t day, int64_t component, int number)
{
	struct work w = {.row = a_posting(user, day, component, number)};
	int64_t id;

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	id = w.row.posting_id;
	posting_row_release(&w.row);
	return id;
}

static int
move_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	_cleanup_(posting_row_release) struct posting_row p = {0};
	int r = txn_posting_get(txn, w->posting_id, &p);

	if (r < 0)
		return r;
	p.state = w->state;
	if (w->state == POSTING_SENDING) {
		p.attempts++;
		p.sending_ms = NOW_MS;
	}
	if (w->state == POSTING_UNKNOWN && p.stored != POSTING_UNKNOWN)
		p.maybe_sent++;
	if (w->state == POSTING_POSTED)
		p.posted_ms = NOW_MS;
	if (w->alp_entry_id != NULL)
		snprintf(p.alp_entry_id, sizeof p.alp_entry_id, "%s", w->alp_entry_id);
	return txn_posting_update(txn, &p, NOW_MS, "because", "of it");
}

static int
move(struct bench *b, int64_t posting_id, enum posting_state state, const char *alp_entry_id)
{
	struct work w = {.posting_id = posting_id, .state = state, .alp_entry_id = alp_entry_id};

	return write_now(b->store, move_run, &w);
}

static void
a_lane_has_one_in_flight(void **state)
{
	struct bench *b = *state;
	int64_t first = insert(b, 42, DAY_ONE, 7, 1), second = insert(b, 42, DAY_ONE, 7, 2), other_day = insert(b, 42, DAY_ONE + 1, 7, 3);

	assert_int_equal(move(b, first, POSTING_SENDING, NULL), 0);
	assert_int_equal(move(b, second, POSTING_SENDING, NULL), -EEXIST);
	assert_int_equal(move(b, other_day, POSTING_SENDING, NULL), 0);
	/* Nobody knows what became of it: the lane stays its. */
	assert_int_equal(move(b, first, POSTING_UNKNOWN, NULL), 0);
	assert_int_equal(move(b, second, POSTING_SENDING, NULL), -EEXIST);
	assert_int_equal(move(b, first, POSTING_NEEDS_PERSON, NULL), 0);
	assert_int_equal(move(b, second, POSTING_SENDING, NULL), 0);
}

static void
an_entry_of_alps_is_of_one_posting(void **state)
{
	struct bench *b = *state;
	int64_t first = insert(b, 42, DAY_ONE, 7, 1), second = insert(b, 42, DAY_ONE, 8, 2);

	assert_int_equal(move(b, first, POSTING_SENDING, NULL), 0);
	assert_int_equal(move(b, second, POSTING_SENDING, NULL), 0);
	assert_int_equal(move(b, first, POSTING_POSTED, "9001"), 0);
	assert_int_equal(move(b, second, POSTING_POSTED, "9001"), -EEXIST);
	assert_int_equal(move(b, second, POSTING_POSTED, ""), -EINVAL);
	assert_int_equal(move(b, second, POSTING_POSTED, "9002"), 0);
}

static int
history_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_posting_history(txn, w->posting_id, &w->history);
}

static void
every_change_of_state_is_in_its_history(void **state)
{
	struct bench *b = *state;
	struct work w = {.posting_id = insert(b, 42, DAY_ONE, 7, 1)};

	assert_int_equal(move(b, w.posting_id, POSTING_SENDING, NULL), 0);
	assert_int_equal(move(b, w.posting_id, POSTING_UNKNOWN, NULL), 0);
	/* The same state: nothing happened. */
	assert_int_equal(move(b, w.posting_id, POSTING_UNKNOWN, NULL), 0);
	assert_int_equal(read_now(b->store, history_run, &w), 0);
	assert_int_equal(w.history.count, 3);
	assert_int_equal(w.history.rows[0].from, 0);
	assert_int_equal(w.history.rows[0].to, POSTING_READY);
	assert_int_equal(w.history.rows[2].from, POSTING_SENDING);
	assert_int_equal(w.history.rows[2].to, POSTING_UNKNOWN);
	assert_int_equal(w.history.rows[2].attempt, 1);
	assert_string_equal(w.history.rows[2].code, "because");
	posting_history_release(&w.history);
}

static int
due_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_posting_due(txn, w->now_ms, w->after_user, w->per_user, w->max, &w->list);
}

static void
users_take_turns(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .after_user = 41, .per_user = 2, .max = 5};

	for (int i = 0; i < 20; i++)
		insert(b, 41, DAY_ONE, 100 + i, i);
	for (int i = 20; i < 40; i++)
		insert(b, 42, DAY_ONE, 100 + i, i);
	insert(b, 43, DAY_ONE, 1, 40);
	/* Two of one lane: only one of them may go. */
	insert(b, 43, DAY_ONE, 1, 41);
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 5);
	assert_int_equal(w.list.rows[0].alp_user_id, 42);
	assert_int_equal(w.list.rows[1].alp_user_id, 42);
	assert_int_equal(w.list.rows[2].alp_user_id, 43);
	assert_int_equal(w.list.rows[3].alp_user_id, 41);
	assert_int_equal(w.list.rows[4].alp_user_id, 41);
	posting_list_release(&w.list);
}

static void
a_lane_that_is_busy_has_nothing_due(void **state)
{
	struct bench *b = *state;
	struct work w = {.now_ms = NOW_MS, .per_user = 10, .max = 10};
	int64_t first = insert(b, 42, DAY_ONE, 7, 1);

	insert(b, 42, DAY_ONE, 7, 2);
	assert_int_equal(move(b, first, POSTING_SENDING, NULL), 0);
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 0);
	posting_list_release(&w.list);
	assert_int_equal(move(b, first, POSTING_POSTED, "1"), 0);
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 1);
	posting_list_release(&w.list);
}

static int
stale_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	_cleanup_(posting_row_release) struct posting_row p = {0};
	int r = txn_posting_get(txn, w->posting_id, &p);

	p.stored = POSTING_UNKNOWN;
	p.state = POSTING_READY;
	return r < 0 ? r : txn_posting_update(txn, &p, NOW_MS, NULL, NULL);
}

static void
one_that_moved_on_is_not_written_over(void **state)
{
	struct bench *b = *state;
	struct work w = {.posting_id = insert(b, 42, DAY_ONE, 7, 1)};

	assert_int_equal(write_now(b->store, stale_run, &w), -ESTALE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(a_lane_has_one_in_flight),
	    STORE_TEST(an_entry_of_alps_is_of_one_posting),
	    STORE_TEST(every_change_of_state_is_in_its_history),
	    STORE_TEST(users_take_turns),
	    STORE_TEST(a_lane_that_is_busy_has_nothing_due),
	    STORE_TEST(one_that_moved_on_is_not_written_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
