/* SPDX-License-Identifier: Apache-2.0 */
/* Time entries: list and read. */
#include "http/answer.h"
#include "http/cursor.h"
#include "http/etag.h"
#include "http/kept.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "entry_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX, .summary = "the entry",
     .example = "1001"},
};
const struct schema schema_entry_path = {"TimeEntryPath", NULL, path_fields, ELEMENTSOF(path_fields)};

enum { Q_USER, Q_DATE, Q_FROM, Q_TO, Q_STATUS, Q_MATTER, Q_TEXT, Q_SINCE, Q_LIMIT, Q_CURSOR, Q_COUNT };

/* The fields that a list of confirmed entries has alike. */
#define FIELDS_ALIKE                                                                                                     \
    [Q_USER] = {.name = "alp_user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,                           \
	.summary = "ALP's number of the user; may be left out in single-user mode", .example = "42"},                      \
    [Q_FROM] = {.name = "from", .type = FIELD_DAY, .summary = "from this day on"},                                       \
    [Q_TO] = {.name = "to", .type = FIELD_DAY, .summary = "up to this day"},                                             \
    [Q_MATTER] = {.name = "matter_code", .type = FIELD_TEXT, .max = 64, .summary = "only of this matter"},               \
    [Q_TEXT] = {.name = "q", .type = FIELD_TEXT, .max = 200, .summary = "a part of application, description or notes, whatever its case"}, \
    [Q_SINCE] = {.name = "updated_since", .type = FIELD_INSTANT, .summary = "changed at or after this instant"},         \
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .min = 1, .max = 5000, .summary = "a page of so many; without it, all"}, \
    [Q_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = 63, .summary = "from the last page's Link"},    \
    [Q_COUNT] = {.name = "count", .type = FIELD_BOOLEAN, .summary = "tell the size of the whole list in X-Total-Count"}

static const struct field query_fields[] = {
    FIELDS_ALIKE,
    [Q_DATE] = {.name = "date", .type = FIELD_DAY, .summary = "this day; then every status but withdrawn unless `status` says otherwise"},
    [Q_STATUS] = {.name = "status", .type = FIELD_CHOICES, .choices = entry_status_choices,
	.summary = "only these; without a day and a status, pending ones only"},
};
const struct schema schema_entry_query = {"TimeEntryQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

static const char *const confirmed_choices[] = {"", "", "submitted", NULL}; /* by enum entry_status */
static const struct field confirmed_query_fields[] = {
    FIELDS_ALIKE,
    [Q_DATE] = {.name = "date", .type = FIELD_DAY, .summary = "this day"},
    [Q_STATUS] = {.name = "status", .type = FIELD_CHOICES, .choices = confirmed_choices, .summary = "they all have this one"},
};
const struct schema schema_confirmed_query = {"ProcessedTimeEntryQuery", NULL, confirmed_query_fields, ELEMENTSOF(confirmed_query_fields)};

#define EVERY_STATUS    (1u << ENTRY_PENDING | 1u << ENTRY_SUBMITTED | 1u << ENTRY_IGNORED | 1u << ENTRY_WITHDRAWN)
#define USUAL_STATUSES  (EVERY_STATUS & ~(1u << ENTRY_WITHDRAWN))
#define STATUS_ALL      (1u << 5) /* "all" in entry_status_choices */

/* --- list --------------------------------------------------------------------------------------------------------------- */

struct listing {
	struct entry_query verb;
	struct http_request *request;
	const struct entry_form *form;
	day_t after_day;  /* the page begins behind this */
	int64_t after_id;
	int64_t limit;    /* 0: all */
	bool count;
	bool gzip;        /* the client wants it */
	size_t start, end; /* of the list, what the page holds */
	struct ready_answer *answer; /* NULL: too large */
};

static void
listing_release(void *p)
{
	struct listing *l = p;

	entry_query_release(&l->verb);
	answer_unref(l->answer);
}

/* With count=true the whole list is here, and the page is a part of it. */
static size_t
page_start(const struct listing *l)
{
	const struct entry_list *list = &l->verb.list;
	size_t i = 0;

	if (!l->count || l->after_id == 0)
		return 0;
	while (i < list->count && (list->rows[i].day < l->after_day ||
	    (list->rows[i].day == l->after_day && list->rows[i].entry_id <= l->after_id)))
		i++;
	return i;
}

static void
link_next(const struct listing *l, const struct entry_row *last)
{
	char cursor[CURSOR_TEXT_MAX];

	cursor_format('e', last->day, last->entry_id, cursor);
	cursor_link(l->request, cursor);
}

static void
render_page(const struct listing *l, const struct entry_row *rows, size_t count, struct json *j)
{
	if (l->request->form == FORM_CSV) {
		csv_rows(&j->b, l->form->csv, rows, count);
		return;
	}
	json_open(j, NULL, '[');
	for (size_t i = 0; i < count; i++)
		l->form->render(j, NULL, &rows[i]);
	json_close(j, ']');
}

/* On the store's thread. */
static void
render_list(void *arg)
{
	struct listing *l = arg;
	const struct entry_list *list = &l->verb.list;
	struct json j = JSON_INIT;

	l->start = page_start(l);
	l->end = l->limit > 0 ? MIN_OF(list->count, l->start + (size_t)l->limit) : list->count;
	render_page(l, list->count > 0 ? &list->rows[l->start] : NULL, l->end - l->start, &j);
	l->answer = answer_render(l->request, NULL, &j);
	if (l->answer != NULL && l->gzip)
		answer_pack(l->answer);
	buf_release(&j.b);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	struct http_request *r = l->request;
	const struct entry_list *list = &l->verb.list;

	if (error < 0)
		reply_failed(r, error, NULL);
	else if (l->answer == NULL)
		reply_too_large(r);
	else if (!list_refused(r, answer_length(l->answer, false))) {
		if (l->end < list->count && l->end > l->start)
			link_next(l, &list->rows[l->end - 1]);
		if (l->count)
			request_add_header(r, "X-Total-Count", "%zu", list->count);
		reply_and_keep(r, l->verb.filter.alp_user_id, l->verb.filter.alp_user_id, l->answer);
	}
}

static uint32_t
statuses_of(const struct value *v)
{
	bool days = v[Q_DATE].state == VALUE_SET || v[Q_FROM].state == VALUE_SET || v[Q_TO].state == VALUE_SET;
	uint32_t asked = (uint32_t)v[Q_STATUS].number;

	if (v[Q_STATUS].state != VALUE_SET)
		return days ? USUAL_STATUSES : 1u << ENTRY_PENDING;
	return asked & STATUS_ALL ? EVERY_STATUS : asked & EVERY_STATUS;
}

static day_t
day_of(const struct value *v, int one, int other, day_t fallback)
{
	if (v[one].state == VALUE_SET)
		return (day_t)v[one].number;
	return v[other].state == VALUE_SET ? (day_t)v[other].number : fallback;
}

void
entries_check_list(struct http_request *r)
{
	const struct value *v = r->query.v;
	bool from = v[Q_FROM].state == VALUE_SET, to = v[Q_TO].state == VALUE_SET;
	int64_t day, id;

	request_user(r, &v[Q_USER], "query");
	if (v[Q_DATE].state == VALUE_SET && (from || to))
		request_add_error(r, "query", "date", "conflict", "cannot stand beside from and to");
	if (from && to && v[Q_TO].number < v[Q_FROM].number)
		request_add_error(r, "query", "to", "out_of_range", "must not be before from");
	if (v[Q_CURSOR].state == VALUE_SET && (cursor_parse('e', v[Q_CURSOR].text, &day, &id) < 0 || day > DAY_MAX))
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

static void
set_filter(struct listing *l, const struct value *v)
{
	struct entry_filter *f = &l->verb.filter;

	f->alp_user_id = request_user(l->request, &v[Q_USER], "query");
	f->from = day_of(v, Q_DATE, Q_FROM, 0);
	f->to = day_of(v, Q_DATE, Q_TO, DAY_MAX);
	f->statuses = l->form->statuses != 0 ? l->form->statuses : statuses_of(v);
	f->matter_code = v[Q_MATTER].text;
	f->text = v[Q_TEXT].text != NULL && v[Q_TEXT].text[0] != '\0' ? v[Q_TEXT].text : NULL;
	f->updated_since_ms = v[Q_SINCE].number;
	if (!l->count) {
		f->after_day = l->after_day;
		f->after_id = l->after_id;
		f->limit = l->limit > 0 ? l->limit + 1 : 0;
	}
}

static void
begin_list(struct http_request *r, void *listing)
{
	app_entry_query(r->app, &((struct listing *)listing)->verb, on_listed, listing);
}

/* More than a day's or a small page's rows are read; to count them, all are. */
static bool
is_whole(const struct listing *l, const struct value *v)
{
	return v[Q_DATE].state != VALUE_SET && (l->limit == 0 || l->limit > LIST_PAGE_SMALL || l->count);
}

void
entries_list_as(struct http_request *r, const struct entry_form *form)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;
	int64_t day = 0;

	l->request = r;
	l->form = form;
	l->limit = v[Q_LIMIT].number;
	l->count = v[Q_COUNT].number != 0;
	if (v[Q_CURSOR].state == VALUE_SET && cursor_parse('e', v[Q_CURSOR].text, &day, &l->after_id) == 0)
		l->after_day = (day_t)day;
	l->verb.render = render_list;
	l->gzip = request_wants_gzip(r);
	set_filter(l, v);
	if (!reply_kept(r, l->verb.filter.alp_user_id))
		list_begin(r, is_whole(l, v), begin_list, l);
}

void
entries_list(struct http_request *r)
{
	static const struct entry_form drafts = {.render = render_entry, .csv = &csv_entries};

	entries_list_as(r, &drafts);
}

/* --- one ---------------------------------------------------------------------------------------------------------------- */

struct getting {
	struct entry_get verb;
	struct http_request *request;
};

static void
getting_release(void *p)
{
	entry_get_release(&((struct getting *)p)->verb);
}

static void
on_got(int error, void *arg)
{
	struct getting *g = arg;
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	if (error < 0) {
		reply_failed(g->request, error, NULL);
		return;
	}
	render_entry(&j, NULL, &g->verb.entry);
	if (g->verb.entry.suggested_count > 0 || g->verb.entry.posting != NULL)
		etag_entry_beside(g->verb.entry.entry_id, g->verb.entry.revision, buf_str(&j.b), tag);
	else
		etag_entry(g->verb.entry.entry_id, g->verb.entry.revision, tag);
	reply_read(g->request, g->verb.alp_user_id, g->verb.entry.alp_user_id, tag, &j);
}

void
entries_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, getting_release);

	g->request = r;
	g->verb.entry_id = r->params.v[0].number;
	g->verb.alp_user_id = request_owner(r);
	if (!reply_kept(r, g->verb.alp_user_id))
		app_entry_get(r->app, &g->verb, on_got, g);
}
