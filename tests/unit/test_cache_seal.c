/* SPDX-License-Identifier: Apache-2.0 */
/* What of a Redis is believed: copies by daemons that have the same key for the same ALP, whole and under their name; nothing else. */
#include "unit.h"

#include <event2/event.h>
#include <string.h>

#include "alp/cache.h"
#include "base/alloc.h"
#include "redis_server.h"

#define BYTES      "[{\"id\":9}]"
#define FETCHED_MS INT64_C(1000000)
#define OUR_KEY    STR("our key")

static const char *const closed[] = {"closed", NULL};
static const struct list_words words = {"id", "code", "name", "client.name", "status", closed};

struct world {
	struct event_base *base;
	struct redis_server redis;
	bool told, found;
	char bytes[64], etag[CACHE_ETAG_MAX];
};

static struct cache *
make_cache(struct world *w, struct str key)
{
	struct cache_redis_options o = {.base = w->base, .address = w->redis.socket, .prefix = "t:", .near_bytes = 1 << 20, .deadline_ms = 2000,
	    .keep_ms = 3600000, .words = &words};
	struct cache *c = NULL;

	cache_seal_key_make(STR("https://alp.example.org"), key, &o.seal);
	assert_int_equal(cache_redis_new(&o, &c), 0);
	return c;
}

/* By a daemon with that key, which is gone again. */
static void
put_users(struct world *w, struct str key, const char *etag)
{
	struct cache *c = make_cache(w, key);
	struct list_copy copy = {.fetched_ms = FETCHED_MS};
	char reply[128] = "";

	snprintf(copy.etag, sizeof copy.etag, "%s", etag);
	assert_int_equal(list_body_new(ALP_USERS, &words, NULL, xstrdup(BYTES), strlen(BYTES), &copy.body), 0);
	cache_put(c, ALP_USERS, "", &copy);
	list_body_unref(copy.body);
	for (int i = 0; i < 4000 && strstr(reply, BYTES) == NULL; i++) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		redis_say(&w->redis, "HGET t:users b", reply, sizeof reply);
		usleep(1000);
	}
	assert_non_null(strstr(reply, BYTES));
	cache_free(c);
}

static void
on_got(const struct list_copy *copy, void *arg)
{
	struct world *w = arg;

	w->told = true;
	w->found = copy != NULL;
	if (copy == NULL)
		return;
	snprintf(w->bytes, sizeof w->bytes, "%.*s", STR_ARG(list_body_bytes(copy->body)));
	snprintf(w->etag, sizeof w->etag, "%s", copy->etag);
}

/* Our daemon, just started. */
static bool
find(struct world *w, enum alp_list list)
{
	struct cache *c = make_cache(w, OUR_KEY);

	w->told = false;
	cache_get(c, list, "", on_got, w);
	for (int i = 0; i < 4000 && !w->told; i++) {
		event_base_loop(w->base, EVLOOP_NONBLOCK);
		usleep(1000);
	}
	assert_true(w->told);
	cache_free(c);
	return w->found;
}

static void
what_another_daemon_put_there_is_found(void **state)
{
	struct world *w = *state;

	put_users(w, OUR_KEY, "\"tag\"");
	assert_true(find(w, ALP_USERS));
	assert_string_equal(w->bytes, BYTES);
	assert_string_equal(w->etag, "\"tag\"");
}

/* Else the daemon of another ALP would show its matters here, and an ETag become a header of its own in a request that carries the key. */
static void
what_is_sealed_by_another_key_is_no_copy(void **state)
{
	struct world *w = *state;

	put_users(w, STR("their key"), "x\r\nIdempotency-Key: y");
	assert_false(find(w, ALP_USERS));
}

static void
a_copy_that_somebody_changed_is_none(void **state)
{
	static const char *const changes[] = {"HSET t:users b \"[{\\\"id\\\":8}]\"", "HSET t:users e \"x\\r\\ny: z\"", "HSET t:users f 1000001",
	    "HSET t:users v 00000000000000000000000000000000", "HSET t:users m 00000000000000000000000000000000", "HSET t:users m 0", "HDEL t:users m"};
	struct world *w = *state;
	char reply[128];

	for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
		put_users(w, OUR_KEY, "\"tag\"");
		redis_say(&w->redis, changes[i], reply, sizeof reply);
		assert_false(find(w, ALP_USERS));
		redis_say(&w->redis, "DEL t:users", reply, sizeof reply);
	}
}

static void
a_copy_is_of_one_list(void **state)
{
	struct world *w = *state;
	char reply[128];

	put_users(w, OUR_KEY, "\"tag\"");
	redis_say(&w->redis, "RENAME t:users t:gst_types", reply, sizeof reply);
	assert_false(find(w, ALP_GST_TYPES));
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof *w);

	*state = w;
	snprintf(w->redis.directory, sizeof w->redis.directory, "/tmp/rtalp-seal-XXXXXX");
	assert_non_null(mkdtemp(w->redis.directory));
	snprintf(w->redis.socket, sizeof w->redis.socket, "%s/redis", w->redis.directory);
	assert_true(redis_start(&w->redis));
	w->base = event_base_new();
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	redis_stop(&w->redis);
	unlink(w->redis.socket);
	rmdir(w->redis.directory);
	event_base_free(w->base);
	free(w);
	return 0;
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    EACH(what_another_daemon_put_there_is_found),
	    EACH(what_is_sealed_by_another_key_is_no_copy),
	    EACH(a_copy_that_somebody_changed_is_none),
	    EACH(a_copy_is_of_one_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
