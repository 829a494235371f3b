/* SPDX-License-Identifier: Apache-2.0 */
/* What a client may put into single headers, and into a path: each reader takes it or not, whatever it is, and what it takes means one thing. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "app/token_text.h"
#include "base/alloc.h"
#include "base/macro.h"
#include "base/secret.h"
#include "http/accept.h"
#include "http/auth.h"
#include "http/coding.h"
#include "http/cursor.h"
#include "http/etag.h"
#include "http/guard.h"
#include "http/intake.h"
#include "http/problem.h"
#include "http/resources.h"
#include "http/router.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ENTRY_ID 5

static void
hold(bool true_of_it)
{
	if (!true_of_it)
		abort();
}

static struct head
head_of(const char *name, struct str value)
{
	struct head head = {.header_count = 1};

	head.headers[0] = (struct header){str_of(name), value};
	return head;
}

static int
chosen(struct str accept)
{
	static const char *const offers[] = {"application/json", "text/csv"};
	struct head head = head_of("Accept", accept);

	return accept_choose(&head, offers, ELEMENTSOF(offers));
}

/* `shouted` is the same in capitals, which mean the same. */
static void
try_wishes(struct str text, struct str shouted)
{
	struct head head = head_of("Prefer", text);
	int64_t wait_s = prefer_wait(&head);
	int form = chosen(text);

	hold(form == -ENOENT || form == 0 || form == 1);
	hold(form == chosen(shouted));
	hold(coding_wants_gzip(text) == coding_wants_gzip(shouted));
	hold(media_is_json(text, true) == media_is_json(shouted, true));
	hold(!media_is_json(text, false) || media_is_json(text, true));
	hold(wait_s == WAIT_NOT_ASKED || (wait_s >= 0 && wait_s <= 30));
}

static bool
contains(struct str text, const char *part)
{
	return text.len > 0 && memmem(text.p, text.len, part, strlen(part)) != NULL;
}

/* A revision that is believed stands there, behind the entry's number. */
static void
try_tags(struct str text)
{
	int64_t revision = -1, updated_ms = -2;
	char tag[ETAG_MAX];

	if (etag_if_match(text, ENTRY_ID, &revision) == 0 && revision != 0) {
		hold(revision > 0);
		etag_entry(ENTRY_ID, revision, tag);
		tag[strlen(tag) - 1] = '\0';
		hold(contains(text, tag));
	} else {
		hold(revision <= 0);
	}
	if (etag_user_if_match(text, ENTRY_ID, &updated_ms) == 0)
		hold(updated_ms >= -1 && (contains(text, "*") || contains(text, "\"u5-")));
	hold(!etag_none_match(text, "\"e5-7\"") || contains(text, "e5-7") || contains(text, "*"));
}

static void
try_caller(struct str text)
{
	unsigned char secret[TOKEN_SECRET_BYTES];
	char again[TOKEN_TEXT_SIZE];
	struct str token = auth_bearer(text);
	int64_t id = 0;

	hold(token.p == NULL || (token.p >= text.p && token.p + token.len <= text.p + text.len));
	if (token_text_parse(token.p != NULL ? token : text, &id, secret) < 0)
		return;
	token_text_format(id, secret, again);
	hold(id > 0 && str_eq(token.p != NULL ? token : text, str_of(again)));
	secret_wipe(secret, sizeof secret);
}

static void
try_names(struct str text, const char *copy)
{
	int64_t a = -1, b = -1, ms = 0;
	char again[CURSOR_TEXT_MAX];

	hold(!once_key_valid(text) || (text.len > 0 && text.len <= 255 && strlen(copy) == text.len));
	hold(!request_id_valid(copy) || strlen(copy) < REQUEST_ID_MAX);
	if (event_id_parse(copy, &a))
		hold(a >= 0 && a <= ALP_USER_ID_MAX && strspn(copy, "0123456789") == strlen(copy));
	if (cursor_parse('j', copy, &a, &b) == 0) {
		cursor_format('j', a, b, again);
		hold(a >= 0 && b >= 0 && strcmp(again, copy) == 0);
	}
	if (instant_parse(text, &ms) == 0)
		hold(ms > INT64_C(-70000000000000) && ms < INT64_C(300000000000000));
}

/* Without lists only this machine is let in, and nothing that merely begins like it. */
static void
try_origin(struct str text)
{
	const struct guard none = {0};

	if (guard_host_allowed(&none, text))
		hold(text.len >= 5 && strchr("lL1[", text.p[0]) != NULL && !contains(text, "@") && !contains(text, "/"));
	if (guard_origin_allowed(&none, text))
		hold(str_starts(text, STR("http")) && !contains(text, "@"));
	hold(!guard_origin_listed(&none, text));
}

static void
try_path(struct str text)
{
	struct str params[ROUTE_PARAMS_MAX] = {0};
	unsigned allowed = 0;
	const struct route *route = route_find(METHOD_GET, text, params, &allowed);

	hold(route == NULL || (allowed & METHOD_GET) != 0);
	for (size_t i = 0; route != NULL && i < ROUTE_PARAMS_MAX && params[i].p != NULL; i++)
		hold(params[i].len > 0 && memchr(params[i].p, '/', params[i].len) == NULL && params[i].p > text.p &&
		    params[i].p + params[i].len <= text.p + text.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	_cleanup_free_ char *copy = xstrndup(size > 0 ? text.p : "", size);
	_cleanup_free_ char *shouted = xcalloc(size + 1, 1);

	for (size_t i = 0; i < size; i++)
		shouted[i] = (char)toupper(data[i]);
	try_wishes(text, (struct str){shouted, size});
	try_tags(text);
	try_caller(text);
	try_names(text, copy);
	try_origin(text);
	try_path(text);
	return 0;
}
