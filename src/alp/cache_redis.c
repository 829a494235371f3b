/* SPDX-License-Identifier: Apache-2.0 */
/* Copies in a Redis, and the last ones looked at in memory, so that a body is carried over only when it is another one.
 *
 * A copy is a hash: b the bytes, v their digest, f when it was fetched, e ALP's ETag, m the seal without which nothing of it is believed. Who has the
 * bytes of v reads only the rest.
 * What Redis does not have, or not as new, is given out from memory and written again. */
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#include "alp/aside.h"
#include "alp/cache.h"
#include "alp/cache_seal.h"
#include "alp/redis_link.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/digest.h"

#define READ_HERE     ((size_t)65536)
#define LOOKS_MAX     1024  /* under way at once; more get what is in memory */
#define NOTES_MAX     16
#define SEEN_MAX      4096
#define FULL_MS       30000 /* one that took no write is sent none for so long */
#define KEY_MAX       160
#define VERSION_MAX   DIGEST_HEX_SIZE

enum { M_VERSION, M_FETCHED, M_ETAG, M_SEAL, M_COUNT };

struct redis;

/* One look for a copy: first at all but its bytes. */
struct look {
	struct redis *redis;
	enum alp_list list;
	char id[ALP_ID_MAX];
	cache_got_fn got;
	void *arg;
	int64_t deadline_ms; /* monotonic; 0: it is being read, and Redis owes nothing */
	struct list_copy copy;
	char version[VERSION_MAX]; /* "": it is not there, or not as it is written here */
	char *bytes;
	size_t len;
	TAILQ_ENTRY(look) entry;
};
TAILQ_HEAD(look_list, look);

/* One write under way. */
struct note {
	struct redis *redis;
	enum alp_list list;
	char id[ALP_ID_MAX];
	char version[VERSION_MAX];
	int64_t deadline_ms;
	TAILQ_ENTRY(note) entry;
};
TAILQ_HEAD(note_list, note);

/* What Redis was last seen to have, of what is in memory. */
struct seen {
	UT_hash_handle hh;
	char version[VERSION_MAX]; /* "": nothing, or something else */
	int64_t at_ms;             /* monotonic */
	char key[2 + ALP_ID_MAX];
};

struct redis {
	struct cache cache;
	struct cache_redis_options o;
	struct redis_link link;
	char *prefix;
	struct cache *near;
	struct seen *seen;
	int64_t full_until_ms;      /* monotonic; it took no write; none is tried until then */
	struct look_list looks;     /* by their deadlines */
	struct note_list notes;     /* likewise */
	size_t look_count, note_count;
	struct event *timer;
	bool closing;
};

static struct redis *
redis_of(struct cache *c)
{
	return CONTAINER_OF(c, struct redis, cache);
}

/* --- what was seen --------------------------------------------------------------------------------------------------------------- */

static struct seen *
find_seen(struct redis *r, enum alp_list list, const char *id)
{
	char key[2 + ALP_ID_MAX];
	struct seen *s;

	(void)snprintf(key, sizeof key, "%c/%s", 'a' + (int)list, id);
	HASH_FIND(hh, r->seen, key, strlen(key), s);
	return s;
}

static void
forget_seen(struct redis *r, struct seen *s)
{
	if (s != NULL) {
		HASH_DEL(r->seen, s);
		free(s);
	}
}

static void
forget_all_seen(struct redis *r)
{
	struct seen *s, *next;

	HASH_ITER(hh, r->seen, s, next)
	forget_seen(r, s);
}

static void
note_seen(struct redis *r, enum alp_list list, const char *id, const char *version)
{
	struct seen *s = find_seen(r, list, id);

	if (s == NULL) {
		if (HASH_COUNT(r->seen) >= SEEN_MAX)
			forget_all_seen(r);
		s = xcalloc(1, sizeof *s);
		(void)snprintf(s->key, sizeof s->key, "%c/%s", 'a' + (int)list, id);
		HASH_ADD_KEYPTR(hh, r->seen, s->key, strlen(s->key), s);
	}
	(void)snprintf(s->version, sizeof s->version, "%s", version);
	s->at_ms = clock_mono_ms();
}

