/* SPDX-License-Identifier: Apache-2.0 */
/* Facts and who is told of them: a row for each webhook that wants it, in the transaction of the fact. */
#include "store_unit.h"

#include <errno.h>

#include "store/webhook.h"

#define ALL_TYPES 0x7eu

struct work {
	int64_t webhook_id, delivery_id, now_ms, limit;
	uint32_t types;
	int count;
	bool fail;
	const char *code;
	struct notice notice;
	struct webhook_row webhook;
	struct webhook_list webhooks;
	struct delivery_list list;
	struct delivery_row delivery;
	struct attempt_row attempt;
	struct job_row job;
};

/* As long as those of fresh secrets. */
static struct box
a_box(unsigned char seed)
{
	struct box box = {.len = BOX_OVERHEAD + BOX_HEAD_BYTES + 50};

	memset(box.key_id, seed, sizeof box.key_id);
	memset(box.seal_id, seed + 1, sizeof box.seal_id);
	memset(box.bytes, seed + 2, box.len);
	return box;
}

static int
insert_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	char url[] = "https://example.org/hook", description[] = "";
	int r = 0;

	for (int i = 0; r == 0 && i < w->count; i++) {
		struct webhook_row row = {.url = url, .description = description, .types = w->types, .created_ms = NOW_MS, .secret = a_box(1)};

		r = txn_webhook_number(txn, &row.webhook_id);
		if (r == 0)
			r = txn_webhook_insert(txn, &row);
		w->webhook_id = row.webhook_id;
	}
	return r;
}

static int
notice_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	int r = txn_notice(txn, &w->notice);

	return r == 0 && w->fail ? -EINVAL : r;
}

static int
list_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_delivery_list(txn, w->webhook_id, 0, w->limit, &w->list);
}

static int
due_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_delivery_due(txn, w->webhook_id, w->now_ms, w->limit, &w->list);
}

static int
switch_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_webhook_switch(txn, w->webhook_id, w->code, w->now_ms);
}

static int
get_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_webhook_get(txn, w->webhook_id, &w->webhook);
}

static int
rotate_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	const struct box fresh = a_box(7);

	return txn_webhook_rotate(txn, w->webhook_id, &fresh, NOW_MS + 5, NOW_MS);
}

static int
reseal_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	const struct box old = a_box(1), fresh = a_box(20);

	return txn_webhook_reseal(txn, w->webhook_id, &old, &fresh);
}

static int
delete_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_webhook_delete(txn, w->webhook_id);
}

static int
move_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	int r = txn_attempt_add(txn, w->delivery.delivery_id, &w->attempt);

	return r < 0 ? r : txn_delivery_move(txn, &w->delivery);
}

static int
prune_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	w->count = txn_delivery_prune(txn, w->now_ms, w->limit);
	return w->count < 0 ? w->count : 0;
}

static int
job_run(struct txn *txn, void *arg)
{
	struct work *w = arg;
	int r;

	w->job = a_job(42, KIND_PROCESS, NOW_MS);
	r = txn_job_insert(txn, &w->job);
	if (r == 0)
		r = txn_job_transition(txn, &w->job, JOB_RUNNING, NOW_MS, NULL, NULL);
	for (int i = 0; r == 0 && i < w->count; i++)
		r = txn_notice_ready_day(txn, w->job.job_id, DAY_ONE - i);
	return r == 0 ? txn_job_transition(txn, &w->job, JOB_SUCCEEDED, NOW_MS + 1, NULL, NULL) : r;
}

static int64_t
a_webhook(struct bench *b, uint32_t types)
{
	struct work w = {.types = types, .count = 1};

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	return w.webhook_id;
}

static struct work
posted(void)
{
	return (struct work){.notice = {.type = NOTICE_ENTRY_POSTED, .at_ms = NOW_MS, .alp_user_id = 42, .entry_id = 5, .posting_id = 6,
	    .from_day = DAY_ONE, .to_day = -1, .alp_entry_id = "a\"b\\\n1", .state = "posted"}};
}

static struct delivery_list
deliveries(struct bench *b, int64_t webhook_id)
{
	struct work w = {.webhook_id = webhook_id, .limit = 1000};

	assert_int_equal(read_now(b->store, list_run, &w), 0);
	return w.list;
}

static size_t
count_of(struct bench *b, int64_t webhook_id)
{
	_cleanup_(delivery_list_release) struct delivery_list list = deliveries(b, webhook_id);

	return list.count;
}

