/* SPDX-License-Identifier: Apache-2.0 */
#include "http/rate.h"

#include "base/clock.h"
#include "base/hash.h"
#include "http/server_internal.h"

/* The caller's slot; else one of somebody whose time has passed, or passes first. */
static struct rate_slot *
slot_of(struct rate_table *t, uint64_t caller)
{
	struct rate_slot *set = t->slots[caller % RATE_SETS], *oldest = set;

	for (size_t i = 0; i < RATE_WAYS; i++) {
		if (set[i].caller == caller)
			return &set[i];
		if (set[i].caller == 0 || (oldest->caller != 0 && set[i].arrival_us < oldest->arrival_us))
			oldest = &set[i];
	}
	*oldest = (struct rate_slot){.caller = caller};
	return oldest;
}

static int32_t
seconds(int64_t us)
{
	return (int32_t)MIN_OF((us + 999999) / 1000000, INT32_MAX);
}

struct rate_verdict
rate_take(struct rate_table *t, struct rate_policy p, uint64_t caller, int64_t now_us)
{
	struct rate_slot *slot = slot_of(t, caller != 0 ? caller : 1);
	int64_t room = p.burst * p.interval_us;
	/* Further ahead than any request could have led to: the policy was another one. */
	int64_t arrival = MIN_OF(MAX_OF(slot->arrival_us, now_us), now_us + room);
	int64_t next = arrival + p.interval_us;

	slot->arrival_us = arrival;
	if (next - now_us > room)
		return (struct rate_verdict){.refused = true, .full_s = seconds(arrival - now_us),
		    .retry_after_s = MAX_OF(seconds(next - now_us - room), 1)};
	slot->arrival_us = next;
	return (struct rate_verdict){.left = (int32_t)((room - (next - now_us)) / p.interval_us), .full_s = seconds(next - now_us)};
}

/* --- requests ----------------------------------------------------------------------------------------------------------- */

/* A token, or whoever comes from that address without one. */
static uint64_t
caller_hash(const struct http_request *r)
{
	const struct slowdown_key *key = &r->conn->peer.key;
	const int64_t token_id = r->caller.token_id;

	if (token_id != 0)
		return hash_of((struct str){(const char *)&token_id, sizeof token_id});
	return hash_of((struct str){(const char *)key->bytes, sizeof key->bytes});
}

bool
rate_begin(struct http_request *r)
{
	struct http_server *s = r->server;
	struct rate_verdict v;

	if (s->rate_policy.interval_us == 0)
		return true;
	v = rate_take(&s->rates, s->rate_policy, caller_hash(r), clock_mono_us());
	request_add_header(r, "RateLimit-Policy", "%s", s->rate_text);
	request_add_header(r, "RateLimit", "\"default\";r=%d;t=%d", v.left, v.full_s);
	if (v.refused)
		reply_busy(r, 429, "rate_limited", "This caller sent too many requests at once; see RateLimit.", v.retry_after_s);
	return !v.refused;
}
