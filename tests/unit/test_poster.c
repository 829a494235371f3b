/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's driver between a real outbox and an ALP of the test's own, which answers when it is told to: what is asked, when, and how often. The
 * monotonic clock goes on when the test says so. */
#include "app_unit.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>

#include "app/posting.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/poster.h"

#define USER     ((int64_t)42)
#define DAY      ((day_t)20000)
#define CALLS    64
#define PAUSE_MS ((int64_t)600000)

/* One post, as ALP got it. */
struct call {
	char *body;
	char key[POSTING_KEY_MAX];
	alp_post_fn done;
	void *arg;
	bool answered;
};

static struct {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
	struct event_base *base;
	struct poster *poster;
	struct call calls[CALLS];
	size_t count;
	_Atomic int64_t skew_ms; /* the clock is so much ahead; the store's threads look at it, too */
	int unstorable;   /* so many outcomes cannot be stored */
	int idle;
} t;

/* --- what is not real ---------------------------------------------------------------------------------------------------------- */

int64_t __real_clock_mono_ms(void);
int64_t __wrap_clock_mono_ms(void);

int64_t
__wrap_clock_mono_ms(void)
{
	return __real_clock_mono_ms() + t.skew_ms;
}

void __real_app_posting_sent(struct app *app, struct posting_sent *v, app_done_fn done, void *arg);
void __wrap_app_posting_sent(struct app *app, struct posting_sent *v, app_done_fn done, void *arg);

void
__wrap_app_posting_sent(struct app *app, struct posting_sent *v, app_done_fn done, void *arg)
{
	if (t.unstorable-- > 0) {
		done(-ENOSPC, arg);
		return;
	}
	__real_app_posting_sent(app, v, done, arg);
}

/* What the driver has of a call is never looked into. */
static struct alp_call *
fake_post(struct alp *alp, const char *body, size_t body_bytes, const char *key, alp_post_fn done, void *arg)
{
	struct call *call = &t.calls[t.count++];

	(void)alp;
	assert_in_range(t.count, 1, CALLS);
	call->body = xstrndup(body, body_bytes);
	snprintf(call->key, sizeof call->key, "%s", key);
	call->done = done;
	call->arg = arg;
	return (struct alp_call *)(void *)call;
}

static struct alp_call *
fake_entries(struct alp *alp, int64_t user_id, day_t from, day_t to, alp_entries_fn done, void *arg)
{
	(void)alp;
	(void)user_id;
	(void)from;
	(void)to;
	(void)done;
	(void)arg;
	fail_msg("nothing has to be listed for these");
	return NULL;
}

static void
fake_cancel(struct alp_call *call)
{
	(void)call;
}

/* --- the world ------------------------------------------------------------------------------------------------------------------ */

static void
start_poster(size_t sends_max)
{
	struct poster_options options = {.base = t.base, .app = t.app, .post = fake_post, .entries = fake_entries, .cancel = fake_cancel,
	    .sends_max = sends_max, .pause_ms = PAUSE_MS, .pause_max_ms = 4 * PAUSE_MS, .key_pause_ms = PAUSE_MS, .key_pause_max_ms = 4 * PAUSE_MS};

	t.poster = poster_new(&options);
	poster_wake(t.poster);
}

static int
setup(void **state)
{
	struct store_options store_options = {.path = t.path, .readers = 1};
	struct app_options app_options;
	bool migrated;
	int schema;

	(void)state;
	memset(&t, 0, sizeof t);
	snprintf(t.dir, sizeof t.dir, "/tmp/rtalp-poster-XXXXXX");
	assert_non_null(mkdtemp(t.dir));
	snprintf(t.path, sizeof t.path, "%s/t.db", t.dir);
	assert_int_equal(store_open(&store_options, &t.store, &schema, &migrated), 0);
	app_options = (struct app_options){.hooks = IDLE_HOOKS, .max_live_jobs = 10, .default_zone = "UTC",
	    .units = {.rounding = ROUNDING_TENTH_UP}, .store = t.store,
	    .posting = {.can = {.keeps_reference = true, .lists_entries = true, .lists_fresh = true}, .reference_field = "external_reference", .looks = 1,
		.look_ms = {PAUSE_MS}, .sends_max = 3}};
	t.app = app_new(&app_options);
	app_has_keeper(t.app, 1);
	t.base = event_base_new();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	t.store = store_close(t.store);
	t.poster = poster_free(t.poster);
	t.app = app_free(t.app);
	event_base_free(t.base);
	for (size_t i = 0; i < t.count; i++)
		free(t.calls[i].body);
	remove_store(t.path, t.dir);
	return 0;
}

/* One go of the loop, which waits a little for the store. */
static void
turn(void)
{
	struct pollfd p = {.fd = store_event_fd(t.store), .events = POLLIN};

	event_base_loop(t.base, EVLOOP_NONBLOCK);
	poll(&p, 1, 5);
	store_dispatch(t.store);
}

