/* SPDX-License-Identifier: Apache-2.0 */
/* alp_read.c - ALP's lists, page by page. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alp_internal.h"
#include "calendar.h"

struct slice {
	size_t from, to; /* of what is told */
	size_t next;     /* where the following page begins; 0: this is the last */
	int64_t page;
};

static int64_t
param(const struct ask *a, const char *name, const char *other, int64_t lo, int64_t standard)
{
	int64_t n = standard;

	if (params_int(&a->params, name, lo, INT32_MAX, &n) < 0)
		params_int(&a->params, other, lo, INT32_MAX, &n);
	return n;
}

static struct slice
slice_of(const struct ask *a, size_t count)
{
	const struct alp_config *c = &a->alp->config;
	int64_t size = param(a, "per_page", "limit", 1, c->page_size), page = param(a, "page", "page", 1, 1);
	struct slice s = { .to = count, .page = page };
	size_t n;

	if (c->paging == ALP_PAGING_NONE)
		return s;
	n = (size_t)(size < c->page_size ? size : c->page_size);
	s.from = c->paging == ALP_PAGING_OFFSET ? (size_t)param(a, "offset", "skip", 0, 0) : (size_t)(page - 1) * n;
	s.from = s.from < count ? s.from : count;
	s.to = s.from + n < count ? s.from + n : count;
	s.next = s.to < count ? s.to : 0;
	if (a->hits.of[FAULT_ALP_PAGE_SHORT] && s.next && s.to > s.from)
		s.to--;
	if (a->hits.of[FAULT_ALP_PAGE_AGAIN] && s.from) {
		s.from = 0;
		s.to = n < count ? n : count;
	}
	return s;
}

/* The same request with another page. */
static void
add_link(struct ask *a, const struct slice *s)
{
	const char *host = evhttp_find_header(evhttp_request_get_input_headers(exchange_request(a->x)), "Host");
	struct reply *r = exchange_reply(a->x);
	struct buf b = { 0 };
	size_t i;

	buf_printf(&b, "<%s://%s%s%s?page=%" PRId64, exchange_is_tls(a->x) ? "https" : "http", host ? host : "localhost", ALP_PREFIX, a->path,
	           s->page + 1);
	for (i = 0; i < a->params.count; i++)
		if (strcmp(a->params.list[i].name, "page") != 0)
			buf_printf(&b, "&%s=%s", a->params.list[i].name, a->params.list[i].value);
	buf_puts(&b, ">; rel=\"next\"");
	snprintf(r->link, sizeof(r->link), "%.*s", (int)b.len, b.data);
	buf_release(&b);
}

static uint64_t
hash_of(const struct buf *b)
{
	uint64_t h = UINT64_C(14695981039346656037);
	size_t i;

	for (i = 0; i < b->len; i++)
		h = (h ^ (unsigned char)b->data[i]) * UINT64_C(1099511628211);
	return h;
}

/* Sends the document, or says that the client has it. */
static void
send_document(struct ask *a, struct buf *b)
{
	const char *had = evhttp_find_header(evhttp_request_get_input_headers(exchange_request(a->x)), "If-None-Match");
	struct reply *r = exchange_reply(a->x);

	if (a->alp->config.etags)
		snprintf(r->etag, sizeof(r->etag), "\"%016" PRIx64 "\"", hash_of(b));
	if (had && r->etag[0] && strstr(had, r->etag)) {
		r->status = 304;
		r->no_length = true;
		buf_release(b);
		return;
	}
	alp_reply_json(a, 200, b);
}

static void
send_items(struct ask *a, const struct alp_items *items)
{
	const struct alp_config *c = &a->alp->config;
	struct slice s = slice_of(a, items->count);
	struct buf b = { 0 };

	if (*c->items)
		buf_printf(&b, "{\"total\":%zu,\"%s\":", items->count, c->items);
	buf_putc(&b, '[');
	if (s.to > s.from)
		buf_add(&b, items->text.data + items->starts[s.from], items->starts[s.to] - items->starts[s.from] - 1);
	buf_putc(&b, ']');
	if (*c->items)
		buf_putc(&b, '}');
	if (s.next && c->paging == ALP_PAGING_LINK)
		add_link(a, &s);
	send_document(a, &b);
}