static void
each_webhook_that_wants_it_is_told(void **state)
{
	struct bench *b = *state;
	int64_t one = a_webhook(b, 1u << NOTICE_ENTRY_POSTED), two = a_webhook(b, ALL_TYPES), other = a_webhook(b, 1u << NOTICE_JOB_FINISHED);
	struct work w = posted();
	uint64_t before = store_notices(b->store);
	struct delivery_list list;

	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	assert_int_equal(count_of(b, one), 1);
	assert_int_equal(count_of(b, other), 0);
	assert_true(store_notices(b->store) > before);
	list = deliveries(b, two);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.rows[0].body,
	    "{\"type\":\"entry.posted\",\"timestamp\":\"2026-11-20T00:00:00.000Z\",\"data\":{\"alp_user_id\":42,\"entry_id\":5,"
	    "\"posting_id\":6,\"alp_entry_id\":\"a\\\"b\\\\\\n1\",\"entry_date\":\"2026-11-20\",\"state\":\"posted\"}}");
	assert_int_equal(list.rows[0].state, DELIVERY_PENDING);
	assert_int_equal(strncmp(list.rows[0].message_id, "msg_", 4), 0);
	delivery_list_release(&list);
}

static void
a_fact_that_is_undone_is_not_told(void **state)
{
	struct bench *b = *state;
	int64_t id = a_webhook(b, ALL_TYPES);
	struct work w = posted();

	w.fail = true;
	assert_int_equal(write_now(b->store, notice_run, &w), -EINVAL);
	assert_int_equal(count_of(b, id), 0);
}

static void
nobody_there_is_nothing_to_do(void **state)
{
	struct bench *b = *state;
	struct work w = posted();
	uint64_t before = store_notices(b->store);

	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	assert_int_equal(store_notices(b->store), before);
}

static void
a_disabled_webhook_gets_nothing_new(void **state)
{
	struct bench *b = *state;
	struct work w = posted();

	w.webhook_id = a_webhook(b, ALL_TYPES);
	w.code = "gone";
	w.now_ms = NOW_MS;
	assert_int_equal(write_now(b->store, switch_run, &w), 0);
	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	assert_int_equal(count_of(b, w.webhook_id), 0);
	assert_int_equal(read_now(b->store, get_run, &w), 0);
	assert_string_equal(w.webhook.disabled_code, "gone");
	webhook_row_release(&w.webhook);
	w.code = NULL;
	assert_int_equal(write_now(b->store, switch_run, &w), 0);
	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	assert_int_equal(count_of(b, w.webhook_id), 1);
}

/* However many days: one message, with the range. */
static void
a_process_job_tells_once_which_days_are_ready(void **state)
{
	struct bench *b = *state;
	int64_t id = a_webhook(b, ALL_TYPES);
	struct work w = {.count = 3};
	struct delivery_list list;

	assert_int_equal(write_now(b->store, job_run, &w), 0);
	list = deliveries(b, id);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.rows[1].type, NOTICE_ENTRIES_READY);
	assert_non_null(strstr(list.rows[1].body, "\"from\":\"2026-11-18\",\"to\":\"2026-11-20\"}"));
	assert_int_equal(list.rows[0].type, NOTICE_JOB_FINISHED);
	assert_non_null(strstr(list.rows[0].body, "\"kind\":\"process\",\"from\":\"2026-11-20\",\"to\":\"2026-11-20\",\"state\":\"succeeded\"}"));
	assert_string_not_equal(list.rows[0].message_id, list.rows[1].message_id);
	delivery_list_release(&list);
	w.count = 0;
	assert_int_equal(write_now(b->store, job_run, &w), 0);
	assert_int_equal(count_of(b, id), 3);
}

static void
due_is_what_is_pending_and_whose_time_has_come(void **state)
{
	struct bench *b = *state;
	struct work w = posted();

	w.webhook_id = a_webhook(b, ALL_TYPES);
	for (int i = 0; i < 4; i++) {
		w.notice.at_ms = NOW_MS + 10 * i;
		assert_int_equal(write_now(b->store, notice_run, &w), 0);
	}
	w.now_ms = NOW_MS + 20;
	w.limit = 10;
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 3);
	assert_int_equal(w.list.rows[0].next_ms, NOW_MS);
	w.delivery = (struct delivery_row){.delivery_id = w.list.rows[0].delivery_id, .state = DELIVERY_DELIVERED, .attempts = 1, .next_ms = NOW_MS,
	    .finished_ms = NOW_MS};
	assert_int_equal(write_now(b->store, move_run, &w), 0);
	delivery_list_release(&w.list);
	w.limit = 1;
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 1);
	assert_int_equal(w.list.rows[0].next_ms, NOW_MS + 10);
	delivery_list_release(&w.list);
}

static int
shift_run(struct txn *txn, void *arg)
{
	struct work *w = arg;

	return txn_delivery_shift_due(txn, w->webhook_id, w->now_ms, 100);
}

/* What waits is pulled along with the clock. */
static void
a_clock_that_is_set_back_holds_nothing_up(void **state)
{
	struct bench *b = *state;
	struct work w = posted();

	w.webhook_id = a_webhook(b, ALL_TYPES);
	w.notice.at_ms = NOW_MS + 90;
	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	w.now_ms = NOW_MS;
	w.limit = 10;
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 0);
	assert_int_equal(write_now(b->store, shift_run, &w), 0);
	assert_int_equal(read_now(b->store, due_run, &w), 0);
	assert_int_equal(w.list.count, 1);
	delivery_list_release(&w.list);
}

