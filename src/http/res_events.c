/* SPDX-License-Identifier: Apache-2.0 */
/* Watching: what happens to one job, or to all that the caller may see, as server-sent events. */
#include <errno.h>
#include <inttypes.h>

#include "app/events.h"
#include "http/resources.h"
#include "http/stream.h"

enum { QUERY_USER, QUERY_LAST };

static const struct field query_fields[] = {
    [QUERY_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX, .summary = "only this user's"},
    [QUERY_LAST] = {.name = "last_event_id", .type = FIELD_INTEGER, .min = 0, .max = ALP_USER_ID_MAX,
     .summary = "go on behind this event; the header Last-Event-ID, if there is one, counts instead"},
};
const struct schema schema_events_query = {"EventsQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

/* --- rendering -------------------------------------------------------------------------------------------------------------- */

static void
render_name(struct buf *b, const struct event_row *e)
{
	if (e->type == EVENT_JOB)
		buf_addf(b, "event: job.%s\n", job_state_name(e->state));
	else if (e->type == EVENT_POSTING)
		buf_addz(b, "event: posting.changed\n");
	else
		buf_addz(b, e->type == EVENT_PROGRESS ? "event: job.progress\n" : "event: entries.changed\n");
}

static void
render_about_job(struct json *j, const struct event_row *e)
{
	const struct job_kind_info *kind = job_kind_info(e->kind);

	json_int(j, "job_id", e->job_id);
	json_int(j, "alp_user_id", e->alp_user_id);
	json_text(j, "kind", kind != NULL ? kind->name : NULL);
	json_text(j, "state", job_state_name(e->state));
	json_int(j, "run", e->run);
	json_int(j, "days_done", e->days_done);
	if (e->days_total > 0)
		json_int(j, "days_total", e->days_total);
	else
		json_null(j, "days_total");
	json_day(j, "day", e->day);
	json_text(j, "code", e->code[0] != '\0' ? e->code : NULL);
	if (e->parent_job != 0)
		json_int(j, "parent_id", e->parent_job);
	else
		json_null(j, "parent_id");
}

void
render_event(struct buf *b, const struct event_row *e, bool snapshot)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	if (e->type == EVENT_ENTRIES) {
		json_int(&j, "alp_user_id", e->alp_user_id);
		json_day(&j, "day", e->day);
	} else if (e->type == EVENT_POSTING) {
		json_int(&j, "posting_id", e->posting_id);
		json_int(&j, "alp_user_id", e->alp_user_id);
		json_day(&j, "day", e->day);
		json_text(&j, "state", posting_state_choices[e->posting]);
		json_text(&j, "code", e->code[0] != '\0' ? e->code : NULL);
	} else {
		render_about_job(&j, e);
	}
	json_instant(&j, "at", e->at_ms);
	if (snapshot)
		json_boolean(&j, "snapshot", true);
	json_close(&j, '}');
	buf_addf(b, "id: %" PRId64 "\n", e->event_id);
	render_name(b, e);
	buf_addz(b, "data: ");
	buf_add_str(b, buf_str(&j.b));
	buf_addz(b, "\n\n");
	buf_release(&j.b);
}

void
render_reset(struct buf *b, int64_t newest)
{
	buf_addf(b, "id: %" PRId64 "\nevent: reset\ndata: {\"reason\":\"events_not_kept\"}\n\n", newest);
}

/* --- where it begins --------------------------------------------------------------------------------------------------------- */

bool
event_id_parse(const char *text, int64_t *ret_id)
{
	int64_t id = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return false;
		id = id * 10 + (*p - '0');
		if (id > ALP_USER_ID_MAX)
			return false;
	}
	*ret_id = id;
	return *text != '\0';
}

/* -1: from now on. A header that is there and empty says that nothing was seen yet. */
static int64_t
last_event_id(const struct http_request *r)
{
	const char *header = request_header(r, "Last-Event-ID");
	int64_t id = -1;

	if (header != NULL && *header != '\0')
		return event_id_parse(header, &id) ? id : -1;
	return r->query.v[QUERY_LAST].state == VALUE_SET ? r->query.v[QUERY_LAST].number : -1;
}

void
events_check(struct http_request *r)
{
	const char *header = request_header(r, "Last-Event-ID");
	int64_t id;

	if (header != NULL && *header != '\0' && !event_id_parse(header, &id))
		request_add_error(r, "header", "Last-Event-ID", "not_an_event_id", "must be the id of an event");
}

