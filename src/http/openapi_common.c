/* SPDX-License-Identifier: Apache-2.0 */
/* What many routes have in common, by rule: problems, and headers of requests and answers. */
#include "base/macro.h"
#include "http/openapi.h"

bool
route_lists(const struct route *route, const char *query_field)
{
	return schema_index(route->query, str_of(query_field)) >= 0;
}

bool
route_answers(const struct route *route, int status)
{
	for (size_t i = 0; i < ROUTE_ANSWERS_MAX; i++)
		if (route->answers[i].status == status)
			return true;
	return false;
}

/* --- problems ----------------------------------------------------------------------------------------------------------- */

static bool
always(const struct route *route)
{
	(void)route;
	return true;
}

/* One that the route has no use for is read and judged, too. */
static bool
reads_body(const struct route *route)
{
	return (route->method & (METHOD_POST | METHOD_PUT | METHOD_PATCH)) != 0;
}

static bool
changes(const struct route *route)
{
	return route->method != METHOD_GET;
}

static bool
has_owner(const struct route *route)
{
	return route->path != NULL || (route->scope & MAY_ONE_USER) != 0;
}

static bool
works(const struct route *route)
{
	return route->scope != SCOPE_OPEN || route_answers(route, 503);
}

static bool
asks_caller(const struct route *route)
{
	return route->scope != SCOPE_OPEN;
}

static bool
asks_writer(const struct route *route)
{
	return asks_caller(route) && changes(route);
}

static bool
takes_jobs(const struct route *route)
{
	return route->waits;
}

static bool
posts(const struct route *route)
{
	return route->method == METHOD_POST;
}

static bool
is_counted(const struct route *route)
{
	return route->scope != SCOPE_OPEN;
}

static bool
has_forms(const struct route *route)
{
	return route->csv != NULL || route->metrics;
}

static bool
shows_secret(const struct route *route)
{
	return route->secret;
}

static bool
stores(const struct route *route)
{
	return works(route) && changes(route);
}

static bool
is_list(const struct route *route)
{
	return route_lists(route, "limit");
}

const struct common_problem common_problems[] = {
    {400, "bad_request", "the request is not HTTP as RFC 9112 has it", always},
    {400, "bad_framing", "where the body ends cannot be told", always},
    {400, "repeated_header", "a header that may stand once stands twice", always},
    {400, "missing_host", "there is no Host", always},
    {400, "malformed_json", "the body is not JSON, not UTF-8, or a name stands twice in an object", reads_body},
    {401, "unauthorized", "no token was shown, or it is unknown, has expired or was revoked", asks_caller},
    {403, "forbidden", "the token's scope does not cover this; `detail` names the one needed", asks_caller},
    {403, "read_only", "the token may only read", asks_writer},
    {403, "foreign_host", "without tokens, only loopback names and listed hosts are answered", always},
    {403, "foreign_origin", "without tokens, pages of other origins may not change anything", changes},
    {404, "not_found", "there is no such thing, or it is not yours", has_owner},
    {406, "not_acceptable", "Accept excludes every form there is", has_forms},
    {408, "too_slow", "the request was not complete in time", always},
    {409, "idempotency_in_progress", "the first request with this Idempotency-Key is still under way", posts},
    {409, "secret_already_shown", "it was done under this Idempotency-Key, and its secret is shown only once", shows_secret},
    {413, "body_too_large", "the body is larger than this operation takes", always},
    {414, "target_too_long", "path and query are too long", always},
    {415, "unsupported_media_type", "the body must be application/json in UTF-8, not compressed", reads_body},
    {417, "unknown_expectation", "the only expectation known is `100-continue`", always},
    {422, "invalid_fields", "fields are missing, unknown or wrong; `errors` names every one", always},
    {422, "idempotency_key_reused", "this Idempotency-Key belongs to another request", posts},
    {429, "slowed_down", "too many wrong tokens came from this address", asks_caller},
    {429, "rate_limited", "this caller sent too many requests at once", is_counted},
    {429, "queue_full", "there are as many jobs as may be", takes_jobs},
    {431, "head_too_large", "the headers are too large or too many", always},
    {500, "internal", "something went wrong here; the log has it under this request's id", works},
    {500, "answer_too_large", "the list is too large for one answer; ask for pages with `limit`", is_list},
    {501, "bad_framing", "the only transfer coding known is `chunked`", always},
    {503, "store_busy", "the store is busy with something else", works},
    {503, "store_failed", "the store failed; the service is about to start again", works},
    {503, "disk_full", "the disk is full; nothing new can be stored", stores},
    {503, "busy", "too many answers lie unread to begin another list", is_list},
    {505, "http_version", "only HTTP/1.0 and HTTP/1.1 are spoken", always},
};
const size_t common_problem_count = ELEMENTSOF(common_problems);
_Static_assert(ELEMENTSOF(common_problems) <= 64, "one bit each");