static void
rotating_keeps_the_secret_there_was(void **state)
{
	struct bench *b = *state;
	const struct box fresh = a_box(7), first = a_box(1);
	struct work w = {.webhook_id = a_webhook(b, ALL_TYPES)};

	assert_int_equal(write_now(b->store, rotate_run, &w), 0);
	assert_int_equal(read_now(b->store, get_run, &w), 0);
	assert_memory_equal(&w.webhook.secret, &fresh, sizeof fresh);
	assert_memory_equal(&w.webhook.old_secret, &first, sizeof first);
	assert_int_equal(w.webhook.old_until_ms, NOW_MS + 5);
	webhook_row_release(&w.webhook);
}

/* Whichever of the two it is by now, and no other. */
static void
resealing_changes_that_secret_only(void **state)
{
	struct bench *b = *state;
	const struct box current = a_box(7), fresh = a_box(20);
	struct work w = {.webhook_id = a_webhook(b, ALL_TYPES)};

	assert_int_equal(write_now(b->store, rotate_run, &w), 0);
	assert_int_equal(write_now(b->store, reseal_run, &w), 0);
	assert_int_equal(read_now(b->store, get_run, &w), 0);
	assert_memory_equal(&w.webhook.secret, &current, sizeof current);
	assert_memory_equal(&w.webhook.old_secret, &fresh, sizeof fresh);
	webhook_row_release(&w.webhook);
	assert_int_equal(write_now(b->store, reseal_run, &w), -ENOENT);
}

/* A number is never given again, and nobody learns of another's messages by it. */
static void
a_deleted_webhook_takes_its_messages_along(void **state)
{
	struct bench *b = *state;
	struct work w = posted();
	int64_t id = w.webhook_id = a_webhook(b, ALL_TYPES);

	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	assert_int_equal(write_now(b->store, delete_run, &w), 0);
	assert_int_equal(write_now(b->store, delete_run, &w), -ENOENT);
	assert_int_equal(count_of(b, id), 0);
	assert_true(a_webhook(b, ALL_TYPES) > id);
}

static void
the_log_keeps_the_newest_attempts_and_goes_with_its_message(void **state)
{
	struct bench *b = *state;
	struct work w = posted();
	struct delivery_list list;

	w.webhook_id = a_webhook(b, ALL_TYPES);
	assert_int_equal(write_now(b->store, notice_run, &w), 0);
	w.delivery = (struct delivery_row){.delivery_id = 1, .state = DELIVERY_FAILED, .attempts = 10, .finished_ms = NOW_MS + 1};
	for (int i = 0; i < WEBHOOK_ATTEMPTS_KEPT + 5; i++) {
		w.attempt = (struct attempt_row){.at_ms = NOW_MS + i, .status = 500, .code = "status"};
		assert_int_equal(write_now(b->store, move_run, &w), 0);
	}
	list = deliveries(b, w.webhook_id);
	assert_int_equal(list.rows[0].log_count, WEBHOOK_ATTEMPTS_KEPT);
	assert_int_equal(list.rows[0].log[0].at_ms, NOW_MS + 5);
	delivery_list_release(&list);
	w.now_ms = NOW_MS + 1;
	w.limit = 10;
	assert_int_equal(write_now(b->store, prune_run, &w), 0);
	assert_int_equal(w.count, 0);
	w.now_ms++;
	assert_int_equal(write_now(b->store, prune_run, &w), 0);
	assert_int_equal(w.count, 1);
	assert_int_equal(count_of(b, w.webhook_id), 0);
}

static void
there_are_so_many_and_no_more(void **state)
{
	struct bench *b = *state;
	struct work w = {.types = ALL_TYPES, .count = WEBHOOKS_MAX};

	assert_int_equal(write_now(b->store, insert_run, &w), 0);
	w.count = 1;
	assert_int_equal(write_now(b->store, insert_run, &w), -EDQUOT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    STORE_TEST(each_webhook_that_wants_it_is_told),
	    STORE_TEST(a_fact_that_is_undone_is_not_told),
	    STORE_TEST(nobody_there_is_nothing_to_do),
	    STORE_TEST(a_disabled_webhook_gets_nothing_new),
	    STORE_TEST(a_process_job_tells_once_which_days_are_ready),
	    STORE_TEST(due_is_what_is_pending_and_whose_time_has_come),
	    STORE_TEST(a_clock_that_is_set_back_holds_nothing_up),
	    STORE_TEST(rotating_keeps_the_secret_there_was),
	    STORE_TEST(resealing_changes_that_secret_only),
	    STORE_TEST(a_deleted_webhook_takes_its_messages_along),
	    STORE_TEST(the_log_keeps_the_newest_attempts_and_goes_with_its_message),
	    STORE_TEST(there_are_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
