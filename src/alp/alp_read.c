/* SPDX-License-Identifier: Apache-2.0 */
/* alp_read.c - reading lists: page after page, with a few tries each, up to a deadline. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alp/alp_internal.h"
#include "alp/json_text.h"
#include "base/alloc.h"

#define RETRY_PAUSE_MAX_MS ((int64_t)10000)
#define ENTRIES_MAX_BYTES  ((size_t)8 * 1024 * 1024) /* of a user and a few days; the loop reads them member by member */

static void ask(struct alp_call *call);

/* --- the end -------------------------------------------------------------------------------------------------------------------- */

static void
end(struct alp_call *call, struct read_end *e)
{
	call->ended(call, e);
}

static void _printf_(4, 5)
fail(struct alp_call *call, enum alp_failure failure, const struct web_answer *a, const char *format, ...)
{
	struct read_end e = {.failure = failure};
	va_list args;

	if (a != NULL) {
		e.status = a->status;
		e.retry_after_ms = a->retry_after_ms;
	}
	va_start(args, format);
	vsnprintf(e.detail, sizeof e.detail, format, args);
	va_end(args);
	end(call, &e);
}

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fail(arg, ALP_TIMEOUT, NULL, "ALP did not give the whole list in time");
}

/* --- again ---------------------------------------------------------------------------------------------------------------------- */

static void
on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ask(arg);
}

/* Full jitter, above what ALP asked for. */
static bool
try_again(struct alp_call *call, int64_t asked_ms)
{
	const struct alp_options *o = &call->alp->options;
	int64_t most_ms;

	if (call->tries >= o->read_tries || asked_ms > RETRY_PAUSE_MAX_MS)
		return false;
	most_ms = MIN_OF(o->retry_base_ms << MIN_OF(call->tries - 1, (int64_t)16), RETRY_PAUSE_MAX_MS);
	alp_call_pause(call, asked_ms + (int64_t)randombytes_uniform((uint32_t)most_ms + 1), on_pause_over);
	return true;
}

static const struct {
	int status;
	enum alp_failure failure;
	bool again;
	const char *detail;
} meanings[] = {
    {401, ALP_KEY_REFUSED, false, "ALP refused the key"},
    {403, ALP_KEY_REFUSED, false, "ALP refused the key"},
    {404, ALP_MISSING, false, "ALP has no such thing"},
    {408, ALP_TIMEOUT, true, "ALP waited too long for us"},
    {429, ALP_BUSY, true, "ALP is asked too often"},
    {504, ALP_TIMEOUT, true, "ALP timed out behind its own gateway"},
};

static void
refused(struct alp_call *call, const struct web_answer *a)
{
	enum alp_failure failure = a->status >= 500 ? ALP_UNREACHABLE : ALP_UNREADABLE;
	const char *detail = a->status >= 500 ? "ALP failed" : "ALP gave an answer that a list has not";
	bool again = a->status >= 500;

	for (size_t i = 0; i < ELEMENTSOF(meanings); i++)
		if (meanings[i].status == a->status) {
			failure = meanings[i].failure;
			again = meanings[i].again;
			detail = meanings[i].detail;
		}
	if (a->status == 503 && a->retry_after_ms > 0)
		failure = ALP_BUSY;
	if (!again || !try_again(call, a->retry_after_ms))
		fail(call, failure, a, "%s (HTTP status %d)", detail, a->status);
}

static void
not_answered(struct alp_call *call, const struct web_answer *a)
{
	enum alp_failure failure = ALP_UNREACHABLE;

	if (a->trouble == WEB_TIMEOUT)
		failure = ALP_TIMEOUT;
	else if (a->trouble == WEB_TOO_LARGE || a->trouble == WEB_NOT_HTTP)
		failure = ALP_UNREADABLE;
	if (a->trouble == WEB_TOO_LARGE || !try_again(call, 0))
		fail(call, failure, a, "%s", a->detail);
}

/* --- pages ---------------------------------------------------------------------------------------------------------------------- */

static size_t
bytes_max(const struct alp_call *call)
{
	size_t most = call->alp->options.list_max_bytes;

	return call->entries_done != NULL ? MIN_OF(most, ENTRIES_MAX_BYTES) : most;
}

static void
begin_pages(struct alp_call *call)
{
	alp_pages_init(&call->pages, &call->alp->options, bytes_max(call));
	free(call->page_url);
	call->page_url = alp_pages_first_url(&call->pages, call->url);
	call->tries = 0;
}

/* An item that goes away while page two is read lets another one slip from page three onto page two, unseen. So several pages are believed
 * only when they are the same twice. */
static bool
read_twice(struct alp_call *call)
{
	if (!call->twice || call->pages.full_pages < 2 || call->before.options != NULL || call->pages.contradicts)
		return false;
	call->before = call->pages;
	begin_pages(call);
	ask(call);
	return true;
}

