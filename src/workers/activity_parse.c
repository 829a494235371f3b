/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/activity_parse.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/utf8.h"

/* The answer is an object holding an array of arrays: three levels, and room for a column that grows one. */
#define DEPTH_MAX   8
#define HEADERS_MAX 64
#define SECONDS_MAX 86400

enum column { DATE, SECONDS, ACTIVITY, DOCUMENT, CATEGORY, PRODUCTIVITY, COLUMNS };

static const char *const column_names[COLUMNS] = {
    [DATE] = "Date",	     [SECONDS] = "Time Spent (seconds)", [ACTIVITY] = "Activity", [DOCUMENT] = "Document",
    [CATEGORY] = "Category", [PRODUCTIVITY] = "Productivity",
};

struct parser {
	day_t day;
	struct parse_report *report;
	size_t column[COLUMNS]; /* where each stands in a row */
	size_t width;		/* of the headers; no row may be shorter */
	struct rowset_builder *rows;
	struct buf activity, document, category;
};

static void
json_putp(json_object **object)
{
	json_object_put(*object);
}

static void
tokener_freep(json_tokener **tokener)
{
	if (*tokener != NULL)
		json_tokener_free(*tokener);
}

static int _printf_(2, 3) format_error(struct parser *p, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(p->report->detail, sizeof p->report->detail, format, ap);
	va_end(ap);
	return -EPROTO;
}

static struct str
string_of(json_object *v)
{
	return (struct str){.p = json_object_get_string(v), .len = (size_t)json_object_get_string_len(v)};
}

/* json-c stops at a NUL as at the end. As a byte that is never UTF-8 it is passed on, and counted, like any other such byte. */
static struct str
without_nul(struct str body, struct buf *copy)
{
	if (body.len == 0 || memchr(body.p, '\0', body.len) == NULL)
		return body;
	buf_add_str(copy, body);
	for (size_t i = 0; i < copy->len; i++)
		if (copy->p[i] == '\0')
			copy->p[i] = '\xff';
	return buf_str(copy);
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
only_space(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_space(s.p[i]))
			return false;
	return true;
}

/* json-c waits for more after `null` or `7` too, which could become longer; only an object can have been cut. */
static bool
begins_object(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_space(s.p[i]))
			return s.p[i] == '{';
	return false;
}

static int
tokener_verdict(struct parser *p, enum json_tokener_error e, struct str body)
{
	/* json-c has no error of its own for it; whatever it calls it, the allocation that failed was its last act. */
	if (errno == ENOMEM)
		return -ENOMEM;
	if (e == json_tokener_error_depth)
		return format_error(p, "the answer is nested more than %d levels deep", DEPTH_MAX);
	return e == json_tokener_continue && begins_object(body) ? -ENODATA : -EBADMSG;
}

static int
parse_object(struct parser *p, struct str body, json_object **ret_root)
{
	_cleanup_(tokener_freep) json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
	_cleanup_(json_putp) json_object *root = NULL;
	size_t end;

	if (t == NULL || body.len == 0 || body.len > INT_MAX)
		return -EBADMSG;
	errno = 0;
	root = json_tokener_parse_ex(t, body.p, (int)body.len);
	if (json_tokener_get_error(t) != json_tokener_success || errno == ENOMEM)
		return tokener_verdict(p, json_tokener_get_error(t), body);
	end = json_tokener_get_parse_end(t);
	if (!json_object_is_type(root, json_type_object) || !only_space((struct str){body.p + end, body.len - end}))
		return -EBADMSG;
	*ret_root = TAKE_PTR(root);
	return 0;
}

static bool
says(json_object *v, const char *words)
{
	return json_object_is_type(v, json_type_string) && strcasestr(json_object_get_string(v), words) != NULL;
}

static enum upstream_error
error_of(json_object *root)
{
	json_object *error = NULL, *messages = NULL;

	json_object_object_get_ex(root, "error", &error);
	json_object_object_get_ex(root, "messages", &messages);
	if (error == NULL)
		return UPSTREAM_ERROR_NONE;
	if (says(error, "key not found") || says(messages, "key not found"))
		return UPSTREAM_ERROR_KEY;
	return says(error, "query error") ? UPSTREAM_ERROR_QUERY : UPSTREAM_ERROR_OTHER;
}

static int
find_column(struct parser *p, json_object *headers, enum column c)
{
	for (size_t i = 0; i < p->width; i++) {
		json_object *header = json_object_array_get_idx(headers, i);

		if (!json_object_is_type(header, json_type_string) ||
		    !str_eq(string_of(header), str_of(column_names[c])))
			continue;
		p->column[c] = i;
		return 0;
	}
	return format_error(p, "the column \"%s\" is missing", column_names[c]);
}

