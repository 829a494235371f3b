/* SPDX-License-Identifier: Apache-2.0 */
/* What ALP's lists say of time that is to be posted. What they do not say is ALP's to judge. */
#include "http/res_post_check.h"

#include <event2/event.h>
#include <stdio.h>

#include "alp/lists.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "http/server_internal.h"

#define PATIENCE_MS    1500      /* for lists that nobody has asked for yet; then what is recorded is ALP's to judge */
#define GOOD_AGE_MS    60000     /* a copy that is older is asked for anew before something is unknown */
#define LATEST_ZONE    "Pacific/Kiritimati" /* where a day begins first */
#define ID_TEXT_MAX    24

/* One thing that must stand on a list. */
struct fact {
	enum alp_list list;
	const char *list_id;
	char id[ALP_ID_MAX];
	const char *field, *type, *message;
};
#define FACTS_MAX 5

static void
add_fact(struct fact *facts, size_t *count, enum alp_list list, const char *list_id, const char *field, const char *type, const char *message)
{
	facts[(*count)++] = (struct fact){.list = list, .list_id = list_id, .field = field, .type = type, .message = message};
}

static void
add_number(struct fact *facts, size_t *count, enum alp_list list, const char *list_id, int64_t id, const char *field, const char *type,
    const char *message)
{
	if (id == POST_NONE)
		return;
	add_fact(facts, count, list, list_id, field, type, message);
	snprintf(facts[*count - 1].id, sizeof facts[0].id, "%lld", (long long)id);
}

static size_t
facts_of(const struct post_facts *p, struct fact facts[FACTS_MAX])
{
	size_t count = 0;

	add_number(facts, &count, ALP_USERS, "", p->user_id, "user_id", "unknown_user", "is no user of ALP's");
	add_number(facts, &count, ALP_GST_TYPES, "", p->gst_type, "gst_type", "unknown_gst_type", "is not on ALP's list");
	if (p->matter_id != NULL) {
		add_fact(facts, &count, ALP_MATTERS, "", "matter_id", "unknown_matter", "is no matter of ALP's");
		snprintf(facts[count - 1].id, sizeof facts[0].id, "%s", p->matter_id);
	}
	if (p->matter_id != NULL && p->outcome_id != NULL) {
		add_fact(facts, &count, ALP_OUTCOMES, p->matter_id, "outcome_id", "not_of_the_matter", "is no outcome of that matter");
		snprintf(facts[count - 1].id, sizeof facts[0].id, "%s", p->outcome_id);
	}
	if (p->outcome_id != NULL)
		add_number(facts, &count, ALP_COMPONENTS, p->outcome_id, p->component_id, "matter_component_id", "not_of_the_outcome",
		    "is no component of that outcome");
	return count;
}

static bool
ids_are_good(const struct post_facts *p)
{
	return (p->matter_id == NULL || alp_id_ok(p->matter_id)) && (p->outcome_id == NULL || alp_id_ok(p->outcome_id));
}

void
post_facts_check(struct http_request *r, const struct post_facts *p, post_fault_fn fault, void *arg)
{
	struct alp_lists *lists = r->server != NULL ? r->server->alp_lists : NULL;
	struct fact facts[FACTS_MAX];
	size_t count;

	if (p->matter_id != NULL && !alp_id_ok(p->matter_id))
		fault(arg, "matter_id", "bad_id", "is no id of ALP's");
	if (p->outcome_id != NULL && !alp_id_ok(p->outcome_id))
		fault(arg, "outcome_id", "bad_id", "is no id of ALP's");
	if (lists == NULL || !ids_are_good(p))
		return;
	count = facts_of(p, facts);
	for (size_t i = 0; i < count; i++) {
		struct list_peek peek = {0};
		enum list_known known = alp_lists_peek(lists, facts[i].list, facts[i].list_id, facts[i].id, &peek);

		if (known == LIST_UNKNOWN && peek.age_ms <= GOOD_AGE_MS)
			fault(arg, facts[i].field, facts[i].type, facts[i].message);
		else if (known == LIST_KNOWN && !peek.is_open)
			fault(arg, facts[i].field, "matter_closed", "is closed");
	}
}

bool
post_day_is_future(day_t day)
{
	day_t latest;

	return zone_day(LATEST_ZONE, clock_real_ms(), &latest) == 0 && day > latest;
}

/* --- having the lists ---------------------------------------------------------------------------------------------------------- */

struct having {
	struct http_request *request;
	void (*done)(struct http_request *r, void *arg);
	void *arg;
	unsigned pending;    /* lists that are asked for, and the one who asks */
	bool over;           /* `done` was called */
	struct event *timer;
};

static void
over(struct having *h)
{
	if (h->over)
		return;
	h->over = true;
	h->done(h->request, h->arg);
}

static void
one_less(struct having *h)
{
	if (--h->pending > 0)
		return;
	if (h->timer != NULL)
		event_free(h->timer);
	h->timer = NULL;
	over(h);
	free(h);
}

static void
on_got(const struct list_result *result, void *arg)
{
	(void)result;
	one_less(arg);
}

static void
on_impatient(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	over(arg);
}

static void
have(struct having *h, struct alp_lists *lists, const struct fact *fact)
{
	struct list_peek peek = {0};
	enum list_known known = alp_lists_peek(lists, fact->list, fact->list_id, fact->id, &peek);
	int r = 0;

	if (known == LIST_KNOWN || (known == LIST_UNKNOWN && peek.age_ms <= GOOD_AGE_MS))
		return;
	h->pending++;
	r = known == LIST_UNKNOWN ? alp_lists_refresh(lists, fact->list, fact->list_id, on_got, h) :
				    alp_lists_get(lists, fact->list, fact->list_id, on_got, h);
	if (r < 0)
		h->pending--;
}

void
post_facts_have(struct http_request *r, const struct post_facts *items, size_t count, void (*done)(struct http_request *r, void *arg), void *arg)
{
	struct having *h = xcalloc(1, sizeof *h);
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000, .tv_usec = PATIENCE_MS % 1000 * 1000};
	struct alp_lists *lists = r->server != NULL ? r->server->alp_lists : NULL;

	*h = (struct having){.request = r, .done = done, .arg = arg, .pending = 1};
	for (size_t i = 0; lists != NULL && i < count; i++) {
		struct fact facts[FACTS_MAX];
		size_t facts_count = ids_are_good(&items[i]) ? facts_of(&items[i], facts) : 0;

		for (size_t k = 0; k < facts_count; k++)
			have(h, lists, &facts[k]);
	}
	if (h->pending > 1) {
		h->timer = event_new(r->server->base, -1, 0, on_impatient, h);
		event_add(h->timer, &patience);
	}
	one_less(h);
}