static void
comes_to_posts(size_t count)
{
	for (int i = 0; i < 2000 && t.count < count; i++)
		turn();
	assert_int_equal(t.count, count);
}

/* Long enough for the driver to do what it must not. */
static void
stays_at_posts(size_t count)
{
	for (int i = 0; i < 40; i++)
		turn();
	assert_int_equal(t.count, count);
}

static int64_t
wish(int64_t user, int64_t component, int64_t units)
{
	struct post_submit v = {.actor = {.kind = ACTOR_TOKEN, .id = 3}, .items = xcalloc(1, sizeof *v.items), .count = 1};
	struct verb_answer a = {false, 0};
	int64_t id;

	v.items[0].fields = (struct post_fields){.user_id = user, .component_id = component, .day = DAY, .units = units, .rate = POST_NONE,
	    .billable_type = POST_NONE, .gst_type = POST_NONE, .description = xstrdup("Advising on the lease")};
	app_post_submit(t.app, &v, verb_done, &a);
	assert_int_equal(verb_await(t.store, &a), 0);
	id = v.items[0].posting.posting_id;
	post_submit_release(&v);
	return id;
}

static enum posting_state
state_of(int64_t posting_id)
{
	struct posting_get v = {.posting_id = posting_id};
	struct verb_answer a = {false, 0};
	enum posting_state state;

	app_posting_get(t.app, &v, verb_done, &a);
	assert_int_equal(verb_await(t.store, &a), 0);
	state = v.posting.state;
	posting_get_release(&v);
	return state;
}

static void
comes_to(int64_t posting_id, enum posting_state state)
{
	for (int i = 0; i < 2000 && state_of(posting_id) != state; i++)
		turn();
	assert_string_equal(posting_state_name(state_of(posting_id)), posting_state_name(state));
}

static void
answer(size_t i, enum alp_posted posted, int status, int64_t retry_after_ms)
{
	struct alp_post_answer a = {.posted = posted, .status = status, .retry_after_ms = retry_after_ms, .detail = "what came of it"};

	assert_true(i < t.count && !t.calls[i].answered);
	if (posted == ALP_POSTED) {
		a.entry = (struct alp_entry){.state = ALP_ENTRY_OPEN, .day = DAY, .user_id = ALP_ABSENT, .component_id = ALP_ABSENT, .units = ALP_ABSENT,
		    .rate = ALP_ABSENT, .billable_type = ALP_ABSENT, .gst_type = ALP_ABSENT, .json = xstrdup("{}")};
		snprintf(a.entry.id, sizeof a.entry.id, "alp-%zu", i);
	}
	t.calls[i].answered = true;
	t.calls[i].done(&a, t.calls[i].arg);
	alp_entry_release(&a.entry);
	free(a.text);
}

static bool
is_of_user(size_t i, int64_t user)
{
	char text[48];

	snprintf(text, sizeof text, "\"user_id\":%lld,", (long long)user);
	return strstr(t.calls[i].body, text) != NULL;
}

/* --- tests ---------------------------------------------------------------------------------------------------------------------- */

static void
lanes_go_at_once_and_one_after_the_other_within(void **state)
{
	int64_t first, second;

	(void)state;
	start_poster(8);
	first = wish(USER, 1, 3);
	(void)wish(USER, 2, 3);
	(void)wish(USER, 3, 3);
	second = wish(USER, 1, 4);
	comes_to_posts(3);
	stays_at_posts(3);
	assert_int_equal(state_of(second), POSTING_READY);
	answer(1, ALP_POSTED, 201, 0);
	stays_at_posts(3);
	answer(0, ALP_POSTED, 201, 0);
	comes_to_posts(4);
	assert_int_equal(state_of(first), POSTING_POSTED);
	assert_int_equal(state_of(second), POSTING_SENDING);
}

static void
no_more_are_under_way_than_may_be(void **state)
{
	(void)state;
	start_poster(2);
	for (int64_t component = 1; component <= 5; component++)
		(void)wish(USER, component, 3);
	comes_to_posts(2);
	stays_at_posts(2);
	for (size_t i = 0; i < 5; i++) {
		answer(i, ALP_POSTED, 201, 0);
		comes_to_posts(i + 3 < 5 ? i + 3 : 5);
	}
}

static void
a_user_with_much_holds_nobody_up(void **state)
{
	size_t others = 0;

	(void)state;
	for (int64_t component = 1; component <= 40; component++)
		(void)wish(USER, component, 3);
	(void)wish(USER + 1, 1, 3);
	(void)wish(USER + 2, 1, 3);
	start_poster(2);
	/* Of a user no more than a handful go before the next one's turn. */
	for (size_t i = 0; i < 20; i++) {
		comes_to_posts(i + 2);
		others += is_of_user(i, USER + 1) || is_of_user(i, USER + 2);
		answer(i, ALP_POSTED, 201, 0);
	}
	assert_int_equal(others, 2);
}

