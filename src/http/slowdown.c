/* SPDX-License-Identifier: Apache-2.0 */
#include "http/slowdown.h"

#include <string.h>
#include <sys/queue.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "queue/pace.h"

#define BUCKETS 1024 /* a power of two */
#define WAYS    4    /* places where one pair may stand */
#define SETS    (SLOWDOWN_KNOWN / WAYS)

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
	struct {
		uint64_t pairs[WAYS]; /* hashes; 0: none */
		unsigned next;        /* to be replaced */
	} known[SETS];
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

static uint64_t
pair_of(const struct slowdown_key *key, struct str shown)
{
	unsigned char both[sizeof key->bytes + sizeof(uint64_t)];
	uint64_t hash = hash_of(shown);

	memcpy(both, key->bytes, sizeof key->bytes);
	memcpy(both + sizeof key->bytes, &hash, sizeof hash);
	hash = hash_of((struct str){(const char *)both, sizeof both});
	return hash != 0 ? hash : 1;
}

static bool
knows(const struct slowdown *s, uint64_t pair)
{
	for (size_t i = 0; i < WAYS; i++)
		if (s->known[pair % SETS].pairs[i] == pair)
			return true;
	return false;
}

int64_t
slowdown_wait_ms(struct slowdown *s, const struct slowdown_key *key, struct str shown, int64_t now_ms)
{
	const struct address *a = find(s, key);
	int64_t wait_ms = a != NULL ? pace_earliest_ms(pace, a->arrival_ms, now_ms, 1) - now_ms : 0;

	return wait_ms > 0 && !knows(s, pair_of(key, shown)) ? wait_ms : 0;
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

void
slowdown_right(struct slowdown *s, const struct slowdown_key *key, struct str shown)
{
	uint64_t pair = pair_of(key, shown);

	if (!knows(s, pair))
		s->known[pair % SETS].pairs[s->known[pair % SETS].next++ % WAYS] = pair;
}
