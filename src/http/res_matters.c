/* SPDX-License-Identifier: Apache-2.0 */
/* The firm's matters: import the list, read it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/matters.h"
#include "base/alloc.h"
#include "http/answer.h"
#include "http/bulk.h"
#include "http/cursor.h"
#include "http/kept.h"
#include "http/resources.h"

enum { M_CODE, M_NAME, M_CLIENT, M_ALIASES, M_OPEN };

/* As proto/matter_list.h has them, in characters; it counts bytes, and says so itself. */
static const struct field matter_fields[] = {
    [M_CODE] = {.name = "code", .type = FIELD_TEXT, .required = true, .number_too = true, .min = 1, .max = 64,
	.summary = "what entries name it by", .example = "\"12345\""},
    [M_NAME] = {.name = "name", .type = FIELD_TEXT, .nullable = true, .max = 512, .summary = "what it is about", .example = "\"Lease of 4 High Street\""},
    [M_CLIENT] = {.name = "client", .type = FIELD_TEXT, .nullable = true, .max = 512, .summary = "whose it is", .example = "\"Smith & Sons\""},
    [M_ALIASES] = {.name = "aliases", .type = FIELD_TEXTS, .items_max = 32, .min = 1, .max = 128,
	.summary = "other names by which titles mean it", .example = "[\"Smith v Jones\"]"},
    [M_OPEN] = {.name = "open", .type = FIELD_BOOLEAN, .has_initial = true, .initial = 1,
	.summary = "a closed one is still found in titles, but never suggested", .example = "true"},
};
const struct schema schema_matter = {"MatterRequest", NULL, matter_fields, ELEMENTSOF(matter_fields)};

enum { Q_TEXT, Q_LIMIT, Q_CURSOR };

static const struct field query_fields[] = {
    [Q_TEXT] = {.name = "q", .type = FIELD_TEXT, .max = 200, .summary = "a part of code, name or client, whatever its case"},
    [Q_LIMIT] = {.name = "limit", .type = FIELD_INTEGER, .has_initial = true, .initial = 1000, .min = 1, .max = 5000, .summary = "a page of so many"},
    [Q_CURSOR] = {.name = "cursor", .type = FIELD_TEXT, .min = 1, .max = CURSOR_WORD_TEXT_MAX - 1, .summary = "from the last page's Link"},
};
const struct schema schema_matter_query = {"MatterQuery", NULL, query_fields, ELEMENTSOF(query_fields)};

/* --- import --------------------------------------------------------------------------------------------------------------- */

#define MATTERS_MAX 200000

struct putting {
	struct matters_put verb;
	struct http_request *request;
	char *text;
	size_t bytes;
	struct bulk bulk;
};

static void
putting_release(void *p)
{
	struct putting *put = p;

	matters_put_release(&put->verb);
	bulk_release(&put->bulk);
	free(put->text);
}

static char *
take_text(struct value *v)
{
	char *text = v->text;

	v->text = NULL;
	return text != NULL ? text : xstrdup("");
}

static int
take_matter(struct values *values, size_t index, void *arg)
{
	struct putting *p = arg;
	struct matter_row *row;

	if (index == MATTERS_MAX) {
		bulk_add_error(&p->bulk, index, NULL, "too_long", "is one more than there may be matters: 200000");
		return -EINVAL;
	}
	row = matter_page_add(&p->verb.page);
	row->code = take_text(&values->v[M_CODE]);
	row->name = take_text(&values->v[M_NAME]);
	row->client = take_text(&values->v[M_CLIENT]);
	row->aliases = values->v[M_ALIASES].texts;
	row->alias_count = values->v[M_ALIASES].text_count;
	values->v[M_ALIASES] = (struct value){0};
	row->is_open = values->v[M_OPEN].number != 0;
	return 0;
}

/* On a store thread. */
static int
read_matters(struct matter_page *page, void *arg)
{
	struct putting *p = arg;

	(void)page;
	return bulk_read(&p->bulk, &schema_matter, (struct str){p->text, p->bytes}, take_matter, p);
}

static void
reply_import(struct http_request *r, const struct matters_put *v)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_int(&j, "matters", v->listing.matters);
	json_text(&j, "version", v->listing.version);
	json_boolean(&j, "changed", v->changed);
	json_instant(&j, "changed_at", v->listing.changed_ms);
	json_close(&j, '}');
	reply_json(r, 200, &j);
}

