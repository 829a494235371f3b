/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/lists.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#include "alp/aside.h"
#include "alp/cache.h"
#include "base/alloc.h"

#define FLIGHTS_MAX    256             /* lists that are being got at once */
#define READ_HERE      ((size_t)65536) /* a longer body is read beside the loop: about 1 ms */
#define CLOCK_AHEAD_MS 60000           /* a copy from further in the future says nothing of its age */
#define BUSY_RETRY_MS  1000

struct waiter {
	list_got_fn got;
	void *arg;
	bool forced; /* no copy will do */
	STAILQ_ENTRY(waiter) entry;
};
STAILQ_HEAD(waiter_list, waiter);

/* One list that is being got: first its copy, then ALP's answer, then what that says. */
struct flight {
	UT_hash_handle hh;
	struct alp_lists *lists;
	enum alp_list list;
	char id[ALP_ID_MAX];
	char key[2 + ALP_ID_MAX];
	struct waiter_list waiters;
	bool forced;               /* ALP is asked whatever the copy */
	bool looked;               /* `copy` is what there is */
	bool ended;
	bool asking;
	struct list_copy copy;     /* body NULL: none */
	struct alp_call *call;
	struct event *patience;
	/* What ALP answered, while it is read. */
	char etag[CACHE_ETAG_MAX];
	char *items;
	size_t items_bytes;
	struct list_body *read;
	int read_error;
};

struct alp_lists {
	struct alp_lists_options o;
	struct flight *flights;
	int64_t failed_ms[ALP_LISTS]; /* when ALP last failed to give one */
	bool failed[ALP_LISTS];
	bool closing;
	struct alp_lists_stats stats;
};

struct alp_lists *
alp_lists_new(const struct alp_lists_options *options)
{
	struct alp_lists *l = xcalloc(1, sizeof *l);

	l->o = *options;
	return l;
}

bool
alp_id_ok(const char *id)
{
	size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:");

	return len > 0 && len < ALP_ID_MAX && id[len] == '\0' && strcmp(id, ".") != 0 && strcmp(id, "..") != 0;
}

/* --- ages --------------------------------------------------------------------------------------------------------------------- */

static int64_t
age_of(const struct alp_lists *l, enum alp_list list, const struct list_copy *copy)
{
	int64_t age_ms = l->o.now_ms() - copy->fetched_ms;

	if (age_ms < -CLOCK_AHEAD_MS)
		return l->o.policy[list].fresh_ms + l->o.policy[list].revalidate_ms + 1;
	return MAX_OF(age_ms, 0);
}

static bool
is_fresh(const struct flight *f)
{
	return f->copy.body != NULL && age_of(f->lists, f->list, &f->copy) < f->lists->o.policy[f->list].fresh_ms;
}

static bool
may_go_out_stale(const struct flight *f)
{
	const struct list_policy *p = &f->lists->o.policy[f->list];

	return f->copy.body != NULL && age_of(f->lists, f->list, &f->copy) < p->fresh_ms + p->revalidate_ms;
}

static bool
helps_on_error(const struct flight *f)
{
	return f->copy.body != NULL && age_of(f->lists, f->list, &f->copy) < f->lists->o.policy[f->list].if_error_ms;
}

static bool
is_paused(const struct flight *f)
{
	const struct alp_lists *l = f->lists;

	return l->failed[f->list] && l->o.now_ms() - l->failed_ms[f->list] < l->o.pause_ms;
}

/* --- telling who waits ---------------------------------------------------------------------------------------------------------- */

static void
count(struct alp_lists *l, const struct list_result *result)
{
	if (result->failure != ALP_FINE)
		l->stats.failed++;
	else if (result->source == LIST_FRESH)
		l->stats.fresh++;
	else if (result->source == LIST_STALE)
		l->stats.stale++;
	else
		l->stats.fetched++;
}

