/* SPDX-License-Identifier: Apache-2.0 */
#include "http/slowdown.h"

#include <string.h>
#include <sys/queue.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "queue/pace.h"

#define BUCKETS 1024 /* a power of two */

static const struct pace pace = {.interval_ms = SLOWDOWN_INTERVAL_MS, .burst = SLOWDOWN_FREE};

struct address {
	struct slowdown_key key;
	bool slowed;         /* told, and not recovered since */
	int64_t arrival_ms;  /* of pace */
	LIST_ENTRY(address) in_bucket;
	TAILQ_ENTRY(address) by_age;
};
LIST_HEAD(bucket, address);
TAILQ_HEAD(ages, address);

struct slowdown {
	struct address *room;
	size_t count;
	struct bucket buckets[BUCKETS];
	struct ages ages; /* wrong longest ago first */
};

struct slowdown *
slowdown_new(void)
{
	struct slowdown *s = xcalloc(1, sizeof *s);

	s->room = xcalloc(SLOWDOWN_ADDRESSES, sizeof *s->room);
	TAILQ_INIT(&s->ages);
	return s;
}

struct slowdown *
slowdown_free(struct slowdown *s)
{
	if (s == NULL)
		return NULL;
	free(s->room);
	free(s);
	return NULL;
}

static struct bucket *
bucket_of(struct slowdown *s, const struct slowdown_key *key)
{
	return &s->buckets[hash_of((struct str){(const char *)key->bytes, sizeof key->bytes}) & (BUCKETS - 1)];
}

static struct address *
find(struct slowdown *s, const struct slowdown_key *key)
{
	struct address *a;

	LIST_FOREACH(a, bucket_of(s, key), in_bucket)
		if (memcmp(a->key.bytes, key->bytes, sizeof key->bytes) == 0)
			return a;
	return NULL;
}

static struct address *
take_room(struct slowdown *s)
{
	struct address *a;

	if (s->count < SLOWDOWN_ADDRESSES)
		return &s->room[s->count++];
	a = TAILQ_FIRST(&s->ages);
	TAILQ_REMOVE(&s->ages, a, by_age);
	LIST_REMOVE(a, in_bucket);
	return a;
}

static struct address *
find_or_add(struct slowdown *s, const struct slowdown_key *key)
{
	struct address *a = find(s, key);

	if (a != NULL) {
		TAILQ_REMOVE(&s->ages, a, by_age);
	} else {
		a = take_room(s);
		*a = (struct address){.key = *key};
		LIST_INSERT_HEAD(bucket_of(s, key), a, in_bucket);
	}
	TAILQ_INSERT_TAIL(&s->ages, a, by_age);
	return a;
}

int64_t
slowdown_wait_ms(struct slowdown *s, const struct slowdown_key *key, int64_t now_ms)
{
	const struct address *a = find(s, key);

	return a != NULL ? MAX_OF(pace_earliest_ms(pace, a->arrival_ms, now_ms, 1) - now_ms, 0) : 0;
}

bool
slowdown_wrong(struct slowdown *s, const struct slowdown_key *key, int64_t now_ms)
{
	struct address *a = find_or_add(s, key);
	bool before = a->slowed && a->arrival_ms > now_ms;

	a->arrival_ms = pace_spend(pace, a->arrival_ms, now_ms, 1);
	a->slowed = pace_earliest_ms(pace, a->arrival_ms, now_ms, 1) > now_ms || before;
	return a->slowed && !before;
}