/* --- the connection --------------------------------------------------------------------------------------------------------------- */

static int64_t
first_deadline(const struct redis *r)
{
	int64_t by_ms = r->link.context != NULL && !r->link.connected ? r->link.connect_by_ms : INT64_MAX;
	const struct note *n = TAILQ_FIRST(&r->notes);
	const struct look *k = TAILQ_FIRST(&r->looks);

	while (k != NULL && k->deadline_ms == 0)
		k = TAILQ_NEXT(k, entry);
	if (n != NULL)
		by_ms = MIN_OF(by_ms, n->deadline_ms);
	return k != NULL ? MIN_OF(by_ms, k->deadline_ms) : by_ms;
}

static void
arm(struct redis *r)
{
	int64_t by_ms = first_deadline(r), wait_ms;
	struct timeval tv;

	if (by_ms == INT64_MAX) {
		evtimer_del(r->timer);
		return;
	}
	wait_ms = MAX_OF(by_ms - clock_mono_ms(), 1);
	tv = (struct timeval){.tv_sec = wait_ms / 1000, .tv_usec = (wait_ms % 1000) * 1000};
	evtimer_add(r->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct redis *r = arg;

	(void)fd;
	(void)what;
	if (first_deadline(r) <= clock_mono_ms())
		redis_link_hang_up(&r->link);
	arm(r);
}

static void
key_of(const struct redis *r, enum alp_list list, const char *id, char ret_key[KEY_MAX])
{
	static const char *const names[ALP_LISTS] = {"matters", "outcomes", "components", "users", "gst_types"};

	(void)snprintf(ret_key, KEY_MAX, "%s%s%s%s", r->prefix, names[list], id[0] != '\0' ? ":" : "", id);
}

/* --- writing ------------------------------------------------------------------------------------------------------------------------ */

static void
on_written(redisAsyncContext *context, void *reply_ptr, void *arg)
{
	struct note *n = arg;
	struct redis *r = n->redis;
	const redisReply *reply = reply_ptr;

	(void)context;
	TAILQ_REMOVE(&r->notes, n, entry);
	r->note_count--;
	if (reply != NULL) {
		redis_link_heard(&r->link, reply);
		if (reply->type == REDIS_REPLY_ARRAY)
			note_seen(r, n->list, n->id, n->version);
		else
			r->full_until_ms = clock_mono_ms() + FULL_MS;
	}
	free(n);
}

static struct note *
begin_note(struct redis *r, enum alp_list list, const char *id, const struct list_copy *copy)
{
	struct note *n = xcalloc(1, sizeof *n);

	*n = (struct note){.redis = r, .list = list, .deadline_ms = clock_mono_ms() + r->o.deadline_ms};
	(void)snprintf(n->id, sizeof n->id, "%s", id);
	(void)snprintf(n->version, sizeof n->version, "%s", list_body_digest(copy->body));
	return n;
}

/* Between MULTI and EXEC, so that a copy is there as a whole or not, and never without its end. */
static int
write_commands(struct redis *r, const struct note *n, const struct list_copy *copy, bool with_bytes)
{
	struct str bytes = list_body_bytes(copy->body);
	char key[KEY_MAX], fetched[24], seal[CACHE_SEAL_SIZE];
	int e;

	key_of(r, n->list, n->id, key);
	(void)snprintf(fetched, sizeof fetched, "%" PRId64, copy->fetched_ms);
	cache_seal(&r->o.seal, &(struct cache_sealed){key, n->version, fetched, copy->etag}, seal);
	e = redisAsyncCommand(r->link.context, NULL, NULL, "MULTI");
	if (e == REDIS_OK && with_bytes)
		e = redisAsyncCommand(r->link.context, NULL, NULL, "DEL %s", key);
	if (e == REDIS_OK)
		e = redisAsyncCommand(r->link.context, NULL, NULL, "HSET %s v %s f %s e %s m %s", key, n->version, fetched, copy->etag, seal);
	if (e == REDIS_OK && with_bytes)
		e = redisAsyncCommand(r->link.context, NULL, NULL, "HSET %s b %b", key, bytes.p, bytes.len);
	if (e == REDIS_OK)
		e = redisAsyncCommand(r->link.context, NULL, NULL, "PEXPIRE %s %lld", key, (long long)r->o.keep_ms);
	return e;
}

static void
write_copy(struct redis *r, enum alp_list list, const char *id, const struct list_copy *copy, bool with_bytes)
{
	struct note *n;

	if (r->note_count >= NOTES_MAX || clock_mono_ms() < r->full_until_ms || !redis_link_open(&r->link))
		return;
	n = begin_note(r, list, id, copy);
	if (write_commands(r, n, copy, with_bytes) != REDIS_OK || redisAsyncCommand(r->link.context, on_written, n, "EXEC") != REDIS_OK) {
		free(n);
		return;
	}
	TAILQ_INSERT_TAIL(&r->notes, n, entry);
	r->note_count++;
	arm(r);
}

static void
redis_put(struct cache *c, enum alp_list list, const char *id, const struct list_copy *copy)
{
	struct redis *r = redis_of(c);
	const struct list_copy *near = cache_peek(r->near, list, id);
	const struct seen *s = find_seen(r, list, id);
	const char *version = list_body_digest(copy->body);
	bool same = near != NULL && near->body == copy->body && s != NULL && strcmp(s->version, version) == 0;

	cache_put(r->near, list, id, copy);
	/* Not looked for in Redis before it can be there. */
	note_seen(r, list, id, same ? version : "");
	write_copy(r, list, id, copy, !same);
}

static void
redis_drop(struct cache *c, enum alp_list list, const char *id)
{
	struct redis *r = redis_of(c);
	char key[KEY_MAX];

	cache_drop(r->near, list, id);
	forget_seen(r, find_seen(r, list, id));
	key_of(r, list, id, key);
	if (redis_link_open(&r->link))
		(void)redisAsyncCommand(r->link.context, NULL, NULL, "DEL %s", key);
	arm(r);
}

/* --- finding ------------------------------------------------------------------------------------------------------------------------ */

/* Its arguments outlive it. */
static void
end(struct look *k, const struct list_copy *copy)
{
	TAILQ_REMOVE(&k->redis->looks, k, entry);
	k->redis->look_count--;
	if (!k->redis->closing)
		k->got(copy, k->arg);
	list_body_unref(k->copy.body);
	free(k->bytes);
	free(k);
}

/* Whatever Redis says: what is in memory is better than nothing. */
static void
end_near(struct look *k)
{
	const struct list_copy *near = cache_peek(k->redis->near, k->list, k->id);
	struct list_copy copy;

	if (near == NULL) {
		end(k, NULL);
		return;
	}
	copy = *near;
	list_body_ref(copy.body);
	end(k, &copy);
	list_body_unref(copy.body);
}

static void
read_work(void *look)
{
	struct look *k = look;
	char *bytes = TAKE_PTR(k->bytes);

	if (list_body_new(k->list, k->redis->o.words, k->redis->o.dress, bytes, k->len, &k->copy.body) < 0)
		k->copy.body = NULL;
	/* Other bytes than those that were sealed. */
	else if (strcmp(list_body_digest(k->copy.body), k->version) != 0)
		k->copy.body = list_body_unref(k->copy.body);
}

static void
read_over(void *look)
{
	struct look *k = look;
	struct redis *r = k->redis;

	if (k->copy.body == NULL) {
		r->link.failures++;
		end_near(k);
		return;
	}
	cache_put(r->near, k->list, k->id, &k->copy);
	note_seen(r, k->list, k->id, k->version);
	end(k, &k->copy);
}

/* NULL: it is not what is written here. */
static const char *
text_at(const redisReply *reply, size_t i, size_t size)
{
	const redisReply *e = reply->type == REDIS_REPLY_ARRAY && i < reply->elements ? reply->element[i] : NULL;

	return e != NULL && e->type == REDIS_REPLY_STRING && strlen(e->str) < size ? e->str : NULL;
}

static void
take_meta(struct look *k, const redisReply *reply)
{
	const char *version = text_at(reply, M_VERSION, sizeof k->version), *fetched = text_at(reply, M_FETCHED, 24);
	const char *etag = text_at(reply, M_ETAG, sizeof k->copy.etag), *seal = text_at(reply, M_SEAL, CACHE_SEAL_SIZE);
	char key[KEY_MAX];

	k->version[0] = '\0';
	if (version == NULL || fetched == NULL || etag == NULL || seal == NULL)
		return;
	key_of(k->redis, k->list, k->id, key);
	if (!cache_seal_holds(&k->redis->o.seal, &(struct cache_sealed){key, version, fetched, etag}, seal) || str_to_i64(str_of(fetched), 0, INT64_MAX, &k->copy.fetched_ms) < 0)
		return;
	(void)snprintf(k->version, sizeof k->version, "%s", version);
	(void)snprintf(k->copy.etag, sizeof k->copy.etag, "%s", etag);
}

static void
on_body(redisAsyncContext *context, void *reply_ptr, void *arg)
{
	struct look *k = arg;
	struct redis *r = k->redis;
	const redisReply *reply = reply_ptr, *bytes = NULL;

	(void)context;
	k->deadline_ms = 0;
	if (reply != NULL) {
		redis_link_heard(&r->link, reply);
		take_meta(k, reply);
		bytes = reply->type == REDIS_REPLY_ARRAY && reply->elements == M_COUNT + 1 ? reply->element[M_COUNT] : NULL;
	}
	if (bytes == NULL || bytes->type != REDIS_REPLY_STRING || k->version[0] == '\0') {
		end_near(k);
		return;
	}
	k->len = (size_t)bytes->len;
	k->bytes = xmemdup(bytes->str, k->len + 1, 1);
	if (r->o.aside != NULL && k->len > READ_HERE) {
		aside_run(r->o.aside, read_work, read_over, k);
		return;
	}
	read_work(k);
	read_over(k);
}

static void
ask_body(struct look *k)
{
	struct redis *r = k->redis;
	char key[KEY_MAX];

	key_of(r, k->list, k->id, key);
	TAILQ_REMOVE(&r->looks, k, entry);
	TAILQ_INSERT_TAIL(&r->looks, k, entry);
	k->deadline_ms = clock_mono_ms() + r->o.deadline_ms;
	if (r->link.context == NULL || redisAsyncCommand(r->link.context, on_body, k, "HMGET %s v f e m b", key) != REDIS_OK)
		end_near(k);
	arm(r);
}

static void
on_meta(redisAsyncContext *context, void *reply_ptr, void *arg)
{
	struct look *k = arg;
	const redisReply *reply = reply_ptr;

	(void)context;
	if (reply != NULL) {
		redis_link_heard(&k->redis->link, reply);
		take_meta(k, reply);
	}
}

/* The bytes in memory are those that Redis has; when they were last found to be right, it may know better. */
static void
end_same(struct look *k, const struct list_copy *near)
{
	struct list_copy copy = *near;

	if (k->copy.fetched_ms > copy.fetched_ms) {
		copy.fetched_ms = k->copy.fetched_ms;
		(void)snprintf(copy.etag, sizeof copy.etag, "%s", k->copy.etag);
	}
	list_body_ref(copy.body);
	cache_put(k->redis->near, k->list, k->id, &copy);
	end(k, &copy);
	list_body_unref(copy.body);
}

/* Redis does not have it, or an older one. */
static void
end_and_write(struct look *k, const struct list_copy *near)
{
	if (near != NULL)
		write_copy(k->redis, k->list, k->id, near, true);
	end_near(k);
}

static void
on_length(redisAsyncContext *context, void *reply_ptr, void *arg)
{
	struct look *k = arg;
	struct redis *r = k->redis;
	const redisReply *reply = reply_ptr;
	const struct list_copy *near = cache_peek(r->near, k->list, k->id);
	const struct seen *s = find_seen(r, k->list, k->id);
	bool same, usable;

	(void)context;
	if (reply == NULL) {
		end_near(k);
		return;
	}
	usable = k->version[0] != '\0' && reply->type == REDIS_REPLY_INTEGER && reply->integer > 0 && reply->integer <= (long long)LIST_BODY_MAX;
	same = usable && near != NULL && s != NULL && strcmp(s->version, k->version) == 0;
	if (usable && !same && (near == NULL || near->fetched_ms < k->copy.fetched_ms)) {
		ask_body(k);
		return;
	}
	note_seen(r, k->list, k->id, same ? k->version : "");
	if (same)
		end_same(k, near);
	else
		end_and_write(k, near);
	arm(r);
}

static void
begin_look(struct redis *r, enum alp_list list, const char *id, cache_got_fn got, void *arg)
{
	struct look *k = xcalloc(1, sizeof *k);
	char key[KEY_MAX];

	*k = (struct look){.redis = r, .list = list, .got = got, .arg = arg, .deadline_ms = clock_mono_ms() + r->o.deadline_ms};
	(void)snprintf(k->id, sizeof k->id, "%s", id);
	TAILQ_INSERT_TAIL(&r->looks, k, entry);
	r->look_count++;
	key_of(r, list, id, key);
	if (redisAsyncCommand(r->link.context, on_meta, k, "HMGET %s v f e m", key) != REDIS_OK ||
	    redisAsyncCommand(r->link.context, on_length, k, "HSTRLEN %s b", key) != REDIS_OK)
		end_near(k);
	arm(r);
}

static void
redis_get(struct cache *c, enum alp_list list, const char *id, cache_got_fn got, void *arg)
{
	struct redis *r = redis_of(c);
	const struct seen *s = find_seen(r, list, id);
	bool is_near = s != NULL && clock_mono_ms() - s->at_ms < r->o.near_ms && cache_peek(r->near, list, id) != NULL;

	if (is_near || r->look_count >= LOOKS_MAX || !redis_link_open(&r->link))
		cache_get(r->near, list, id, got, arg);
	else
		begin_look(r, list, id, got, arg);
}

static const struct list_copy *
redis_peek(struct cache *c, enum alp_list list, const char *id)
{
	return cache_peek(redis_of(c)->near, list, id);
}

/* --- life ---------------------------------------------------------------------------------------------------------------------------- */

static void
redis_stats(const struct cache *c, struct cache_stats *ret)
{
	const struct redis *r = (const struct redis *)(const void *)((const char *)c - offsetof(struct redis, cache));

	cache_get_stats(r->near, ret);
	ret->remote_failures = r->link.failures;
}

static void
redis_free(struct cache *c)
{
	struct redis *r = redis_of(c);

	r->closing = true;
	redis_link_release(&r->link);
	forget_all_seen(r);
	cache_free(r->near);
	event_free(r->timer);
	free(r->prefix);
	free(r);
}

static const struct cache_ops redis_ops = {redis_get, redis_put, redis_drop, redis_peek, redis_stats, redis_free};

int
cache_redis_new(const struct cache_redis_options *options, struct cache **ret_cache)
{
	struct redis *r;

	if (!cache_redis_address_ok(options->address) || strlen(options->prefix) > 64)
		return -EINVAL;
	r = xcalloc(1, sizeof *r);
	r->cache.ops = &redis_ops;
	r->o = *options;
	redis_link_init(&r->link, options->base, options->address, options->deadline_ms);
	r->link.health = options->health;
	r->link.health_arg = options->health_arg;
	r->prefix = xstrdup(options->prefix);
	r->near = cache_memory_new(options->near_bytes);
	r->timer = evtimer_new(options->base, on_timer, r);
	TAILQ_INIT(&r->looks);
	TAILQ_INIT(&r->notes);
	*ret_cache = &r->cache;
	return 0;
}
