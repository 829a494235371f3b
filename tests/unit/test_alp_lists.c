/* SPDX-License-Identifier: Apache-2.0 */
/* What lists.h promises, over each cache there is, with an ALP of the test's own and a clock that it sets. */
#include "unit.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <string.h>

#include "alp/aside.h"
#include "alp/cache.h"
#include "alp/lists.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "redis_server.h"

#define FRESH_MS      1000
#define REVALIDATE_MS 2000
#define IF_ERROR_MS   100000
#define PAUSE_MS      500
#define RESULTS_MAX   1100

static int64_t now_ms;

static int64_t
tell_now(void)
{
	return now_ms;
}

/* What ALP is being asked and has not answered. */
struct question {
	enum alp_list list;
	char id[ALP_ID_MAX], etag[CACHE_ETAG_MAX];
	alp_list_fn done;
	void *arg;
};

struct result {
	enum alp_failure failure;
	enum list_source source;
	int64_t age_ms;
	char bytes[256];
};

struct world {
	struct event_base *base;
	struct aside *aside;
	struct alp_lists *lists;
	struct question questions[64];
	size_t asked, answered;
	struct result results[RESULTS_MAX];
	size_t result_count;
	size_t changes;
	struct redis_server redis;
};
static struct world *world;
static bool over_redis;

static const char *const closed[] = {"closed", NULL};
static const struct list_words words = {"id", "code", "name", "client.name", "status", closed};

static struct alp_call *
ask(struct alp *alp, enum alp_list list, const char *id, const char *etag, alp_list_fn done, void *arg)
{
	struct question *q = &world->questions[world->asked++ % ELEMENTSOF(world->questions)];

	(void)alp;
	*q = (struct question){.list = list, .done = done, .arg = arg};
	snprintf(q->id, sizeof q->id, "%s", id);
	snprintf(q->etag, sizeof q->etag, "%s", etag != NULL ? etag : "");
	return NULL;
}

static void
cancel(struct alp_call *call)
{
	assert_null(call);
}

static void
give_up(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	*(bool *)arg = true;
}

/* Goes on until so many results are there and ALP was asked so often. */
static void
run_until(struct world *w, size_t results, size_t asked)
{
	const struct timeval limit = {.tv_sec = 20};
	bool late = false;
	struct event *timer = evtimer_new(w->base, give_up, &late);

	evtimer_add(timer, &limit);
	while (!late && (w->result_count < results || w->asked < asked))
		event_base_loop(w->base, EVLOOP_ONCE);
	event_free(timer);
	assert_false(late);
	assert_int_equal(w->result_count, results);
	assert_int_equal(w->asked, asked);
}

static void
on_result(const struct list_result *result, void *arg)
{
	struct world *w = arg;
	struct result *r = &w->results[w->result_count++];
	struct str bytes = result->body != NULL ? list_body_bytes(result->body) : STR_NONE;

	*r = (struct result){.failure = result->failure, .source = result->source, .age_ms = result->age_ms};
	snprintf(r->bytes, sizeof r->bytes, "%.*s", (int)MIN_OF(bytes.len, sizeof r->bytes - 1), bytes.len > 0 ? bytes.p : "");
}

static void
get(struct world *w, enum alp_list list, const char *id)
{
	assert_int_equal(alp_lists_get(w->lists, list, id, on_result, w), 0);
}

static struct question *
next_question(struct world *w)
{
	assert_true(w->answered < w->asked);
	return &w->questions[w->answered++ % ELEMENTSOF(w->questions)];
}

static void
answer(struct world *w, const char *items, const char *etag)
{
	struct alp_list_answer a = {.status = 200, .items = xstrdup(items), .items_bytes = strlen(items)};
	struct question *q = next_question(w);

	snprintf(a.etag, sizeof a.etag, "%s", etag);
	q->done(&a, q->arg);
	free(a.items);
}

static void
answer_unchanged(struct world *w)
{
	struct question *q = next_question(w);

	q->done(&(struct alp_list_answer){.status = 304, .unchanged = true}, q->arg);
}