static int
find_columns(struct parser *p, json_object *root)
{
	json_object *headers = NULL;

	if (!json_object_object_get_ex(root, "row_headers", &headers) || !json_object_is_type(headers, json_type_array))
		return format_error(p, "row_headers is missing or not a list");
	p->width = json_object_array_length(headers);
	if (p->width > HEADERS_MAX)
		return format_error(p, "there are more than %d columns", HEADERS_MAX);
	for (enum column c = 0; c < COLUMNS; c++) {
		int r = find_column(p, headers, c);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A whole number, also one written as a string. json-c brings numbers beyond 64 bits to the nearest bound without a word; every bound
 * that a caller checks lies inside. */
static int
number_of(json_object *v, int64_t *ret_number)
{
	if (json_object_is_type(v, json_type_int)) {
		*ret_number = json_object_get_int64(v);
		return 0;
	}
	if (json_object_is_type(v, json_type_string))
		return str_to_i64(string_of(v), INT64_MIN, INT64_MAX, ret_number);
	return -EINVAL;
}

static int
two_digits(const char *p, int max)
{
	int v;

	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	v = (p[0] - '0') * 10 + (p[1] - '0');
	return v <= max ? v : -1;
}

/* Exactly YYYY-MM-DDTHH:MM:SS. */
static int
label_parse(struct str s, day_t *ret_day, int32_t *ret_bucket_s)
{
	int hour, minute, second;

	if (s.len != 19 || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':')
		return -EINVAL;
	hour = two_digits(s.p + 11, 23);
	minute = two_digits(s.p + 14, 59);
	second = two_digits(s.p + 17, 59);
	if (hour < 0 || minute < 0 || second < 0)
		return -EINVAL;
	*ret_bucket_s = (hour * 60 + minute) * 60 + second;
	return day_parse((struct str){s.p, 10}, ret_day);
}

static int
bucket_of(struct parser *p, json_object *v, size_t number, int32_t *ret_bucket_s)
{
	day_t day;

	if (!json_object_is_type(v, json_type_string) || label_parse(string_of(v), &day, ret_bucket_s) < 0)
		return format_error(p, "row %zu: the date is not a date and time", number);
	if (day != p->day)
		return format_error(p, "row %zu belongs to another day than the one asked for", number);
	return 0;
}

static int
seconds_of(struct parser *p, json_object *v, size_t number, int32_t *ret_seconds)
{
	int64_t seconds;

	if (number_of(v, &seconds) < 0 || seconds < 0 || seconds > SECONDS_MAX)
		return format_error(p, "row %zu: the time spent is not a number of seconds up to a day", number);
	*ret_seconds = (int32_t)seconds;
	return 0;
}

static int32_t
productivity_of(json_object *v)
{
	int64_t number;

	if (number_of(v, &number) < 0)
		return 0;
	return (int32_t)MAX_OF(MIN_OF(number, 2), -2);
}

/* Text of any type but null is taken as it is written: no title fails a day. */
static struct str
text_of(struct parser *p, json_object *v, struct buf *text, struct str if_blank)
{
	struct str raw = v != NULL ? STR_NONE : if_blank;

	buf_clear(text);
	if (json_object_is_type(v, json_type_string))
		raw = string_of(v);
	else if (v != NULL)
		raw = str_of(json_object_to_json_string(v));
	utf8_add_clean(text, only_space(raw) ? if_blank : raw, ROWSET_STRING_MAX, &p->report->bytes_replaced);
	return buf_str(text);
}

static int
add_row(struct parser *p, json_object *fields, size_t number)
{
	json_object *v[COLUMNS];
	struct row_view row = {0};
	int r;

	if (!json_object_is_type(fields, json_type_array) || json_object_array_length(fields) < p->width)
		return format_error(p, "row %zu is shorter than the headers", number);
	for (enum column c = 0; c < COLUMNS; c++)
		v[c] = json_object_array_get_idx(fields, p->column[c]);
	r = bucket_of(p, v[DATE], number, &row.bucket_s);
	if (r == 0)
		r = seconds_of(p, v[SECONDS], number, &row.seconds);
	if (r < 0 || row.seconds == 0)
		return r;
	row.productivity = productivity_of(v[PRODUCTIVITY]);
	row.activity = text_of(p, v[ACTIVITY], &p->activity, STR(ACTIVITY_UNKNOWN));
	row.document = text_of(p, v[DOCUMENT], &p->document, STR("No Details"));
	row.category = text_of(p, v[CATEGORY], &p->category, STR("Uncategorized"));
	r = rowset_builder_add(p->rows, &row);
	return r == 0 || r == -E2BIG ? r : format_error(p, "row %zu cannot be kept", number);
}

static int
add_rows(struct parser *p, json_object *root)
{
	json_object *rows = NULL;
	size_t count;

	if (!json_object_object_get_ex(root, "rows", &rows) || !json_object_is_type(rows, json_type_array))
		return format_error(p, "rows is missing or not a list");
	count = json_object_array_length(rows);
	for (size_t i = 0; i < count; i++) {
		int r = add_row(p, json_object_array_get_idx(rows, i), i + 1);

		if (r < 0)
			return r;
	}
	return 0;
}

static int
parse(struct parser *p, struct str body, struct rowset **ret_rows)
{
	_cleanup_(json_putp) json_object *root = NULL;
	int r;

	r = parse_object(p, body, &root);
	if (r < 0)
		return r;
	p->report->error = error_of(root);
	if (p->report->error != UPSTREAM_ERROR_NONE)
		return -EREMOTE;
	r = find_columns(p, root);
	if (r == 0)
		r = add_rows(p, root);
	if (r < 0)
		return r;
	r = rowset_build(p->rows, ret_rows);
	return r == -ERANGE ? format_error(p, "the times of one title add up to more than a number can hold") : r;
}

int
activity_parse(struct str body, day_t day, struct rowset **ret_rows, struct parse_report *report)
{
	_cleanup_(buf_release) struct buf copy = BUF_INIT(body.len);
	struct parser p = {
	    .day = day,
	    .report = report,
	    .rows = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES),
	    .activity = BUF_INIT(ROWSET_STRING_MAX),
	    .document = BUF_INIT(ROWSET_STRING_MAX),
	    .category = BUF_INIT(ROWSET_STRING_MAX),
	};
	int r;

	*report = (struct parse_report){0};
	r = parse(&p, without_nul(body, &copy), ret_rows);
	rowset_builder_free(p.rows);
	buf_release(&p.activity);
	buf_release(&p.document);
	buf_release(&p.category);
	return r;
}