static void
tell(struct flight *f, const struct list_result *result, bool forced_too)
{
	struct waiter_list waiters = STAILQ_HEAD_INITIALIZER(waiters);
	struct alp_lists *l = f->lists;
	struct waiter *w;

	/* Who is told may ask for more. */
	STAILQ_CONCAT(&waiters, &f->waiters);
	while ((w = STAILQ_FIRST(&waiters)) != NULL) {
		STAILQ_REMOVE_HEAD(&waiters, entry);
		if (w->forced && !forced_too) {
			STAILQ_INSERT_TAIL(&f->waiters, w, entry);
			continue;
		}
		count(l, result);
		w->got(result, w->arg);
		free(w);
	}
}

static void
tell_copy_to(struct flight *f, enum list_source source, bool forced_too)
{
	struct list_result result = {.source = source, .body = f->copy.body, .age_ms = age_of(f->lists, f->list, &f->copy)};

	list_body_ref(result.body);
	tell(f, &result, forced_too);
	list_body_unref(result.body);
}

/* While ALP is being asked: to all who take an old one. */
static void
tell_copy_meanwhile(struct flight *f)
{
	tell_copy_to(f, LIST_STALE, false);
}

static void
flight_free(struct flight *f)
{
	if (f->patience != NULL)
		event_free(f->patience);
	list_body_unref(f->copy.body);
	list_body_unref(f->read);
	free(f->items);
	free(f);
}

/* From here on another may begin for the same list. */
static void
leave_table(struct flight *f)
{
	if (!f->ended)
		HASH_DEL(f->lists->flights, f);
	f->ended = true;
}

static void
end_with_copy(struct flight *f, enum list_source source)
{
	leave_table(f);
	tell_copy_to(f, source, true);
	flight_free(f);
}

static void
end_failed(struct flight *f, enum alp_failure failure, int64_t retry_after_ms, const char *detail)
{
	struct list_result result = {.failure = failure, .retry_after_ms = retry_after_ms, .detail = detail};

	leave_table(f);
	if (failure != ALP_MISSING && helps_on_error(f))
		tell_copy_to(f, LIST_STALE, true);
	else
		tell(f, &result, true);
	flight_free(f);
}

/* --- what ALP says ---------------------------------------------------------------------------------------------------------------- */

static void
alp_failed(struct flight *f, enum alp_failure failure, int64_t retry_after_ms, const char *detail)
{
	struct alp_lists *l = f->lists;

	if (failure == ALP_MISSING) {
		cache_drop(l->o.cache, f->list, f->id);
	} else {
		l->failed[f->list] = true;
		l->failed_ms[f->list] = l->o.now_ms();
	}
	end_failed(f, failure, retry_after_ms, detail);
}

static void
take_copy(struct flight *f, struct list_body *body, const char *etag)
{
	struct list_body *old = f->copy.body;

	f->copy.body = body;
	(void)snprintf(f->copy.etag, sizeof f->copy.etag, "%s", etag);
	f->copy.fetched_ms = f->lists->o.now_ms();
	f->lists->failed[f->list] = false;
	list_body_unref(old);
	cache_put(f->lists->o.cache, f->list, f->id, &f->copy);
}

static void
read_work(void *flight)
{
	struct flight *f = flight;
	char *items = TAKE_PTR(f->items);

	f->read_error = list_body_new(f->list, f->lists->o.words, f->lists->o.dress, items, f->items_bytes, &f->read);
}

static void
read_over(void *flight)
{
	struct flight *f = flight;
	struct alp_lists *l = f->lists;

	if (f->read_error < 0) {
		alp_failed(f, ALP_UNREADABLE, 0, "ALP's answer is not a JSON array of objects");
		return;
	}
	take_copy(f, TAKE_PTR(f->read), f->etag);
	if (l->o.changed != NULL)
		l->o.changed(f->list, f->id, f->copy.body, l->o.changed_arg);
	end_with_copy(f, LIST_FETCHED);
}