/* An operator sees what jobs do, and nothing of entries. */
static uint32_t
types_for(const struct caller *c)
{
	const uint32_t of_jobs = 1u << EVENT_JOB | 1u << EVENT_PROGRESS;

	return (c->may & (MAY_ANY_USER | MAY_ONE_USER)) != 0 ? EVENT_TYPES_ALL : of_jobs;
}

/* --- everything ---------------------------------------------------------------------------------------------------------------- */

void
events_watch(struct http_request *r)
{
	const struct event_filter filter = {.alp_user_id = request_owner(r), .types = types_for(&r->caller)};
	const int64_t newest = hub_newest(app_hub(r->app));
	int64_t after_id = last_event_id(r);
	struct buf text = BUF_INIT(512);
	struct stream *s = stream_open(r, false);

	if (s == NULL)
		return;
	buf_addf(&text, "retry: %d\n", STREAM_RETRY_MS);
	/* A number that was not given yet is of another store, or of this one before it was put back. */
	if (after_id > newest) {
		render_reset(&text, newest);
		after_id = newest;
	} else {
		after_id = after_id >= 0 ? after_id : newest;
		buf_addf(&text, "id: %" PRId64 "\n\n", after_id);
	}
	stream_add(s, buf_str(&text));
	buf_release(&text);
	stream_watch(s, &filter, after_id);
}

/* --- one job ------------------------------------------------------------------------------------------------------------------- */

struct beginning {
	struct watch_begin verb;
	struct http_request *request;
	int64_t after_id; /* -1: from how it is now */
};

static void
beginning_release(void *p)
{
	watch_begin_release(&((struct beginning *)p)->verb);
}

static bool
is_kept(const struct beginning *b)
{
	return b->after_id <= b->verb.newest && b->after_id + 1 >= b->verb.oldest;
}

/* How the job is, which is all that its events up to the newest say. */
static void
add_snapshot(struct stream *s, const struct watch_begin *v, bool reset)
{
	struct event_row now = v->now;
	struct buf text = BUF_INIT(4096);

	buf_addf(&text, "retry: %d\n", STREAM_RETRY_MS);
	if (reset)
		render_reset(&text, v->newest);
	now.event_id = v->newest;
	render_event(&text, &now, true);
	stream_add(s, buf_str(&text));
	buf_release(&text);
}

static void
add_retry(struct stream *s)
{
	struct buf text = BUF_INIT(64);

	buf_addf(&text, "retry: %d\n\n", STREAM_RETRY_MS);
	stream_add(s, buf_str(&text));
	buf_release(&text);
}

/* The request, and all of the beginning with it, is gone when the stream is open: what is needed is taken before. */
static void
begin_stream(const struct beginning *b)
{
	const struct watch_begin v = b->verb;
	const bool over = job_is_over(&v.job), resumes = b->after_id >= 0 && is_kept(b), reset = b->after_id >= 0 && !resumes;
	const struct event_filter filter = {.job_id = v.job_id, .types = types_for(&b->request->caller)};
	const int64_t after_id = resumes ? b->after_id : v.newest;
	struct stream *s = stream_open(b->request, true);

	if (s == NULL)
		return;
	if (resumes)
		add_retry(s);
	else
		add_snapshot(s, &v, reset);
	if (over && !resumes)
		stream_finish(s);
	else
		stream_watch(s, &filter, after_id);
}

static void
on_begun(int error, void *arg)
{
	struct beginning *b = arg;

	if (error < 0)
		reply_failed(b->request, error, NULL);
	else if (job_is_over(&b->verb.job) && b->after_id >= 0 && is_kept(b) && !b->verb.more)
		/* It has seen the end; to a browser's EventSource this status says: do not come back. */
		reply_empty(b->request, 204);
	else
		begin_stream(b);
}

void
events_watch_job(struct http_request *r)
{
	struct beginning *b = request_attach(r, sizeof *b, beginning_release);

	b->request = r;
	b->after_id = last_event_id(r);
	b->verb.job_id = r->params.v[0].number;
	b->verb.alp_user_id = request_owner(r);
	b->verb.after_id = MAX_OF(b->after_id, 0);
	app_watch_begin(r->app, &b->verb, on_begun, b);
}
