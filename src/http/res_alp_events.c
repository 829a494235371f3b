/* SPDX-License-Identifier: Apache-2.0 */
/* ALP says that something changed. Whoever signs it may have us look sooner; nothing else of it is believed. */
#include <json-c/json.h>
#include <string.h>

#include "app/sync_run.h"
#include "base/clock.h"
#include "base/hash.h"
#include "http/alp_events.h"
#include "http/json_body.h"
#include "http/resources.h"
#include "http/server_internal.h"

#define PER_SECOND 20
#define BURST      200

/* --- what is in it ----------------------------------------------------------------------------------------------------------- */

static bool
is_named(const struct alp_events *events, enum alp_event_part part, const char *name)
{
	for (size_t i = 0; i < ALP_EVENT_NAMES_MAX && events->names[part][i][0] != '\0'; i++)
		if (strcmp(events->names[part][i], name) == 0)
			return true;
	return false;
}

static bool
is_scalar(struct json_object *value)
{
	return json_object_is_type(value, json_type_string) || json_object_is_type(value, json_type_int);
}

static void
take_id(struct sync_hint *hint, struct json_object *value)
{
	const char *text = json_object_get_string(value);
	size_t len = strlen(text);

	if (hint->id_count == SYNC_HINTS_MAX || len == 0 || len >= sizeof hint->ids[0])
		return;
	memcpy(hint->ids[hint->id_count++], text, len + 1);
}

static int64_t
read_user(struct json_object *value)
{
	int64_t user = 0;

	return str_to_i64(str_of(json_object_get_string(value)), 1, ALP_USER_ID_MAX, &user) == 0 ? user : 0;
}

static day_t
read_date(struct json_object *value)
{
	const char *text = json_object_get_string(value);
	day_t day = -1;

	/* What follows the day is a time. */
	if (strlen(text) >= DAY_TEXT_MAX - 1 && day_parse((struct str){text, DAY_TEXT_MAX - 1}, &day) == 0)
		return day;
	return -1;
}

/* The tree is no deeper than json_body_check() lets it be. */
static void
walk(const struct alp_events *events, struct sync_hint *hint, struct json_object *value) /* NOLINT(misc-no-recursion) */
{
	int64_t user = 0;
	day_t day = -1;

	if (json_object_is_type(value, json_type_array)) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			walk(events, hint, json_object_array_get_idx(value, i));
		return;
	}
	if (!json_object_is_type(value, json_type_object))
		return;
	json_object_object_foreach(value, name, member)
	{
		if (!is_scalar(member)) {
			walk(events, hint, member);
			continue;
		}
		if (is_named(events, ALP_EVENT_ID, name))
			take_id(hint, member);
		if (is_named(events, ALP_EVENT_USER, name))
			user = read_user(member);
		if (is_named(events, ALP_EVENT_DATE, name))
			day = read_date(member);
	}
	if (user != 0 && day >= 0 && hint->day_count < SYNC_HINTS_MAX)
		hint->days[hint->day_count++] = (struct posting_day){user, day};
}

/* --- whose it is --------------------------------------------------------------------------------------------------------------- */

/* False: answered. */
static bool
is_in_time(struct http_request *r)
{
	static const struct rate_policy policy = {.interval_us = 1000000 / PER_SECOND, .burst = BURST};
	const struct slowdown_key *key = &r->conn->peer.key;
	/* A slot of its own: the caller's other requests are counted by another policy. */
	uint64_t caller = hash_of((struct str){(const char *)key->bytes, sizeof key->bytes}) ^ UINT64_C(0x616c702d6576656e);
	struct rate_verdict v = rate_take(&r->server->rates, policy, caller, clock_mono_us());

	if (v.refused)
		reply_busy(r, 429, "rate_limited", "Too many notifications came at once.", v.retry_after_s);
	return !v.refused;
}

/* False: answered. */
static bool
is_genuine(struct http_request *r, const struct alp_events *events)
{
	const struct webhook_claim claim = {
	    .id = str_of(request_header(r, "webhook-id")),
	    .timestamp = str_of(request_header(r, "webhook-timestamp")),
	    .signature = str_of(request_header(r, "webhook-signature")),
	    .body = {r->bulk, r->bulk_bytes},
	};

	switch (webhook_verify(&claim, events->secrets, events->secret_count, clock_real_ms() / 1000)) {
	case WEBHOOK_GENUINE:
		return true;
	case WEBHOOK_UNSIGNED:
		reply_problem(r, 401, "not_signed", "A header of webhook-id, webhook-timestamp and webhook-signature is missing, or is none.");
		break;
	case WEBHOOK_STALE:
		reply_problem(r, 401, "stale_timestamp", "webhook-timestamp is more than five minutes from now.");
		break;
	case WEBHOOK_FORGED:
		reply_problem(r, 401, "bad_signature", "No signature is by a secret that this service knows.");
		break;
	}
	return false;
}

static uint64_t
hash_of_id(const struct http_request *r)
{
	uint64_t hash = hash_of(str_of(request_header(r, "webhook-id")));

	return hash != 0 ? hash : 1;
}

static bool
is_seen(const struct http_server *s, uint64_t hash)
{
	for (size_t i = 0; i < ALP_EVENTS_SEEN; i++)
		if (s->alp_events_seen[i] == hash)
			return true;
	return false;
}

/* --- the request ---------------------------------------------------------------------------------------------------------------- */

struct telling {
	struct sync_hint verb;
	struct http_request *request;
	uint64_t hash;
};

static void
on_hinted(int error, void *arg)
{
	struct telling *t = arg;
	struct http_server *s = t->request->server;

	if (error < 0) {
		reply_failed(t->request, error, NULL);
		return;
	}
	/* What failed is worth trying again. */
	if (s != NULL)
		s->alp_events_seen[s->alp_events_next++ % ALP_EVENTS_SEEN] = t->hash;
	reply_empty(t->request, 204);
}

/* False: it is no JSON. */
static bool
read_hint(struct http_request *r, struct sync_hint *hint)
{
	size_t position = 0;
	struct json_tokener *tok;
	struct json_object *tree;

	if (json_body_check((struct str){r->bulk, r->bulk_bytes}, &position) < 0)
		return false;
	tok = json_tokener_new_ex(JSON_BODY_DEPTH_MAX + 1);
	tree = json_tokener_parse_ex(tok, r->bulk, (int)r->bulk_bytes);
	walk(r->server->alp_events, hint, tree);
	json_object_put(tree);
	json_tokener_free(tok);
	return true;
}

void
alp_events_take(struct http_request *r)
{
	const struct alp_events *events = r->server->alp_events;
	struct telling *t;

	if (events == NULL || events->secret_count == 0) {
		reply_problem(r, 503, "alp_events_not_configured", "Notifications need a secret: sync.events_secret_file or the credential \"alp-events-secret\".");
		return;
	}
	if (!is_in_time(r) || !is_genuine(r, events))
		return;
	t = request_attach(r, sizeof *t, NULL);
	t->request = r;
	t->hash = hash_of_id(r);
	if (!read_hint(r, &t->verb)) {
		reply_problem(r, 400, "malformed_json", "The body is not JSON.");
		return;
	}
	if (is_seen(r->server, t->hash) || t->verb.id_count + t->verb.day_count == 0)
		reply_empty(r, 204);
	else
		app_sync_hint(r->app, &t->verb, on_hinted, t);
}
