/* SPDX-License-Identifier: Apache-2.0 */
#include "http/listed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alp/lists.h"
#include "base/alloc.h"
#include "http/server_internal.h"

#define PATIENCE_MS   2000
#define NOT_NEW_MS    10000 /* nothing is refused by a copy that is older */

/* One list that is being got. */
struct getting {
	struct checking *checking;
	enum alp_list list;
	char id[ALP_ID_MAX];
};

/* Freed when all that was asked for came and `done` was called: the request may be gone before. */
struct checking {
	struct http_request *request; /* not to be touched once it was called */
	struct alp_lists *lists;
	struct listed *items;
	unsigned *missing;            /* of each item, what ALP said does not exist */
	size_t count;
	size_t waiting;               /* for so many lists, and one more while asking for them */
	bool again, called;
	struct event *timer;
	void (*done)(struct http_request *r, void *arg);
	void *arg;
};

static const struct {
	unsigned fault;
	const char *field, *type, *message;
} faults[] = {
    {LISTED_USER, "user_id", "unknown_user", "is no user of ALP's"},
    {LISTED_GST, "gst_type", "unknown_gst_type", "is not on ALP's list of GST types"},
    {LISTED_MATTER, "matter_id", "unknown_matter", "is no matter of ALP's"},
    {LISTED_CLOSED, "matter_id", "closed_matter", "is a matter that is closed"},
    {LISTED_OUTCOME, "outcome_id", "unknown_outcome", "is no outcome of that matter"},
    {LISTED_COMPONENT, "matter_component_id", "unknown_component", "is no component of that outcome"},
};

void
listed_tell(const struct listed *item, void (*tell)(const char *field, const char *type, const char *message, void *arg), void *arg)
{
	for (size_t i = 0; i < ELEMENTSOF(faults); i++)
		if (item->faults & faults[i].fault)
			tell(faults[i].field, faults[i].type, faults[i].message, arg);
}

/* --- what the lists say -------------------------------------------------------------------------------------------------------- */

struct judging {
	struct alp_lists *lists;
	bool not_new; /* a copy that says no is not quite new */
};

static bool
is_not_on(struct judging *j, enum alp_list list, const char *list_id, const char *id, struct list_peek *ret_peek)
{
	struct list_peek peek = {0};
	bool missing = alp_lists_peek(j->lists, list, list_id, id, &peek) == LIST_UNKNOWN;

	j->not_new |= missing && peek.age_ms > NOT_NEW_MS;
	if (ret_peek != NULL)
		*ret_peek = peek;
	return missing;
}

static unsigned
judge_number(struct judging *j, enum alp_list list, const char *list_id, int64_t number, unsigned fault)
{
	char id[24];

	(void)snprintf(id, sizeof id, "%" PRId64, number);
	return is_not_on(j, list, list_id, id, NULL) ? fault : 0;
}

static unsigned
judge_matter(struct judging *j, const char *id)
{
	struct list_peek peek = {.is_open = true};

	if (!alp_id_ok(id) || is_not_on(j, ALP_MATTERS, "", id, &peek))
		return LISTED_MATTER;
	/* Without a copy there is nothing in it. */
	if (peek.item.p == NULL || peek.is_open)
		return 0;
	j->not_new |= peek.age_ms > NOT_NEW_MS;
	return LISTED_CLOSED;
}

static void
judge(struct judging *j, struct listed *item, unsigned missing)
{
	item->faults = missing;
	if (item->user_id > 0)
		item->faults |= judge_number(j, ALP_USERS, "", item->user_id, LISTED_USER);
	if (item->gst_type >= 0)
		item->faults |= judge_number(j, ALP_GST_TYPES, "", item->gst_type, LISTED_GST);
	if (item->matter_id != NULL)
		item->faults |= judge_matter(j, item->matter_id);
	if (item->outcome_id == NULL)
		return;
	if (!alp_id_ok(item->outcome_id) || (item->matter_id != NULL && is_not_on(j, ALP_OUTCOMES, item->matter_id, item->outcome_id, NULL)))
		item->faults |= LISTED_OUTCOME;
	if (item->component_id > 0)
		item->faults |= judge_number(j, ALP_COMPONENTS, item->outcome_id, item->component_id, LISTED_COMPONENT);
}

