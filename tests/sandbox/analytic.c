/* SPDX-License-Identifier: Apache-2.0 */
#include "analytic.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "answers.h"
#include "blob.h"
#include "forms.h"
#include "gzip.h"
#include "query.h"
#include "render.h"
#include "spoil.h"
#include "table.h"

#define MINUTE_SPAN_MAX 31

#define HTML_HEAD "<!DOCTYPE html>\n<html>\n<head><title>RescueTime</title></head>\n<body>"
#define HTML_TAIL "</body>\n</html>\n"

/* Everything known about one request. */
struct inquiry {
	struct exchange *x;
	struct sandbox *sb;
	struct params params;
	struct query query;
	struct hits hits;
	uint32_t user;
	int32_t today;
};

static const char *
header(const struct inquiry *in, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(exchange_request(in->x)), name);
}

static uint32_t
authenticate(const struct inquiry *in)
{
	const char *key = params_get(&in->params, "key"), *bearer = header(in, "Authorization");

	if (!key && bearer && strncasecmp(bearer, "Bearer ", 7) == 0)
		key = bearer + 7 + strspn(bearer + 7, " ");
	return key ? users_find(in->sb->users, key) : 0;
}

static void
record(const struct inquiry *in)
{
	const struct reply *r = exchange_reply(in->x);
	struct reqlog_entry *e = reqlog_add(in->sb->log);
	bool silent = r->ending == END_STALL || (r->ending == END_RESET && r->cut < 0);

	e->connection = exchange_connection(in->x);
	e->user = in->user;
	e->status = silent ? 0 : r->status;
	e->tls = exchange_is_tls(in->x);
	reqlog_field(e->begin, sizeof(e->begin), query_raw(&in->params, "restrict_begin"));
	reqlog_field(e->end, sizeof(e->end), query_raw(&in->params, "restrict_end"));
	reqlog_field(e->perspective, sizeof(e->perspective), query_raw(&in->params, "perspective"));
	reqlog_field(e->kind, sizeof(e->kind), query_raw(&in->params, "restrict_kind"));
	reqlog_field(e->resolution, sizeof(e->resolution), query_raw(&in->params, "resolution_time"));
	reqlog_field(e->accept_encoding, sizeof(e->accept_encoding), header(in, "Accept-Encoding"));
	reqlog_field(e->user_agent, sizeof(e->user_agent), header(in, "User-Agent"));
	hits_list(&in->hits, e->faults, sizeof(e->faults));
	if (!in->sb->options->quiet) {
		struct buf line = { 0 };

		reqlog_format(e, &line);
		fwrite(line.data, 1, line.len, stderr);
		buf_release(&line);
	}
}

/* Only what nothing but a control request can change may be remembered. */
static bool
is_cacheable(const struct inquiry *in)
{
	const struct query *q = &in->query;

	return !in->hits.count && !q->thing && !q->thingy && q->source == ANY_SOURCE &&
	       (q->last < in->today || in->sb->clock.frozen);
}

static bool
is_too_long(const struct query *q)
{
	return q->perspective == INTERVAL && q->resolution == MINUTE && q->last - q->first >= MINUTE_SPAN_MAX;
}

static int
render(struct inquiry *in, struct buf *out)
{
	const struct query *q = &in->query;
	enum long_range policy = in->sb->options->long_range;
	struct table t = { .n_columns = 0 };
	int r;

	if (is_too_long(q) && policy == LONG_RANGE_ERROR)
		return -1;
	r = table_build(&t, in->sb->archive, in->user, q);
	if (r == 0) {
		if (is_too_long(q) && policy == LONG_RANGE_EMPTY)
			t.count = 0;
		spoil_table(&t, &in->hits);
		if (q->format == FORMAT_NONE)
			buf_puts(out, HTML_HEAD);
		if (q->format == FORMAT_CSV)
			render_csv(out, &t);
		else
			render_json(out, &t, in->sb->options->escaping);
		if (q->format == FORMAT_NONE)
			buf_puts(out, HTML_TAIL);
	}
	table_release(&t);
	return r;
}

static void
compress(struct inquiry *in, struct buf *b)
{
	struct buf packed = { 0 };

	gzip_bytes(&packed, b->data, b->len);
	if (in->hits.of[FAULT_GZIP_CORRUPT])
		packed.data[packed.len - 6] ^= 0x55; /* inside the checksum */
	buf_release(b);
	*b = packed;
}

/* The body, new or remembered; NULL if the query cannot be answered. */
static struct blob *
make_body(struct inquiry *in, bool gzip)
{
	const struct query *q = &in->query;
	struct cache_key key = { .user = in->user, .first = q->first, .last = q->last, .perspective = (uint8_t)q->perspective,
		.resolution = (uint8_t)q->resolution, .kind = (uint8_t)q->kind, .format = (uint8_t)q->format, .gzip = gzip };
	struct blob *body = is_cacheable(in) ? cache_get(in->sb->cache, &key) : NULL;
	struct buf b = { 0 };

	if (body)
		return body;
	if (render(in, &b) < 0) {
		buf_release(&b);
		return NULL;
	}
	if (gzip)
		compress(in, &b);
	body = blob_take(&b);
	if (is_cacheable(in))
		cache_put(in->sb->cache, &key, body);
	return body;
}

static void
answer_with_data(struct inquiry *in)
{
	static const char *const types[] = { "text/html; charset=utf-8", "application/json; charset=utf-8",
		"text/csv; charset=utf-8" };
	struct reply *r = exchange_reply(in->x);
	const struct fault *const *of = in->hits.of;
	/* Recorded CSV was neither compressed nor said to vary. */
	bool json = in->query.format != FORMAT_CSV;
	bool gzip = of[FAULT_GZIP_UNASKED] || of[FAULT_GZIP_CORRUPT] || (json && client_takes_gzip(in->x));
	struct blob *body = make_body(in, gzip);

	if (!body) {
		answer_query_error(in->x, in->sb->options->query_error_status);
		return;
	}
	r->headers = HEADERS_DATA;
	r->type = types[in->query.format];
	if (of[FAULT_WRONG_CONTENT_TYPE])
		r->type = fault_text(of[FAULT_WRONG_CONTENT_TYPE], "type", "text/plain");
	r->vary = json;
	r->gzipped = gzip;
	blob_send(body, r->body);
	blob_unref(body);
}

static void
decide(struct inquiry *in)
{
	const struct options *o = in->sb->options;
	int r;

	in->user = authenticate(in);
	exchange_set_user(in->x, in->user);
	if (!in->user) {
		answer_bad_key(in->x, o->bad_key_status);
		return;
	}
	in->today = archive_today(in->sb->archive, in->user);
	r = query_parse(&in->params, &in->query);
	query_default_dates(&in->query, in->today);
	faults_match(in->sb->faults, in->user, in->query.first, in->query.last, &in->hits);
	if (answer_by_fault(in->x, &in->hits))
		return;
	if (r < 0)
		answer_query_error(in->x, o->query_error_status);
	else
		answer_with_data(in);
}

void
analytic_answer(struct exchange *x)
{
	struct inquiry in = { .x = x, .sb = exchange_sandbox(x) };

	in.sb->stats.requests++;
	forms_read(exchange_request(x), &in.params);
	decide(&in);
	apply_wire_faults(x, &in.hits);
	record(&in);
	params_release(&in.params);
	exchange_send(x);
}
