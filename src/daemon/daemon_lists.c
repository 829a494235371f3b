/* SPDX-License-Identifier: Apache-2.0 */
/* ALP's lists for the front end, and its matters for the rules: looked at as often as a copy of them gets old, and handed over when they are others
 * than those handed over last. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alp/aside.h"
#include "alp/cache.h"
#include "alp/lists.h"
#include "app/matters.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/daemon_internal.h"
#include "daemon/setting_check.h"
#include "http/alp_dress.h"

#define FEED_RETRY_S 30

struct daemon_lists {
	const struct daemon *daemon;
	struct aside *aside;
	struct alp_lists *lists;
	struct list_words words; /* texts are ours: a reload replaces the configuration */
	struct event *timer;     /* of the feed; NULL: the rules get no matters from here */
	int64_t feed_every_s;
	struct list_body *fed;   /* handed over last; NULL: none was yet */
	struct list_body *next;  /* to be handed over when that is done */
	bool feeding, closing;
	struct matters_put put;
};

/* --- matters for the rules -------------------------------------------------------------------------------------------------------- */

static void
trim(char *text)
{
	size_t len = strlen(text), from = 0;

	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	while (isspace((unsigned char)text[from]))
		from++;
	memmove(text, text + from, len - from + 1);
}

/* On a store thread. */
static int
read_matters(struct matter_page *page, void *arg)
{
	const struct daemon_lists *l = arg;
	size_t count = list_body_count(l->fed);

	for (size_t i = 0; i < count; i++) {
		const struct list_matter *m = list_body_matter(l->fed, i);
		struct matter_row *row = matter_page_add(page);

		row->code = xstrdup(m->code);
		row->name = xstrdup(m->name);
		row->client = xstrdup(m->client);
		row->is_open = m->is_open;
		trim(row->code);
	}
	return 0;
}

static void hand_over(struct daemon_lists *l);

static void
handed_over(int error, void *arg)
{
	struct daemon_lists *l = arg;

	l->feeding = false;
	if (error < 0)
		log_event(EV_MATTERS_NOT_FED, LOG_ERRNO(error));
	else if (l->put.changed)
		log_event(EV_MATTERS_FED, LOG_I64("COUNT", l->put.listing.matters), LOG_I64("LEFT", l->put.left_out));
	matters_put_release(&l->put);
	if (l->next != NULL && l->daemon->life <= LIFE_SERVING)
		hand_over(l);
}

static void
hand_over(struct daemon_lists *l)
{
	list_body_unref(l->fed);
	l->fed = TAKE_PTR(l->next);
	l->put = MATTERS_PUT_INIT;
	l->put.read = read_matters;
	l->put.leave_out = l->put.of_alp = true;
	l->feeding = true;
	app_matters_put(l->daemon->app, &l->put, handed_over, l);
}

static void
feed(struct daemon_lists *l, struct list_body *body)
{
	const struct list_body *last = l->next != NULL ? l->next : l->fed;

	if (body == last)
		return;
	list_body_unref(l->next);
	l->next = list_body_ref(body);
	if (!l->feeding)
		hand_over(l);
}

static void
on_changed(enum alp_list list, const char *id, struct list_body *body, void *arg)
{
	struct daemon_lists *l = arg;

	(void)id;
	if (list == ALP_MATTERS && l->timer != NULL && !l->closing)
		feed(l, body);
}