static void
a_refused_key_stops_everything_for_longer_each_time(void **state)
{
	int64_t first, other;

	(void)state;
	start_poster(8);
	first = wish(USER, 1, 3);
	comes_to_posts(1);
	answer(0, ALP_POST_KEY_REFUSED, 401, 0);
	comes_to(first, POSTING_READY);
	other = wish(USER + 1, 1, 3);
	stays_at_posts(1);
	assert_int_equal(state_of(other), POSTING_READY);
	t.skew_ms += PAUSE_MS;
	poster_wake(t.poster);
	comes_to_posts(3);
	answer(1, ALP_POST_KEY_REFUSED, 403, 0);
	answer(2, ALP_POST_KEY_REFUSED, 403, 0);
	t.skew_ms += PAUSE_MS;
	poster_wake(t.poster);
	stays_at_posts(3);
	t.skew_ms += PAUSE_MS;
	poster_wake(t.poster);
	comes_to_posts(5);
	assert_true(strcmp(t.calls[0].key, t.calls[3].key) == 0 || strcmp(t.calls[0].key, t.calls[4].key) == 0);
	answer(3, ALP_POSTED, 201, 0);
	answer(4, ALP_POSTED, 201, 0);
	comes_to(first, POSTING_POSTED);
	comes_to(other, POSTING_POSTED);
}

static void
a_busy_alp_is_left_alone_as_long_as_it_says(void **state)
{
	int64_t first, other;

	(void)state;
	start_poster(8);
	first = wish(USER, 1, 3);
	comes_to_posts(1);
	answer(0, ALP_POST_BUSY, 429, 2 * PAUSE_MS);
	comes_to(first, POSTING_READY);
	other = wish(USER + 1, 1, 3);
	t.skew_ms += 2 * PAUSE_MS - 60000;
	poster_wake(t.poster);
	stays_at_posts(1);
	t.skew_ms += 60000;
	poster_wake(t.poster);
	comes_to_posts(2);
	assert_true(is_of_user(1, USER + 1));
	answer(1, ALP_POSTED, 201, 0);
	comes_to(other, POSTING_POSTED);
}

static void
is_idle(void *arg)
{
	(void)arg;
	t.idle++;
}

static void
a_stop_sends_nothing_more_and_waits_for_what_is_under_way(void **state)
{
	int64_t under_way, waiting;

	(void)state;
	start_poster(1);
	under_way = wish(USER, 1, 3);
	waiting = wish(USER, 2, 3);
	comes_to_posts(1);
	poster_drain(t.poster, is_idle, NULL);
	stays_at_posts(1);
	assert_int_equal(t.idle, 0);
	answer(0, ALP_POSTED, 201, 0);
	comes_to(under_way, POSTING_POSTED);
	stays_at_posts(1);
	assert_int_equal(t.idle, 1);
	assert_int_equal(state_of(waiting), POSTING_READY);
}

static void
what_alp_answered_is_stored_in_the_end_and_never_sent_again(void **state)
{
	int64_t first, behind;

	(void)state;
	start_poster(8);
	first = wish(USER, 1, 3);
	comes_to_posts(1);
	t.unstorable = 2;
	answer(0, ALP_POSTED, 201, 0);
	behind = wish(USER, 1, 4);
	stays_at_posts(1);
	assert_int_equal(state_of(first), POSTING_SENDING);
	comes_to(first, POSTING_POSTED);
	assert_true(t.unstorable <= 0);
	comes_to_posts(2);
	assert_string_not_equal(t.calls[0].key, t.calls[1].key);
	answer(1, ALP_POSTED, 201, 0);
	comes_to(behind, POSTING_POSTED);
	stays_at_posts(2);
}

static void
what_may_have_arrived_is_not_sent_again_by_itself(void **state)
{
	int64_t first;

	(void)state;
	start_poster(8);
	first = wish(USER, 1, 3);
	comes_to_posts(1);
	answer(0, ALP_POST_UNKNOWN, 500, 0);
	comes_to(first, POSTING_UNKNOWN);
	stays_at_posts(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lanes_go_at_once_and_one_after_the_other_within, setup, teardown),
	    cmocka_unit_test_setup_teardown(no_more_are_under_way_than_may_be, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_user_with_much_holds_nobody_up, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_refused_key_stops_everything_for_longer_each_time, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_busy_alp_is_left_alone_as_long_as_it_says, setup, teardown),
	    cmocka_unit_test_setup_teardown(a_stop_sends_nothing_more_and_waits_for_what_is_under_way, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_alp_answered_is_stored_in_the_end_and_never_sent_again, setup, teardown),
	    cmocka_unit_test_setup_teardown(what_may_have_arrived_is_not_sent_again_by_itself, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