/* True: something is refused by a copy that may be too old for that. */
static bool
judge_all(struct checking *c)
{
	struct judging j = {.lists = c->lists};

	for (size_t i = 0; i < c->count; i++)
		judge(&j, &c->items[i], c->missing[i]);
	return j.not_new;
}

/* --- getting the lists ------------------------------------------------------------------------------------------------------------ */

static void
drop(struct checking *c)
{
	if (c->waiting == 0 && c->called) {
		event_free(c->timer);
		free(c->missing);
		free(c);
	}
}

static void
call(struct checking *c)
{
	if (!c->called) {
		c->called = true;
		evtimer_del(c->timer);
		c->done(c->request, c->arg);
	}
}

static void get_all(struct checking *c);

static void
got_all(struct checking *c)
{
	if (!c->called && judge_all(c) && !c->again) {
		c->again = true;
		get_all(c);
		return;
	}
	call(c);
	drop(c);
}

static bool
is_of(const char *asked, const struct getting *g)
{
	return asked != NULL && strcmp(asked, g->id) == 0;
}

static void
note_missing(struct checking *c, const struct getting *g)
{
	for (size_t i = 0; i < c->count; i++) {
		if (g->list == ALP_OUTCOMES && is_of(c->items[i].matter_id, g))
			c->missing[i] |= LISTED_MATTER;
		if (g->list == ALP_COMPONENTS && is_of(c->items[i].outcome_id, g))
			c->missing[i] |= LISTED_OUTCOME;
	}
}

static void
on_got(const struct list_result *result, void *arg)
{
	_cleanup_free_ struct getting *g = arg;
	struct checking *c = g->checking;

	if (result->failure == ALP_MISSING && !c->called)
		note_missing(c, g);
	if (--c->waiting == 0)
		got_all(c);
}

static void
get_one(struct checking *c, enum alp_list list, const char *id)
{
	struct getting *g = xcalloc(1, sizeof *g);

	g->checking = c;
	g->list = list;
	(void)snprintf(g->id, sizeof g->id, "%s", id);
	c->waiting++;
	if ((c->again ? alp_lists_refresh : alp_lists_get)(c->lists, list, id, on_got, g) < 0) {
		c->waiting--;
		free(g);
	}
}

static void
get_all(struct checking *c)
{
	bool gst = false, matters = false;

	memset(c->missing, 0, c->count * sizeof *c->missing);
	c->waiting++;
	get_one(c, ALP_USERS, "");
	for (size_t i = 0; i < c->count; i++) {
		const struct listed *item = &c->items[i];

		gst |= item->gst_type >= 0;
		matters |= item->matter_id != NULL;
		if (item->matter_id != NULL && item->outcome_id != NULL)
			get_one(c, ALP_OUTCOMES, item->matter_id);
		if (item->outcome_id != NULL)
			get_one(c, ALP_COMPONENTS, item->outcome_id);
	}
	if (gst)
		get_one(c, ALP_GST_TYPES, "");
	if (matters)
		get_one(c, ALP_MATTERS, "");
	if (--c->waiting == 0)
		got_all(c);
}

/* ALP takes too long: what there is of its lists has to do, and where a no would need a newer one there is none. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct checking *c = arg;

	(void)fd;
	(void)what;
	if (judge_all(c))
		for (size_t i = 0; i < c->count; i++)
			c->items[i].faults = 0;
	call(c);
}

void
listed_check(struct http_request *r, struct listed *items, size_t count, void (*done)(struct http_request *r, void *arg), void *arg)
{
	static const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	struct checking *c;

	if (r->server->alp_lists == NULL) {
		done(r, arg);
		return;
	}
	c = xcalloc(1, sizeof *c);
	*c = (struct checking){.request = r, .lists = r->server->alp_lists, .items = items, .count = count, .done = done, .arg = arg};
	c->missing = xcalloc(count, sizeof *c->missing);
	c->timer = evtimer_new(r->server->base, on_timer, c);
	evtimer_add(c->timer, &patience);
	get_all(c);
}