static void
reply_wrong_row(struct putting *p, int error)
{
	struct bulk *b = &p->bulk;

	if (error == -EEXIST)
		bulk_add_error(b, p->verb.wrong, "code", "not_unique", "is the code of another matter, perhaps in another case");
	else if (error == -E2BIG)
		bulk_add_error(b, p->verb.wrong, NULL, "too_long", "is more than the list may have altogether: 16 MiB");
	else
		bulk_add_error(b, p->verb.wrong, NULL, "bad_matter",
		    "has a code or alias of more than 64 or 128 bytes or 8 words, or with a space or underscore at an end, or a name or client of more "
		    "than 512 bytes, or a control character");
	bulk_reply(b, p->request);
}

static void
on_put(int error, void *arg)
{
	struct putting *p = arg;

	if (error == -EINVAL)
		bulk_reply(&p->bulk, p->request);
	else if (error == -ERANGE || error == -EEXIST || error == -EILSEQ || error == -E2BIG)
		reply_wrong_row(p, error);
	else if (error < 0)
		reply_failed(p->request, error, NULL);
	else
		reply_import(p->request, &p->verb);
}

void
matters_put(struct http_request *r)
{
	struct putting *p = request_attach(r, sizeof *p, putting_release);

	p->request = r;
	p->text = TAKE_PTR(r->bulk);
	p->bytes = r->bulk_bytes;
	p->verb = MATTERS_PUT_INIT;
	p->verb.read = read_matters;
	app_matters_put(r->app, &p->verb, on_put, p);
}

/* --- list ----------------------------------------------------------------------------------------------------------------- */

struct listing {
	struct matters_query verb;
	struct http_request *request;
	char after[CURSOR_WORD_MAX];
	size_t limit;
	struct ready_answer *answer; /* NULL: too large */
};

static void
listing_release(void *p)
{
	struct listing *l = p;

	matters_query_release(&l->verb);
	answer_unref(l->answer);
}

static void
render_matter(struct json *j, const struct matter_row *row)
{
	json_open(j, NULL, '{');
	json_text(j, "code", row->code);
	json_text(j, "name", row->name);
	json_text(j, "client", row->client);
	json_open(j, "aliases", '[');
	for (size_t i = 0; i < row->alias_count; i++)
		json_text(j, NULL, row->aliases[i]);
	json_close(j, ']');
	json_boolean(j, "open", row->is_open);
	json_instant(j, "updated_at", row->updated_ms);
	json_close(j, '}');
}

/* On a store thread. */
static void
render_list(void *arg)
{
	struct listing *l = arg;
	struct json j = JSON_INIT;

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < MIN_OF(l->verb.page.count, l->limit); i++)
		render_matter(&j, &l->verb.page.rows[i]);
	json_close(&j, ']');
	l->answer = answer_render(l->request, NULL, &j);
	buf_release(&j.b);
}

static void
on_listed(int error, void *arg)
{
	struct listing *l = arg;
	struct http_request *r = l->request;
	char cursor[CURSOR_WORD_TEXT_MAX];

	if (error < 0) {
		reply_failed(r, error, NULL);
	} else if (l->answer == NULL) {
		reply_too_large(r);
	} else if (!list_refused(r, answer_length(l->answer, false))) {
		if (l->verb.page.count > l->limit) {
			cursor_format_word('m', l->verb.page.rows[l->limit - 1].code, cursor);
			cursor_link(r, cursor);
		}
		reply_answer(r, l->answer);
	}
}

void
matters_check_list(struct http_request *r)
{
	const struct value *cursor = &r->query.v[Q_CURSOR];
	char after[CURSOR_WORD_MAX];

	if (cursor->state == VALUE_SET && cursor_parse_word('m', cursor->text, after) < 0)
		request_add_error(r, "query", "cursor", "bad_cursor", "is not one of this list");
}

static void
begin_list(struct http_request *r, void *listing)
{
	app_matters_query(r->app, &((struct listing *)listing)->verb, on_listed, listing);
}

void
matters_list(struct http_request *r)
{
	struct listing *l = request_attach(r, sizeof *l, listing_release);
	const struct value *v = r->query.v;

	l->request = r;
	l->limit = (size_t)v[Q_LIMIT].number;
	if (v[Q_CURSOR].state == VALUE_SET)
		(void)cursor_parse_word('m', v[Q_CURSOR].text, l->after);
	l->verb = (struct matters_query){.after_code = l->after, .text = v[Q_TEXT].text, .limit = (int64_t)l->limit + 1, .render = render_list};
	/* A search looks at every matter, however few it tells of. */
	list_begin(r, l->limit > LIST_PAGE_SMALL || v[Q_TEXT].state == VALUE_SET, begin_list, l);
}