static void
answer_failure(struct world *w, enum alp_failure failure)
{
	struct question *q = next_question(w);

	q->done(&(struct alp_list_answer){.failure = failure}, q->arg);
}

static void
on_changed(enum alp_list list, const char *id, struct list_body *body, void *arg)
{
	(void)list;
	(void)id;
	(void)body;
	((struct world *)arg)->changes++;
}

/* Goes on until what is written there is there. */
static void
run_until_redis_has(struct world *w, const char *key, const char *text)
{
	char command[64], reply[512] = "";

	snprintf(command, sizeof command, "HGET %s b", key);
	for (int i = 0; i < 4000 && strstr(reply, text) == NULL; i++) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		redis_say(&w->redis, command, reply, sizeof reply);
		usleep(1000);
	}
	assert_non_null(strstr(reply, text));
	for (int i = 0; i < 20; i++) /* it hears so, too */
		(void)usleep(1000), event_base_loop(w->base, EVLOOP_NONBLOCK);
}

/* --- the world --------------------------------------------------------------------------------------------------------------- */

static struct cache *
make_cache(struct world *w, size_t bytes)
{
	struct cache_redis_options o = {.base = w->base, .address = w->redis.socket, .prefix = "t:", .near_bytes = bytes, .near_ms = 0, .deadline_ms = 2000,
	    .keep_ms = 3600000, .aside = w->aside, .words = &words};
	struct cache *c = NULL;

	if (!over_redis)
		return cache_memory_new(bytes);
	assert_int_equal(cache_redis_new(&o, &c), 0);
	return c;
}

static void
make_lists(struct world *w, struct cache *cache)
{
	struct alp_lists_options o = {.base = w->base, .ask = ask, .cancel = cancel, .cache = cache, .aside = w->aside, .now_ms = tell_now, .patience_ms = 60000,
	    .pause_ms = PAUSE_MS, .words = &words, .changed = on_changed, .changed_arg = w};

	for (size_t i = 0; i < ALP_LISTS; i++)
		o.policy[i] = (struct list_policy){FRESH_MS, REVALIDATE_MS, IF_ERROR_MS};
	w->lists = alp_lists_new(&o);
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	*state = world = w;
	now_ms = 1000000;
	w->base = event_base_new();
	assert_int_equal(aside_new(w->base, &w->aside), 0);
	snprintf(w->redis.directory, sizeof w->redis.directory, "/tmp/rtalp-lists-XXXXXX");
	assert_non_null(mkdtemp(w->redis.directory));
	snprintf(w->redis.socket, sizeof w->redis.socket, "%s/redis", w->redis.directory);
	if (over_redis)
		assert_true(redis_start(&w->redis));
	make_lists(w, make_cache(w, (size_t)8 << 20));
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	w->aside = aside_free(w->aside);
	alp_lists_free(w->lists);
	redis_stop(&w->redis);
	unlink(w->redis.socket);
	rmdir(w->redis.directory);
	event_base_free(w->base);
	free(w);
	return 0;
}

/* What the daemon is after a new start. */
static void
start_again(struct world *w)
{
	w->aside = aside_free(w->aside);
	w->lists = alp_lists_free(w->lists);
	assert_int_equal(aside_new(w->base, &w->aside), 0);
	make_lists(w, make_cache(w, (size_t)8 << 20));
}

static void
expect(const struct result *r, enum list_source source, int64_t age_ms, const char *bytes)
{
	assert_int_equal(r->failure, ALP_FINE);
	assert_int_equal(r->source, source);
	assert_int_equal(r->age_ms, age_ms);
	assert_string_equal(r->bytes, bytes);
}

#define USERS_1 "[{\"id\": 7, \"name\": \"Ada\"}]"
#define USERS_2 "[{\"id\": 7, \"name\": \"Ada\"}, {\"id\": 8}]"

/* Fetches the users once. */
static void
have_users(struct world *w)
{
	get(w, ALP_USERS, "");
	run_until(w, 0, 1);
	answer(w, USERS_1, "\"u1\"");
	run_until(w, 1, 1);
	expect(&w->results[0], LIST_FETCHED, 0, USERS_1);
}