uint64_t
common_problems_of(const struct route *route, int status)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < common_problem_count; i++)
		if (common_problems[i].status == status && common_problems[i].applies(route))
			bits |= (uint64_t)1 << i;
	return bits;
}

/* --- headers of requests ------------------------------------------------------------------------------------------------ */

static bool
is_tagged(const struct route *route)
{
	return route_answers(route, 304);
}

static bool
is_guarded(const struct route *route)
{
	return route_answers(route, 412);
}

static bool
streams(const struct route *route)
{
	for (size_t i = 0; i < ROUTE_ANSWERS_MAX; i++)
		if (route->answers[i].events)
			return true;
	return false;
}

static bool
waits(const struct route *route)
{
	return route->waits;
}

static const struct {
	const char *component, *header, *pattern, *summary;
	bool (*applies)(const struct route *route);
} parameters[] = {
    {"RequestId", "X-Request-Id", "^[A-Za-z0-9._-]{1,64}$",
     "A name for this request, echoed and in the log. One that does not fit the pattern is replaced, not refused.", always},
    {"Prefer", "Prefer", "^wait=[0-9]+$",
     "`wait=N`: hold the answer until the job is over, N seconds at most (30 is the most there is).", waits},
    {"IdempotencyKey", "Idempotency-Key", "^[!-~]{1,255}$",
     "Makes it happen once: the same request with the same key gets the same answer for at least 24 hours, and has no second effect. "
     "A request that was refused or failed had no effect and may be sent again.", posts},
    {"LastEventId", "Last-Event-ID", "^[0-9]*$", "The id of the last event that was seen: the stream goes on behind it.", streams},
    {"IfNoneMatch", "If-None-Match", NULL, "An ETag had before: 304 without a body if it still holds.", is_tagged},
    {"IfMatch", "If-Match", NULL, "The ETag that the change is meant for: 412 if the entry is not in that state any more.", is_guarded},
};