static void
on_matters(const struct list_result *result, void *arg)
{
	struct daemon_lists *l = arg;
	struct timeval tv = {.tv_sec = result->failure == ALP_FINE ? l->feed_every_s : FEED_RETRY_S};

	if (l->closing)
		return;
	if (result->failure == ALP_FINE)
		feed(l, result->body);
	evtimer_add(l->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct daemon_lists *l = arg;

	(void)fd;
	(void)what;
	(void)alp_lists_get(l->lists, ALP_MATTERS, "", on_matters, l);
}

static void
begin_feed(struct daemon_lists *l, const struct daemon *d)
{
	if (!d->config->alp.feed_matters)
		return;
	l->feed_every_s = d->config->cache.matters_fresh_s;
	l->timer = evtimer_new(d->base, on_timer, l);
	evtimer_add(l->timer, &(struct timeval){0});
}

/* --- the lists ---------------------------------------------------------------------------------------------------------------------- */

static void
set_words(struct daemon_lists *l, const struct config *c)
{
	char **closed = xcalloc(c->alp.closed_words.count + 1, sizeof *closed);

	for (size_t i = 0; i < c->alp.closed_words.count; i++)
		closed[i] = xstrdup(c->alp.closed_words.items[i]);
	l->words = (struct list_words){
	    .id = xstrdup(c->alp.id_field),
	    .code = xstrdup(c->alp.matter_code_field),
	    .name = xstrdup(c->alp.matter_name_field),
	    .client = xstrdup(c->alp.matter_client_field),
	    .status = xstrdup(c->alp.matter_status_field),
	    .closed = (const char *const *)closed,
	};
}

/* The words are constant to all but us. */
static void
free_text(const void *text)
{
	free((void *)(uintptr_t)text);
}

static void
release_words(struct list_words *w)
{
	for (const char *const *closed = w->closed; closed != NULL && *closed != NULL; closed++)
		free_text(*closed);
	free_text(w->closed);
	free_text(w->id);
	free_text(w->code);
	free_text(w->name);
	free_text(w->client);
	free_text(w->status);
}

static void
on_redis(bool well, void *arg)
{
	const struct daemon_lists *l = arg;

	if (well)
		log_event(EV_REDIS_BACK, LOG_STR("ADDRESS", l->daemon->config->cache.redis));
	else
		log_event(EV_REDIS_LOST, LOG_STR("ADDRESS", l->daemon->config->cache.redis));
}

static int
make_cache(const struct daemon *d, struct daemon_lists *l, struct cache **ret_cache)
{
	const struct config *c = d->config;
	struct cache_redis_options o = {
	    .base = d->base,
	    .address = c->cache.redis,
	    .prefix = c->cache.redis_prefix,
	    .near_bytes = (size_t)(c->cache.memory_mb * MIB),
	    .near_ms = c->cache.redis_near_ms,
	    .deadline_ms = c->cache.redis_timeout_ms,
	    .keep_ms = MAX_OF(c->cache.if_error_s + c->cache.revalidate_s, 60) * 1000,
	    .aside = l->aside,
	    .words = &l->words,
	    .dress = &alp_dress,
	    .health = on_redis,
	    .health_arg = l,
	};

	if (c->cache.backend == CACHE_REDIS) {
		/* What is sealed by it is sealed for who has ALP's key, and for nobody else. */
		cache_seal_key_make(str_of(c->alp.url), secret_expose(d->alp_key), &o.seal);
		return cache_redis_new(&o, ret_cache);
	}
	*ret_cache = cache_memory_new((size_t)(c->cache.memory_mb * MIB));
	return 0;
}

static void
set_policy(struct alp_lists_options *o, const struct config *c)
{
	const int64_t fresh_s[ALP_LISTS] = {
	    [ALP_MATTERS] = c->cache.matters_fresh_s,
	    [ALP_OUTCOMES] = c->cache.outcomes_fresh_s,
	    [ALP_COMPONENTS] = c->cache.components_fresh_s,
	    [ALP_USERS] = c->cache.users_fresh_s,
	    [ALP_GST_TYPES] = c->cache.gst_types_fresh_s,
	};

	for (size_t i = 0; i < ALP_LISTS; i++)
		o->policy[i] = (struct list_policy){fresh_s[i] * 1000, c->cache.revalidate_s * 1000, c->cache.if_error_s * 1000};
	o->patience_ms = c->cache.patience_ms;
	o->pause_ms = c->cache.pause_ms;
}

static int
make_lists(struct daemon *d, struct daemon_lists *l)
{
	struct alp_lists_options o = {
	    .base = d->base,
	    .alp = d->alp,
	    .ask = alp_list,
	    .cancel = alp_cancel,
	    .aside = l->aside,
	    .now_ms = clock_real_ms,
	    .words = &l->words,
	    .dress = &alp_dress,
	    .changed = on_changed,
	    .changed_arg = l,
	};
	int r = make_cache(d, l, &o.cache);

	if (r < 0)
		return r;
	set_policy(&o, d->config);
	l->lists = alp_lists_new(&o);
	return 0;
}

int
daemon_start_lists(struct daemon *d)
{
	struct daemon_lists *l;
	int r;

	if (d->alp == NULL)
		return 0;
	l = xcalloc(1, sizeof *l);
	l->daemon = d;
	set_words(l, d->config);
	r = aside_new(d->base, &l->aside);
	if (r == 0)
		r = make_lists(d, l);
	if (r < 0) {
		daemon_lists_free(l);
		return r;
	}
	begin_feed(l, d);
	d->alp_lists = l;
	return 0;
}

struct alp_lists *
daemon_lists(const struct daemon *d)
{
	return d->alp_lists != NULL ? d->alp_lists->lists : NULL;
}

void
daemon_lists_stop(struct daemon_lists *l)
{
	if (l == NULL)
		return;
	l->closing = true;
	l->aside = aside_free(l->aside);
	l->lists = alp_lists_free(l->lists);
}

struct daemon_lists *
daemon_lists_free(struct daemon_lists *l)
{
	if (l == NULL)
		return NULL;
	daemon_lists_stop(l);
	if (l->timer != NULL)
		event_free(l->timer);
	list_body_unref(l->fed);
	list_body_unref(l->next);
	release_words(&l->words);
	free(l);
	return NULL;
}