/* --- what must hold over every cache ------------------------------------------------------------------------------------------- */

static void
a_fresh_copy_is_as_good_as_alp(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += FRESH_MS - 1;
	get(w, ALP_USERS, "");
	run_until(w, 2, 1);
	expect(&w->results[1], LIST_FRESH, FRESH_MS - 1, USERS_1);
	assert_int_equal(w->changes, 1);
}

static void
any_number_that_wait_are_one_question_to_alp(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 1000; i++)
		get(w, ALP_USERS, "");
	run_until(w, 0, 1);
	for (int i = 0; i < 50; i++)
		get(w, ALP_USERS, "");
	answer(w, USERS_1, "");
	run_until(w, 1050, 1);
	for (size_t i = 0; i < w->result_count; i++)
		expect(&w->results[i], LIST_FETCHED, 0, USERS_1);
}

static void
lists_of_other_ids_are_other_lists(void **state)
{
	struct world *w = *state;

	get(w, ALP_OUTCOMES, "1");
	get(w, ALP_OUTCOMES, "2");
	get(w, ALP_COMPONENTS, "1");
	run_until(w, 0, 3);
	for (size_t i = 0; i < 3; i++)
		answer(w, i == 0 ? "[]" : i == 1 ? "[{\"id\":1}]" : "[{\"id\":2}]", "");
	run_until(w, 3, 3);
	get(w, ALP_OUTCOMES, "2");
	run_until(w, 4, 3);
	for (size_t i = 0; i < 3; i++)
		if (w->questions[i].list == ALP_OUTCOMES && strcmp(w->questions[i].id, "2") == 0)
			assert_string_equal(w->results[3].bytes, i == 0 ? "[]" : i == 1 ? "[{\"id\":1}]" : "[{\"id\":2}]");
}

static void
an_older_copy_goes_out_at_once_while_alp_is_asked(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += FRESH_MS + 5;
	get(w, ALP_USERS, "");
	run_until(w, 2, 2);
	expect(&w->results[1], LIST_STALE, FRESH_MS + 5, USERS_1);
	get(w, ALP_USERS, "");
	run_until(w, 3, 2);
	expect(&w->results[2], LIST_STALE, FRESH_MS + 5, USERS_1);
	assert_string_equal(w->questions[1].etag, "\"u1\"");
	answer(w, USERS_2, "\"u2\"");
	get(w, ALP_USERS, "");
	run_until(w, 4, 2);
	expect(&w->results[3], LIST_FRESH, 0, USERS_2);
	assert_int_equal(w->changes, 2);
}

static void
an_old_copy_waits_for_alp(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += FRESH_MS + REVALIDATE_MS;
	get(w, ALP_USERS, "");
	run_until(w, 1, 2);
	answer(w, USERS_2, "");
	run_until(w, 2, 2);
	expect(&w->results[1], LIST_FETCHED, 0, USERS_2);
}

static void
what_alp_says_is_unchanged_is_young_again(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += FRESH_MS + REVALIDATE_MS;
	get(w, ALP_USERS, "");
	run_until(w, 1, 2);
	assert_string_equal(w->questions[1].etag, "\"u1\"");
	answer_unchanged(w);
	run_until(w, 2, 2);
	expect(&w->results[1], LIST_FETCHED, 0, USERS_1);
	now_ms += FRESH_MS - 1;
	get(w, ALP_USERS, "");
	run_until(w, 3, 2);
	expect(&w->results[2], LIST_FRESH, FRESH_MS - 1, USERS_1);
	assert_int_equal(w->changes, 1);
}