static void
still_right(struct flight *f, const char *etag)
{
	take_copy(f, list_body_ref(f->copy.body), etag);
	end_with_copy(f, LIST_FETCHED);
}

static bool
is_the_copy(const struct flight *f, const struct alp_list_answer *answer)
{
	return f->copy.body != NULL && str_eq(list_body_bytes(f->copy.body), (struct str){answer->items, answer->items_bytes});
}

static void
take_items(struct flight *f, struct alp_list_answer *answer)
{
	(void)snprintf(f->etag, sizeof f->etag, "%s", answer->etag);
	f->items = TAKE_PTR(answer->items);
	f->items_bytes = answer->items_bytes;
	if (f->lists->o.aside != NULL && f->items_bytes > READ_HERE) {
		aside_run(f->lists->o.aside, read_work, read_over, f);
		return;
	}
	read_work(f);
	read_over(f);
}

static void
on_answer(struct alp_list_answer *answer, void *arg)
{
	struct flight *f = arg;

	f->call = NULL;
	if (answer->failure != ALP_FINE) {
		alp_failed(f, answer->failure, answer->retry_after_ms, answer->detail);
	} else if (answer->unchanged && f->copy.body != NULL) {
		f->lists->stats.unchanged++;
		still_right(f, f->copy.etag);
	} else if (answer->unchanged || answer->items == NULL) {
		alp_failed(f, ALP_UNREADABLE, 0, "ALP says that nothing changed since a copy that there is not");
	} else if (is_the_copy(f, answer)) {
		still_right(f, answer->etag);
	} else {
		take_items(f, answer);
	}
}

/* --- asking ------------------------------------------------------------------------------------------------------------------------ */

static void
on_patience(evutil_socket_t fd, short what, void *arg)
{
	struct flight *f = arg;

	(void)fd;
	(void)what;
	if (helps_on_error(f))
		tell_copy_meanwhile(f);
}

static void
begin_patience(struct flight *f)
{
	const struct alp_lists_options *o = &f->lists->o;
	struct timeval tv = {.tv_sec = o->patience_ms / 1000, .tv_usec = (o->patience_ms % 1000) * 1000};

	if (o->base == NULL || f->patience != NULL || !helps_on_error(f))
		return;
	f->patience = evtimer_new(o->base, on_patience, f);
	evtimer_add(f->patience, &tv);
}

static void
ask(struct flight *f)
{
	struct alp_lists *l = f->lists;
	const char *etag = f->copy.body != NULL && f->copy.etag[0] != '\0' ? f->copy.etag : NULL;

	if (HASH_COUNT(l->flights) > FLIGHTS_MAX) {
		end_failed(f, ALP_BUSY, BUSY_RETRY_MS, "too many lists are being asked for");
		return;
	}
	if (f->asking)
		return;
	f->asking = true;
	l->stats.asked++;
	if (!STAILQ_EMPTY(&f->waiters))
		begin_patience(f);
	f->call = l->o.ask(l->o.alp, f->list, f->id, etag, on_answer, f);
}

/* Is the copy good enough, for now or for good? */
static void
go_on(struct flight *f)
{
	if (!f->forced && is_fresh(f)) {
		end_with_copy(f, LIST_FRESH);
	} else if (!f->forced && is_paused(f) && helps_on_error(f)) {
		end_with_copy(f, LIST_STALE);
	} else {
		if (may_go_out_stale(f))
			tell_copy_meanwhile(f);
		ask(f);
	}
}

static void
on_copy(const struct list_copy *copy, void *arg)
{
	struct flight *f = arg;

	f->looked = true;
	if (copy != NULL) {
		f->copy = *copy;
		list_body_ref(f->copy.body);
	}
	go_on(f);
}

static struct flight *
begin(struct alp_lists *l, enum alp_list list, const char *id, const char *key)
{
	struct flight *f = xcalloc(1, sizeof *f);

	f->lists = l;
	f->list = list;
	(void)snprintf(f->id, sizeof f->id, "%s", id);
	(void)snprintf(f->key, sizeof f->key, "%s", key);
	STAILQ_INIT(&f->waiters);
	HASH_ADD_KEYPTR(hh, l->flights, f->key, strlen(f->key), f);
	return f;
}