static void
complete(struct alp_call *call, const struct web_answer *a)
{
	struct read_end e = {.status = a->status, .complete = true};

	alp_pages_close(&call->pages);
	if (read_twice(call))
		return;
	if (call->before.options != NULL && !alp_pages_same_ids(&call->before, &call->pages))
		call->pages.contradicts = true;
	if (call->pages.contradicts) {
		e.complete = false;
		snprintf(e.detail, sizeof e.detail, "the list changed while it was read, or ALP pages otherwise than alp.paging says");
	}
	end(call, &e);
}

static void
unreadable(struct alp_call *call, const struct web_answer *a, int r)
{
	if (r == -E2BIG)
		fail(call, ALP_UNREADABLE, a, call->entries_done != NULL ? "a user's entries of a few days are more than 8 MiB" : "the list is larger than alp.list_max_mb");
	else if (!try_again(call, 0))
		fail(call, ALP_UNREADABLE, a, "ALP gave an answer that is no list of objects%s", a->json ? "" : ", nor JSON by its type");
}

static void
take_page(struct alp_call *call, const struct web_answer *a)
{
	char *next = NULL;
	size_t count = 0;
	int r = alp_pages_add(&call->pages, a, &count);

	if (r < 0) {
		unreadable(call, a, r);
		return;
	}
	r = call->pages.contradicts ? 0 :
				      alp_pages_next(&call->pages, call->url, call->page_url, a->link_next, count, &next);
	if (r > 0 && call->pages.page_count >= (size_t)call->alp->options.pages_max) {
		free(next);
		fail(call, ALP_UNREADABLE, a, "the list has more pages than alp.pages_max");
	} else if (r > 0) {
		free(call->page_url);
		call->page_url = next;
		call->tries = 0;
		ask(call);
	} else if (r == 0) {
		complete(call, a);
	} else {
		fail(call, ALP_UNREADABLE, a, "ALP names a next page where alp.paging has none, or at another server");
	}
}

static void
answered(struct web_answer *a, void *arg)
{
	struct alp_call *call = arg;

	alp_leave(call, a);
	if (a->outcome != WEB_ANSWERED)
		not_answered(call, a);
	else if (a->status == 304 && call->etag != NULL && call->pages.page_count == 0)
		end(call, &(struct read_end){.status = 304, .unchanged = true, .complete = true});
	else if (a->status != 200)
		refused(call, a);
	else
		take_page(call, a);
}

static void
on_refused_by_breaker(evutil_socket_t fd, short what, void *arg)
{
	struct alp_call *call = arg;
	struct read_end e = {.failure = ALP_UNREACHABLE, .retry_after_ms = call->wait_ms};

	(void)fd;
	(void)what;
	snprintf(e.detail, sizeof e.detail, "ALP did not answer several times; it is asked again in %lld s", (long long)(call->wait_ms + 999) / 1000);
	end(call, &e);
}

static void
ask(struct alp_call *call)
{
	struct web_request request = {.url = call->page_url, .answer_max_bytes = bytes_max(call)};

	if (!alp_enter(call)) {
		alp_call_pause(call, 0, on_refused_by_breaker);
		return;
	}
	if (call->pages.page_count == 0)
		request.if_none_match = call->etag;
	call->tries++;
	call->web = web_send(call->alp->web, &request, answered, call);
}

void
alp_read_begin(struct alp_call *call)
{
	int64_t ms = call->alp->options.read_timeout_ms;
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	call->deadline = evtimer_new(call->alp->base, on_deadline, call);
	event_add(call->deadline, &tv);
	begin_pages(call);
	ask(call);
}

/* --- addresses ------------------------------------------------------------------------------------------------------------------ */

static bool
is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.' || c == '~';
}

static void
add_escaped(struct buf *url, const char *text)
{
	for (; *text != '\0'; text++)
		if (is_plain(*text))
			buf_addc(url, *text);
		else
			buf_addf(url, "%%%02X", (unsigned)(unsigned char)*text);
}

/* url and path, with id in the place of {id}. */
static void
add_address(struct buf *url, const struct alp_options *o, const char *path, const char *id)
{
	static const char place[] = "{id}";
	const char *hole = strstr(path, place);
	size_t len = strlen(o->url);

	while (len > 0 && o->url[len - 1] == '/')
		len--;
	buf_add(url, o->url, len);
	if (hole == NULL) {
		buf_addz(url, path);
		return;
	}
	buf_add(url, path, (size_t)(hole - path));
	add_escaped(url, id);
	buf_addz(url, hole + sizeof place - 1);
}

char *
alp_list_url(const struct alp_options *o, enum alp_list list, const char *id)
{
	struct buf url = BUF_INIT(ALP_URL_MAX);

	add_address(&url, o, o->paths[list], id);
	return buf_take(&url, NULL);
}

char *
alp_entries_url(const struct alp_options *o)
{
	struct buf url = BUF_INIT(ALP_URL_MAX);

	add_address(&url, o, o->entries_path, "");
	return buf_take(&url, NULL);
}