static void
an_alp_that_is_down_leaves_the_copy_with_its_age(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += FRESH_MS + REVALIDATE_MS;
	get(w, ALP_USERS, "");
	run_until(w, 1, 2);
	answer_failure(w, ALP_UNREACHABLE);
	run_until(w, 2, 2);
	expect(&w->results[1], LIST_STALE, FRESH_MS + REVALIDATE_MS, USERS_1);
	/* It is not asked again at once. */
	now_ms += PAUSE_MS - 1;
	get(w, ALP_USERS, "");
	run_until(w, 3, 2);
	expect(&w->results[2], LIST_STALE, FRESH_MS + REVALIDATE_MS + PAUSE_MS - 1, USERS_1);
	now_ms += 1;
	get(w, ALP_USERS, "");
	run_until(w, 3, 3);
	answer(w, USERS_2, "");
	run_until(w, 4, 3);
	expect(&w->results[3], LIST_FETCHED, 0, USERS_2);
}

static void
a_copy_that_is_too_old_helps_nobody(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += IF_ERROR_MS;
	get(w, ALP_USERS, "");
	run_until(w, 1, 2);
	answer_failure(w, ALP_TIMEOUT);
	run_until(w, 2, 2);
	assert_int_equal(w->results[1].failure, ALP_TIMEOUT);
}

static void
without_a_copy_everybody_hears_why(void **state)
{
	struct world *w = *state;

	get(w, ALP_MATTERS, "");
	get(w, ALP_MATTERS, "");
	run_until(w, 0, 1);
	answer_failure(w, ALP_KEY_REFUSED);
	run_until(w, 2, 1);
	assert_int_equal(w->results[0].failure, ALP_KEY_REFUSED);
	assert_int_equal(w->results[1].failure, ALP_KEY_REFUSED);
}

static void
a_list_that_is_gone_is_forgotten(void **state)
{
	struct world *w = *state;

	get(w, ALP_OUTCOMES, "1");
	run_until(w, 0, 1);
	answer(w, "[]", "");
	run_until(w, 1, 1);
	now_ms += FRESH_MS + REVALIDATE_MS;
	get(w, ALP_OUTCOMES, "1");
	run_until(w, 1, 2);
	answer_failure(w, ALP_MISSING);
	run_until(w, 2, 2);
	assert_int_equal(w->results[1].failure, ALP_MISSING);
	get(w, ALP_OUTCOMES, "1");
	run_until(w, 2, 3);
	answer_failure(w, ALP_UNREACHABLE);
	run_until(w, 3, 3);
	assert_int_equal(w->results[2].failure, ALP_UNREACHABLE);
}

static void
what_is_no_list_is_no_answer(void **state)
{
	static const char *const bad[] = {"", "{}", "[1]", "[{}", "[{},]", "[{}] x", "[{\"a\":NaN}]", "[{'a':1}]", "[{} {}]", "<html>", "[{\"a\":\"\xff\"}]"};
	struct world *w = *state;

	for (size_t i = 0; i < ELEMENTSOF(bad); i++) {
		get(w, ALP_USERS, "");
		run_until(w, i, i + 1);
		answer(w, bad[i], "");
		run_until(w, i + 1, i + 1);
		assert_int_equal(w->results[i].failure, ALP_UNREADABLE);
	}
	get(w, ALP_USERS, "");
	run_until(w, ELEMENTSOF(bad), ELEMENTSOF(bad) + 1);
	answer(w, " [ {\"a\": 1.50, \"b\": {}} , {} ] ", "");
	run_until(w, ELEMENTSOF(bad) + 1, ELEMENTSOF(bad) + 1);
	expect(&w->results[ELEMENTSOF(bad)], LIST_FETCHED, 0, " [ {\"a\": 1.50, \"b\": {}} , {} ] ");
}

static void
whoever_refreshes_waits_for_alp(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms += 1;
	assert_int_equal(alp_lists_refresh(w->lists, ALP_USERS, "", on_result, w), 0);
	run_until(w, 1, 2);
	get(w, ALP_USERS, "");
	run_until(w, 2, 2);
	expect(&w->results[1], LIST_STALE, 1, USERS_1);
	answer(w, USERS_2, "");
	run_until(w, 3, 2);
	expect(&w->results[2], LIST_FETCHED, 0, USERS_2);
}

