/* SPDX-License-Identifier: Apache-2.0 */
#include "http/kept.h"

#include <event2/http.h>
#include <stdio.h>
#include <string.h>

#include "app/app.h"
#include "http/answer.h"
#include "http/answer_cache.h"
#include "http/coding.h"
#include "http/server_internal.h"

struct key {
	unsigned char bytes[ANSWER_KEY_MAX];
	size_t len; /* more than there is room for: no key */
};

static void
add(struct key *k, const void *bytes, size_t len)
{
	if (k->len + len <= sizeof k->bytes)
		memcpy(k->bytes + k->len, bytes, len);
	k->len += len;
}

static void
add_number(struct key *k, int64_t number)
{
	add(k, &number, sizeof number);
}

/* With its NUL, so that two texts are never read as one. */
static void
add_text(struct key *k, const char *text)
{
	add(k, text, strlen(text) + 1);
}

enum { VALUE_NOTHING, VALUE_NUMBER, VALUE_TEXT };

static void
add_values(struct key *k, const struct schema *schema, const struct values *values)
{
	for (size_t i = 0; schema != NULL && i < schema->count; i++) {
		const struct value *v = &values->v[i];
		unsigned char what = v->state != VALUE_SET ? VALUE_NOTHING : v->text != NULL ? VALUE_TEXT : VALUE_NUMBER;

		add(k, &what, 1);
		if (what == VALUE_TEXT)
			add_text(k, v->text);
		else if (what == VALUE_NUMBER)
			add_number(k, v->number);
	}
}

static bool
key_of(const struct http_request *r, int64_t asked_user, struct key *ret_key)
{
	const struct route *route = r->route;

	ret_key->len = 0;
	add(ret_key, &route, sizeof route);
	add_number(ret_key, asked_user);
	add_number(ret_key, r->form);
	add_values(ret_key, route->path, &r->params);
	add_values(ret_key, route->query, &r->query);
	return ret_key->len <= sizeof ret_key->bytes;
}

static struct str
key_str(const struct key *k)
{
	return (struct str){(const char *)k->bytes, k->len};
}

bool
reply_kept(struct http_request *r, int64_t asked_user)
{
	struct ready_answer *a;
	struct key key;
	int64_t owner;

	if (!key_of(r, asked_user, &key))
		return false;
	a = answer_cache_get(r->server->answers, key_str(&key), &owner);
	/* The handler has settled that; whose data it is, only the answer knows for certain. */
	if (a == NULL || !caller_sees(&r->caller, owner))
		return false;
	/* It is packed where it is made. */
	if (answer_length(a, false) > GZIP_HERE_BYTES && !answer_pack_tried(a) && request_wants_gzip(r))
		return false;
	r->kept = true;
	/* The answer may be forgotten while it is sent. */
	answer_ref(a);
	if (!list_refused(r, answer_length(a, false)))
		reply_answer(r, a);
	answer_unref(a);
	return true;
}

static void
take_header(struct http_request *r, struct ready_answer *a, const char *name)
{
	const char *value = r->ev != NULL ? evhttp_find_header(evhttp_request_get_output_headers(r->ev), name) : NULL;

	if (value != NULL)
		answer_add_header(a, name, value);
}

void
reply_and_keep(struct http_request *r, int64_t asked_user, int64_t owner, struct ready_answer *a)
{
	struct key key;

	if (r->server != NULL && r->ev != NULL && app_keepable(r->app, owner) && key_of(r, asked_user, &key)) {
		take_header(r, a, "Link");
		take_header(r, a, "X-Total-Count");
		answer_cache_put(r->server->answers, key_str(&key), owner, a);
	}
	reply_answer(r, a);
}

static const char *const media[] = {[FORM_JSON] = "application/json", [FORM_CSV] = "text/csv; charset=utf-8; header=present"};

struct ready_answer *
answer_render(const struct http_request *r, const char *tag, struct json *j)
{
	struct ready_answer *a;
	size_t len = 0;
	char *text, disposition[80];

	if (j->b.error < 0)
		return NULL;
	text = buf_take(&j->b, &len);
	a = answer_new(200, media[r->form], text, len);
	answer_add_header(a, "Cache-Control", "private, no-cache");
	if (r->form == FORM_CSV) {
		snprintf(disposition, sizeof disposition, "attachment; filename=\"%s\"", r->route->csv);
		answer_add_header(a, "Content-Disposition", disposition);
	}
	if (tag != NULL)
		answer_set_tag(a, tag);
	else
		answer_tag_bytes(a);
	return a;
}

/* NULL: answered, because it is too large to be one. */
static struct ready_answer *
answer_of(struct http_request *r, const char *tag, struct json *j)
{
	struct ready_answer *a = answer_render(r, tag, j);

	if (a == NULL)
		reply_json(r, 200, j);
	return a;
}

void
reply_read(struct http_request *r, int64_t asked_user, int64_t owner, const char *tag, struct json *j)
{
	_cleanup_(answer_unrefp) struct ready_answer *a = answer_of(r, tag, j);

	if (a != NULL)
		reply_and_keep(r, asked_user, owner, a);
}

void
reply_tagged(struct http_request *r, const char *tag, struct json *j)
{
	_cleanup_(answer_unrefp) struct ready_answer *a = answer_of(r, tag, j);

	if (a != NULL)
		reply_answer(r, a);
}