void
openapi_common_parameters(struct json *j)
{
	json_open(j, "parameters", '{');
	for (size_t i = 0; i < ELEMENTSOF(parameters); i++) {
		json_open(j, parameters[i].component, '{');
		json_text(j, "name", parameters[i].header);
		json_text(j, "in", "header");
		json_text(j, "description", parameters[i].summary);
		json_open(j, "schema", '{');
		json_text(j, "type", "string");
		if (parameters[i].pattern != NULL)
			json_text(j, "pattern", parameters[i].pattern);
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void
refer(struct json *j, const char *name, const char *where, const char *component)
{
	struct buf text = BUF_INIT(160);

	buf_addf(&text, "#/components/%s/%s", where, component);
	json_open(j, name, '{');
	json_str(j, "$ref", buf_str(&text));
	json_close(j, '}');
	buf_release(&text);
}

void
openapi_header_parameters(struct json *j, const struct route *route)
{
	for (size_t i = 0; i < ELEMENTSOF(parameters); i++)
		if (parameters[i].applies(route))
			refer(j, NULL, "parameters", parameters[i].component);
}

/* --- headers of answers ------------------------------------------------------------------------------------------------- */

struct occasion {
	const struct route *route; /* NULL: a common problem */
	int status;
	bool location;
};

static bool
on_every(const struct occasion *o)
{
	(void)o;
	return true;
}

static bool
is_good(const struct occasion *o)
{
	return o->status < 300;
}

static bool
has_tag(const struct occasion *o)
{
	return o->status == 304 || (is_good(o) && (route_answers(o->route, 304) || route_answers(o->route, 412)));
}

static bool
has_pages(const struct occasion *o)
{
	return (is_good(o) || o->status == 304) && route_lists(o->route, "cursor");
}

static bool
has_total(const struct occasion *o)
{
	return (is_good(o) || o->status == 304) && route_lists(o->route, "count");
}

static bool
has_file(const struct occasion *o)
{
	return is_good(o) && o->route->csv != NULL;
}

static bool
has_location(const struct occasion *o)
{
	return o->location;
}

static bool
may_wait(const struct occasion *o)
{
	return is_good(o) && o->route->waits;
}

static bool
may_be_seen(const struct occasion *o)
{
	return is_good(o) && posts(o->route);
}

static bool
is_alps(const struct occasion *o)
{
	return (is_good(o) || o->status == 304) && route_answers(o->route, 504);
}

static bool
wants_token(const struct occasion *o)
{
	return o->status == 401;
}

static bool
may_be_tried_again(const struct occasion *o)
{
	/* 409: under the same Idempotency-Key something is still under way. */
	return o->status == 429 || o->status == 503 || (o->status == 409 && (o->route == NULL || posts(o->route)));
}

static const struct {
	const char *header, *type, *summary, *example;
	bool (*applies)(const struct occasion *o);
} headers[] = {
    {"X-Request-Id", "string", "The request's name in the log: the client's own, or one made here.", "5f0c3f8a1b2c3d4e5f607182", on_every},
    {"Vary", "string", "Which headers of the request the answer depends on; missing if on none.", "Accept-Encoding", on_every},
    {"ETag", "string", "A strong tag of this state.", "\"e1001-3\"", has_tag},
    {"Link", "string", "`<...>; rel=\"next\"`: the next page; missing on the last.",
     "</api/jobs?limit=10&cursor=ajE3LjA>; rel=\"next\"", has_pages},
    {"RateLimit", "string", "`r`: requests that may come at once now; `t`: seconds until as many may as ever. Missing without a limit.",
     "\"default\";r=19999;t=1", on_every},
    {"RateLimit-Policy", "string", "`q`: requests that may come in `w` seconds. Missing without a limit.", "\"default\";q=600000;w=60", on_every},
    {"Age", "integer", "Seconds since ALP said so.", "12", is_alps},
    {"X-Cache", "string", "`hit`: a copy that is fresh; `stale`: an older one, because ALP does not answer or is being asked; `miss`: ALP was asked.", "hit", is_alps},
    {"X-Total-Count", "integer", "The size of the whole list, with `count=true`.", NULL, has_total},
    {"Content-Disposition", "string", "The name of the file; only with text/csv.", "attachment; filename=\"jobs.csv\"", has_file},
    {"Location", "string", "Where to look further.", "/api/jobs/17", has_location},
    {"Preference-Applied", "string", "Which wait was honoured; missing if none was.", "wait=20", may_wait},
    {"Idempotent-Replay", "string", "`true`: the answer of then; nothing happened now.", "true", may_be_seen},
    {"WWW-Authenticate", "string", "How to show a token.", "Bearer realm=\"rtalpd\"", wants_token},
    {"Retry-After", "integer", "Seconds after which to try again.", NULL, may_be_tried_again},
};

void
openapi_common_headers(struct json *j)
{
	json_open(j, "headers", '{');
	for (size_t i = 0; i < ELEMENTSOF(headers); i++) {
		json_open(j, headers[i].header, '{');
		json_text(j, "description", headers[i].summary);
		json_open(j, "schema", '{');
		json_text(j, "type", headers[i].type);
		json_close(j, '}');
		if (headers[i].example != NULL)
			json_text(j, "example", headers[i].example);
		json_close(j, '}');
	}
	json_close(j, '}');
}

void
openapi_answer_headers(struct json *j, const struct route *route, int status, bool location)
{
	struct occasion occasion = {route, status, location};

	json_open(j, "headers", '{');
	for (size_t i = 0; i < ELEMENTSOF(headers); i++)
		if (headers[i].applies(&occasion))
			refer(j, headers[i].header, "headers", headers[i].header);
	json_close(j, '}');
}