static void
a_clock_that_is_set_back_makes_no_copy_young_for_ever(void **state)
{
	struct world *w = *state;

	have_users(w);
	now_ms -= 500000;
	get(w, ALP_USERS, "");
	run_until(w, 1, 2);
	answer(w, USERS_2, "");
	run_until(w, 2, 2);
	expect(&w->results[1], LIST_FETCHED, 0, USERS_2);
}

static void
ids_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "a b", "%2e", "a?b", "\xc3\xa4", "1234567890123456789012345678901234567890123456789012345678901234x"};
	struct world *w = *state;

	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(alp_lists_get(w->lists, ALP_OUTCOMES, bad[i], on_result, w), -EINVAL);
	assert_int_equal(alp_lists_get(w->lists, ALP_USERS, "1", on_result, w), -EINVAL);
	assert_true(alp_id_ok("a-Z_0.~:9"));
	assert_int_equal(w->asked, 0);
}

static void
peeking_tells_what_is_known_without_asking(void **state)
{
	struct world *w = *state;
	struct list_peek p;

	assert_int_equal(alp_lists_peek(w->lists, ALP_MATTERS, "", "1", &p), LIST_NOT_CACHED);
	get(w, ALP_MATTERS, "");
	run_until(w, 0, 1);
	answer(w, "[{\"id\": 2, \"status\": \"CLOSED\"}, {\"id\": \"x-1\", \"status\": \"active\"}, {\"code\": \"no id\"}]", "");
	run_until(w, 1, 1);
	now_ms += 9;
	assert_int_equal(alp_lists_peek(w->lists, ALP_MATTERS, "", "2", &p), LIST_KNOWN);
	assert_false(p.is_open);
	assert_int_equal(p.age_ms, 9);
	assert_true(str_eq(p.item, STR("{\"id\": 2, \"status\": \"CLOSED\"}")));
	assert_int_equal(alp_lists_peek(w->lists, ALP_MATTERS, "", "x-1", &p), LIST_KNOWN);
	assert_true(p.is_open);
	assert_int_equal(alp_lists_peek(w->lists, ALP_MATTERS, "", "3", &p), LIST_UNKNOWN);
	assert_int_equal(alp_lists_peek(w->lists, ALP_MATTERS, "", "", &p), LIST_UNKNOWN);
	assert_int_equal(w->asked, 1);
}

static void
a_long_list_is_read_beside_the_loop(void **state)
{
	struct world *w = *state;
	struct buf b = BUF_INIT(1 << 20);
	struct list_peek peek;
	char *items;

	for (int i = 0; i < 4000; i++)
		(void)buf_addf(&b, "%s{\"id\": %d, \"code\": \"C%d\", \"name\": \"Matter %d\", \"client\": {\"name\": \"Client\"}}", i > 0 ? "," : "[", i, i, i);
	(void)buf_addc(&b, ']');
	items = buf_take(&b, NULL);
	get(w, ALP_MATTERS, "");
	run_until(w, 0, 1);
	answer(w, items, "");
	assert_int_equal(w->result_count, 0);
	run_until(w, 1, 1);
	assert_int_equal(w->results[0].source, LIST_FETCHED);
	assert_int_equal(alp_lists_peek(w->lists, ALP_MATTERS, "", "3999", &peek), LIST_KNOWN);
	now_ms += 1;
	get(w, ALP_MATTERS, "");
	run_until(w, 2, 1);
	assert_int_equal(w->results[1].source, LIST_FRESH);
	free(items);
}

static void
an_end_tells_all_who_wait(void **state)
{
	struct world *w = *state;

	get(w, ALP_USERS, "");
	get(w, ALP_USERS, "");
	run_until(w, 0, 1);
	w->lists = alp_lists_free(w->lists);
	assert_int_equal(w->result_count, 2);
	assert_int_equal(w->results[1].failure, ALP_UNREACHABLE);
}

/* --- memory --------------------------------------------------------------------------------------------------------------------- */