static int32_t
date_param(const struct ask *a, const char *const names[3], int32_t standard)
{
	int32_t date = standard;
	int i;

	for (i = 0; i < 3; i++) {
		const char *s = params_get(&a->params, names[i]);

		if (s && date_parse(s, &date) == 0)
			break;
	}
	return date;
}

static void
read_entries(struct ask *a)
{
	static const char *const firsts[3] = { "from", "date_from", "date" }, *const lasts[3] = { "to", "date_to", "date" };
	int32_t first = date_param(a, firsts, 0), last = date_param(a, lasts, INT32_MAX);
	int64_t user = 0;
	struct alp_items items = { .count = 0 };
	size_t i;

	params_int(&a->params, "user_id", 1, INT64_MAX, &user);
	faults_match_alp(a->sb->faults, "entries", (uint32_t)user, first, last, &a->hits);
	if (alp_reply_by_fault(a))
		return;
	if (!a->alp->config.lists_entries) {
		alp_reply_error(a, 404, "there is no such list");
		return;
	}
	for (i = 0; i < alp_book_count(a->alp->book); i++) {
		const struct alp_held *held = alp_book_at(a->alp->book, i);

		if ((user && held->as.user != user) || held->as.date < first || held->as.date > last || !alp_held_listed(held) ||
		    (held->status == ALP_DELETED && !a->alp->config.shows_deleted))
			continue;
		alp_items_begin(&items);
		alp_held_write(held, &a->alp->config, &items.text);
	}
	alp_items_end(&items);
	send_items(a, &items);
	alp_items_release(&items);
}

static void
read_entry(struct ask *a, const char *id)
{
	struct alp_held *held = NULL;
	struct buf b = { 0 };
	int64_t n;

	if (parse_int(id, 1, INT64_MAX, &n) == 0)
		held = alp_book_find(a->alp->book, n);
	if (!held || !alp_held_listed(held) || (held->status == ALP_DELETED && !a->alp->config.shows_deleted)) {
		alp_reply_error(a, 404, "there is no such entry");
		return;
	}
	alp_held_write(held, &a->alp->config, &b);
	send_document(a, &b);
}

/* "<what>/<id>/<part>": the id, or 0. */
static int64_t
id_within(const char *path, const char *what, const char *part)
{
	size_t n = strlen(what), len = strlen(path), m = strlen(part);
	char id[24];
	int64_t v;

	if (len <= n + m || strncmp(path, what, n) != 0 || strcmp(path + len - m, part) != 0 || len - n - m >= sizeof(id))
		return 0;
	snprintf(id, sizeof(id), "%.*s", (int)(len - n - m), path + n);
	return parse_int(id, 1, INT64_MAX / 1000, &v) == 0 ? v : 0;
}

static void
read_children(struct ask *a)
{
	int64_t matter = id_within(a->path, "matters/", "/outcomes"), outcome = id_within(a->path, "outcomes/", "/components");
	struct alp_items items = { .count = 0 };

	if ((matter && alp_outcomes(a->alp->lists, matter, &items)) || (outcome && alp_components(a->alp->lists, outcome, &items))) {
		send_items(a, &items);
		alp_items_release(&items);
	} else {
		alp_reply_error(a, 404, "there is no such thing");
	}
}

static void
read_list(struct ask *a)
{
	const struct alp_lists *lists = a->alp->lists;

	faults_match_alp(a->sb->faults, "lists", 0, 0, INT32_MAX, &a->hits);
	if (alp_reply_by_fault(a))
		return;
	if (strcmp(a->path, "matters") == 0)
		send_items(a, alp_matters(lists));
	else if (strcmp(a->path, "users") == 0)
		send_items(a, alp_users(lists));
	else if (strcmp(a->path, "gst_types") == 0)
		send_items(a, alp_gst_types(lists));
	else
		read_children(a);
}

void
alp_read(struct ask *a)
{
	if (strcmp(a->path, "time_entries") == 0)
		read_entries(a);
	else if (strncmp(a->path, "time_entries/", strlen("time_entries/")) == 0)
		read_entry(a, a->path + strlen("time_entries/"));
	else
		read_list(a);
}