static void
add_query(struct buf *url, const char *name, const char *value)
{
	if (name[0] == '\0')
		return;
	buf_addf(url, "%c%s=", strchr(url->p, '?') != NULL ? '&' : '?', name);
	add_escaped(url, value);
}

/* --- lists ---------------------------------------------------------------------------------------------------------------------- */

static void
list_ended(struct alp_call *call, struct read_end *e)
{
	struct alp_list_answer answer = {.failure = e->failure, .status = e->status, .retry_after_ms = e->retry_after_ms, .unchanged = e->unchanged};
	alp_list_fn done = call->list_done;
	void *arg = call->arg;

	snprintf(answer.detail, sizeof answer.detail, "%s", e->detail);
	if (answer.failure == ALP_FINE && !e->complete)
		answer.failure = ALP_UNREADABLE;
	if (answer.failure == ALP_FINE && !e->unchanged) {
		if (alp_pages_etag_holds(&call->pages))
			memcpy(answer.etag, call->pages.etag, sizeof answer.etag);
		answer.item_count = call->pages.item_count;
		answer.items = buf_take(&call->pages.items, &answer.items_bytes);
	}
	alp_call_free(call);
	done(&answer, arg);
	free(answer.items);
}

struct alp_call *
alp_list(struct alp *alp, enum alp_list list, const char *id, const char *etag, alp_list_fn done, void *arg)
{
	struct alp_call *call = alp_call_new(alp, arg);

	call->url = alp_list_url(&alp->options, list, id);
	call->etag = etag != NULL && etag[0] != '\0' ? xstrdup(etag) : NULL;
	call->list_done = done;
	call->ended = list_ended;
	alp_read_begin(call);
	return call;
}

/* --- entries -------------------------------------------------------------------------------------------------------------------- */

/* Some servers give more than they were asked for. */
static bool
was_asked_for(const struct alp_call *call, const struct alp_entry *entry)
{
	if (entry->user_id != ALP_ABSENT && entry->user_id != call->user_id)
		return false;
	return entry->day < 0 || (entry->day >= call->from && entry->day <= call->to);
}

static int
take_entries(struct alp_call *call, struct alp_entries *entries)
{
	struct str rest = buf_str(&call->pages.items), item;
	struct alp_entry entry;

	entries->rows = xcalloc(MAX_OF(call->pages.item_count, (size_t)1), sizeof *entries->rows);
	while (json_text_next(&rest, &item)) {
		if (alp_entry_parse(&call->alp->options, item, &entry) < 0)
			return -EBADMSG;
		if (was_asked_for(call, &entry))
			entries->rows[entries->count++] = entry;
		else
			alp_entry_release(&entry);
	}
	return 0;
}

static void
entries_ended(struct alp_call *call, struct read_end *e)
{
	struct alp_entries_answer answer = {.failure = e->failure, .status = e->status, .retry_after_ms = e->retry_after_ms, .complete = e->complete};
	alp_entries_fn done = call->entries_done;
	void *arg = call->arg;

	snprintf(answer.detail, sizeof answer.detail, "%s", e->detail);
	if (answer.failure == ALP_FINE && take_entries(call, &answer.entries) < 0) {
		answer.failure = ALP_UNREADABLE;
		answer.complete = false;
		snprintf(answer.detail, sizeof answer.detail, "an entry of ALP's list has no member \"%s\" that can be an id",
		    call->alp->options.id_field);
		alp_entries_release(&answer.entries);
	}
	alp_call_free(call);
	done(&answer, arg);
	alp_entries_release(&answer.entries);
}

static void
on_cannot_list(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	fail(arg, ALP_MISSING, NULL, "this ALP cannot list entries (alp.lists_entries)");
}

char *
alp_entries_list_url(const struct alp_options *o, int64_t user_id, day_t from, day_t to)
{
	struct buf url = BUF_INIT(ALP_URL_MAX);
	char text[DAY_TEXT_MAX], number[24];

	add_address(&url, o, o->entries_path, "");
	snprintf(number, sizeof number, "%lld", (long long)user_id);
	add_query(&url, o->user_parameter, number);
	day_format(from, text);
	add_query(&url, o->from_parameter, text);
	day_format(to, text);
	add_query(&url, o->to_parameter, text);
	return buf_take(&url, NULL);
}

struct alp_call *
alp_entries(struct alp *alp, int64_t user_id, day_t from, day_t to, alp_entries_fn done, void *arg)
{
	struct alp_call *call = alp_call_new(alp, arg);

	call->entries_done = done;
	call->ended = entries_ended;
	call->user_id = user_id;
	call->from = from;
	call->to = to;
	call->twice = true;
	call->url = alp_entries_list_url(&alp->options, user_id, from, to);
	if (alp->options.can.lists_entries)
		alp_read_begin(call);
	else
		alp_call_pause(call, 0, on_cannot_list);
	return call;
}