static void
put(struct cache *c, const char *id, size_t bytes)
{
	struct list_copy copy = {.fetched_ms = 1};
	char *text = xcalloc(1, bytes + 1);

	memset(text, ' ', bytes);
	text[0] = '[';
	text[bytes - 1] = ']';
	assert_int_equal(list_body_new(ALP_OUTCOMES, &words, NULL, text, bytes, &copy.body), 0);
	cache_put(c, ALP_OUTCOMES, id, &copy);
	list_body_unref(copy.body);
}

static void
on_got(const struct list_copy *copy, void *arg)
{
	*(bool *)arg = copy != NULL;
}

static bool
has(struct cache *c, const char *id)
{
	bool got = false;

	cache_get(c, ALP_OUTCOMES, id, on_got, &got);
	return got;
}

static void
memory_is_bounded_and_the_least_used_goes_first(void **state)
{
	struct cache *c = cache_memory_new(25000);
	struct cache_stats s;

	(void)state;
	put(c, "1", 10000);
	put(c, "2", 10000);
	assert_true(has(c, "1"));
	put(c, "3", 10000);
	assert_true(has(c, "1"));
	assert_false(has(c, "2"));
	assert_true(has(c, "3"));
	put(c, "4", 40000); /* more than there is room for */
	cache_get_stats(c, &s);
	assert_int_equal(s.count, 0);
	assert_int_equal(s.bytes, 0);
	put(c, "5", 10000);
	put(c, "5", 20000);
	cache_get_stats(c, &s);
	assert_int_equal(s.count, 1);
	assert_in_range(s.bytes, 20000, 25000);
	cache_free(c);
}

/* --- Redis ------------------------------------------------------------------------------------------------------------------------ */

static void
a_redis_outlives_the_daemon(void **state)
{
	struct world *w = *state;

	have_users(w);
	run_until_redis_has(w, "t:users", USERS_1);
	start_again(w);
	now_ms += 10;
	get(w, ALP_USERS, "");
	run_until(w, 2, 1);
	expect(&w->results[1], LIST_FRESH, 10, USERS_1);
	/* And ALP's tag is still known. */
	now_ms += FRESH_MS;
	get(w, ALP_USERS, "");
	run_until(w, 3, 2);
	assert_string_equal(w->questions[1].etag, "\"u1\"");
}

static void
a_redis_that_goes_away_costs_no_answer(void **state)
{
	struct world *w = *state;

	have_users(w);
	redis_stop(&w->redis);
	get(w, ALP_USERS, "");
	run_until(w, 2, 1);
	expect(&w->results[1], LIST_FRESH, 0, USERS_1);
	get(w, ALP_GST_TYPES, "");
	run_until(w, 2, 2);
	answer(w, "[]", "");
	run_until(w, 3, 2);
	get(w, ALP_GST_TYPES, "");
	run_until(w, 4, 2);
	expect(&w->results[3], LIST_FRESH, 0, "[]");
}

static void
a_redis_that_says_nothing_costs_its_deadline_once(void **state)
{
	struct world *w = *state;

	have_users(w);
	kill(w->redis.pid, SIGSTOP);
	get(w, ALP_USERS, "");
	run_until(w, 2, 1);
	expect(&w->results[1], LIST_FRESH, 0, USERS_1);
	/* From then on it is not asked for a while: at once. */
	get(w, ALP_USERS, "");
	assert_int_equal(w->result_count, 3);
	expect(&w->results[2], LIST_FRESH, 0, USERS_1);
	get(w, ALP_GST_TYPES, "");
	assert_int_equal(w->asked, 2);
}

static void
a_full_redis_takes_nothing_and_breaks_nothing(void **state)
{
	struct world *w = *state;
	struct alp_lists_stats s;
	char reply[128];

	redis_say(&w->redis, "CONFIG SET maxmemory 1000", reply, sizeof reply);
	assert_int_equal(reply[0], '+');
	have_users(w);
	for (size_t i = 2; i < 6; i++) {
		get(w, ALP_USERS, "");
		run_until(w, i, 1);
		expect(&w->results[i - 1], LIST_FRESH, 0, USERS_1);
	}
	alp_lists_get_stats(w->lists, &s);
	assert_true(s.cache_failures > 0);
}