static void
wait_for(struct flight *f, bool forced, list_got_fn got, void *arg)
{
	struct waiter *w = xcalloc(1, sizeof *w);

	*w = (struct waiter){.got = got, .arg = arg, .forced = forced};
	STAILQ_INSERT_TAIL(&f->waiters, w, entry);
}

/* One that ALP is being asked for already. */
static void
join(struct flight *f, bool forced, list_got_fn got, void *arg)
{
	wait_for(f, forced, got, arg);
	f->forced |= forced;
	if (f->looked && may_go_out_stale(f))
		tell_copy_meanwhile(f);
	else if (f->looked)
		begin_patience(f);
}

static const struct list_result stopping = {.failure = ALP_UNREACHABLE, .detail = "the service is stopping"};

static int
get(struct alp_lists *l, enum alp_list list, const char *id, bool forced, list_got_fn got, void *arg)
{
	bool needs_id = list == ALP_OUTCOMES || list == ALP_COMPONENTS;
	char key[2 + ALP_ID_MAX];
	struct flight *f;

	if (needs_id ? !alp_id_ok(id) : id[0] != '\0')
		return -EINVAL;
	if (l->closing) {
		got(&stopping, arg);
		return 0;
	}
	(void)snprintf(key, sizeof key, "%c/%s", 'a' + (int)list, id);
	HASH_FIND(hh, l->flights, key, strlen(key), f);
	if (f != NULL) {
		join(f, forced, got, arg);
		return 0;
	}
	f = begin(l, list, id, key);
	f->forced = forced;
	wait_for(f, forced, got, arg);
	cache_get(l->o.cache, list, id, on_copy, f);
	return 0;
}

int
alp_lists_get(struct alp_lists *lists, enum alp_list list, const char *id, list_got_fn got, void *arg)
{
	return get(lists, list, id, false, got, arg);
}

int
alp_lists_refresh(struct alp_lists *lists, enum alp_list list, const char *id, list_got_fn got, void *arg)
{
	return get(lists, list, id, true, got, arg);
}

/* --- looking ------------------------------------------------------------------------------------------------------------------------- */

enum list_known
alp_lists_peek(struct alp_lists *lists, enum alp_list list, const char *list_id, const char *id, struct list_peek *ret_peek)
{
	const struct list_copy *copy = cache_peek(lists->o.cache, list, list_id);
	int64_t i;

	if (copy == NULL)
		return LIST_NOT_CACHED;
	i = list_body_find(copy->body, id);
	*ret_peek = (struct list_peek){.is_open = true, .age_ms = age_of(lists, list, copy)};
	if (i < 0)
		return LIST_UNKNOWN;
	ret_peek->item = list_body_item(copy->body, (size_t)i);
	if (list == ALP_MATTERS)
		ret_peek->is_open = list_body_matter(copy->body, (size_t)i)->is_open;
	return LIST_KNOWN;
}

void
alp_lists_get_stats(const struct alp_lists *lists, struct alp_lists_stats *ret)
{
	struct cache_stats c;

	cache_get_stats(lists->o.cache, &c);
	*ret = lists->stats;
	ret->cache_bytes = c.bytes;
	ret->cache_count = c.count;
	ret->cache_evicted = c.evicted;
	ret->cache_failures = c.remote_failures;
}

struct alp_lists *
alp_lists_free(struct alp_lists *lists)
{
	struct flight *f, *next;

	if (lists == NULL)
		return NULL;
	lists->closing = true;
	HASH_ITER(hh, lists->flights, f, next)
	{
		lists->o.cancel(f->call);
		leave_table(f);
		tell(f, &stopping, true);
		flight_free(f);
	}
	cache_free(lists->o.cache);
	free(lists);
	return NULL;
}