static void
something_else_under_the_name_is_no_copy(void **state)
{
	static const char *const lies[] = {"SET t:users hello", "RPUSH t:users a b", "HSET t:users v 1 f x e y b []", "HSET t:users v 1 f 5 e y",
	    "HSET t:users v 1 f 999999 e y b {nonsense"};
	struct world *w = *state;
	char reply[128];

	for (size_t i = 0; i < ELEMENTSOF(lies); i++) {
		redis_say(&w->redis, "DEL t:users", reply, sizeof reply);
		redis_say(&w->redis, lies[i], reply, sizeof reply);
		get(w, ALP_USERS, "");
		run_until(w, 2 * i, i + 1);
		answer(w, USERS_1, "");
		run_until(w, 2 * i + 1, i + 1);
		expect(&w->results[2 * i], LIST_FETCHED, 0, USERS_1);
		get(w, ALP_USERS, "");
		run_until(w, 2 * i + 2, i + 1);
		expect(&w->results[2 * i + 1], LIST_FRESH, 0, USERS_1);
		start_again(w);
	}
}

static void
addresses_that_would_have_to_be_looked_up_are_none(void **state)
{
	(void)state;
	assert_true(cache_redis_address_ok("127.0.0.1:6379"));
	assert_true(cache_redis_address_ok("[::1]:6379"));
	assert_true(cache_redis_address_ok("/run/redis/redis.sock"));
	assert_false(cache_redis_address_ok("localhost:6379"));
	assert_false(cache_redis_address_ok("127.0.0.1"));
	assert_false(cache_redis_address_ok("127.0.0.1:0"));
	assert_false(cache_redis_address_ok("127.0.0.1:70000"));
	assert_false(cache_redis_address_ok("[::1:6379"));
	assert_false(cache_redis_address_ok(":6379"));
	assert_false(cache_redis_address_ok(""));
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
#define OVER_EVERY_CACHE \
	EACH(a_fresh_copy_is_as_good_as_alp), EACH(any_number_that_wait_are_one_question_to_alp), EACH(lists_of_other_ids_are_other_lists), \
	    EACH(an_older_copy_goes_out_at_once_while_alp_is_asked), EACH(an_old_copy_waits_for_alp), \
	    EACH(what_alp_says_is_unchanged_is_young_again), EACH(an_alp_that_is_down_leaves_the_copy_with_its_age), \
	    EACH(a_copy_that_is_too_old_helps_nobody), EACH(without_a_copy_everybody_hears_why), EACH(a_list_that_is_gone_is_forgotten), \
	    EACH(what_is_no_list_is_no_answer), EACH(whoever_refreshes_waits_for_alp), \
	    EACH(a_clock_that_is_set_back_makes_no_copy_young_for_ever), EACH(ids_that_are_none_are_refused), \
	    EACH(peeking_tells_what_is_known_without_asking), EACH(a_long_list_is_read_beside_the_loop), EACH(an_end_tells_all_who_wait)

int
main(void)
{
	const struct CMUnitTest in_memory[] = {OVER_EVERY_CACHE, cmocka_unit_test(memory_is_bounded_and_the_least_used_goes_first)};
	const struct CMUnitTest in_redis[] = {
	    OVER_EVERY_CACHE,
	    EACH(a_redis_outlives_the_daemon),
	    EACH(a_redis_that_goes_away_costs_no_answer),
	    EACH(a_redis_that_says_nothing_costs_its_deadline_once),
	    EACH(a_full_redis_takes_nothing_and_breaks_nothing),
	    EACH(something_else_under_the_name_is_no_copy),
	    cmocka_unit_test(addresses_that_would_have_to_be_looked_up_are_none),
	};
	int failed;

	(void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	failed = cmocka_run_group_tests_name("in memory", in_memory, NULL, NULL);
	over_redis = true;
	return failed + cmocka_run_group_tests_name("in Redis", in_redis, NULL, NULL);
}
