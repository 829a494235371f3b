/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/alp.h"

#include <stdlib.h>

#include "alp/alp_internal.h"
#include "base/alloc.h"
#include "base/clock.h"

/* --- options, which have texts ------------------------------------------------------------------------------------------------- */

#define TEXT(member) offsetof(struct alp_options, member)

static const size_t texts[] = {
    TEXT(url),
    TEXT(ca_file),
    TEXT(user_agent),
    TEXT(paths[ALP_MATTERS]),
    TEXT(paths[ALP_OUTCOMES]),
    TEXT(paths[ALP_COMPONENTS]),
    TEXT(paths[ALP_USERS]),
    TEXT(paths[ALP_GST_TYPES]),
    TEXT(entries_path),
    TEXT(user_parameter),
    TEXT(from_parameter),
    TEXT(to_parameter),
    TEXT(page_parameter),
    TEXT(offset_parameter),
    TEXT(size_parameter),
    TEXT(items_field),
    TEXT(entry_field),
    TEXT(id_field),
    TEXT(reference_field),
    TEXT(status_field),
    TEXT(date_field),
    TEXT(user_field),
    TEXT(component_field),
    TEXT(units_field),
    TEXT(rate_field),
    TEXT(billable_type_field),
    TEXT(gst_type_field),
    TEXT(description_field),
    TEXT(notes_field),
    TEXT(open_words),
    TEXT(invoiced_words),
    TEXT(written_off_words),
    TEXT(deleted_words),
};

static char **
text_at(struct alp_options *options, size_t i)
{
	return (char **)(void *)((char *)options + texts[i]);
}

static void
own_texts(struct alp_options *options)
{
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		const char *text = *text_at(options, i);

		*text_at(options, i) = xstrdup(text != NULL ? text : "");
	}
}

static void
free_texts(struct alp_options *options)
{
	for (size_t i = 0; i < ELEMENTSOF(texts); i++)
		free(*text_at(options, i));
}

/* --- calls --------------------------------------------------------------------------------------------------------------------- */

struct alp_call *
alp_call_new(struct alp *alp, void *arg)
{
	struct alp_call *call = xcalloc(1, sizeof *call);

	call->alp = alp;
	call->arg = arg;
	TAILQ_INSERT_TAIL(&alp->calls, call, link);
	return call;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

void
alp_call_free(struct alp_call *call)
{
	TAILQ_REMOVE(&call->alp->calls, call, link);
	if (call->web != NULL) {
		breaker_given_up(&call->alp->breaker, call->ticket, clock_mono_ms());
		web_cancel(call->web);
	}
	free_event(call->timer);
	free_event(call->deadline);
	alp_pages_release(&call->pages);
	alp_pages_release(&call->before);
	free(call->url);
	free(call->page_url);
	free(call->etag);
	free(call);
}

void
alp_call_pause(struct alp_call *call, int64_t ms, event_callback_fn then)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	free_event(call->timer);
	call->timer = evtimer_new(call->alp->base, then, call);
	event_add(call->timer, &tv);
}

void
alp_cancel(struct alp_call *call)
{
	if (call != NULL)
		alp_call_free(call);
}

bool
alp_enter(struct alp_call *call)
{
	int64_t now_ms = clock_mono_ms();

	call->ticket = breaker_enter(&call->alp->breaker, now_ms);
	call->wait_ms = call->ticket == 0 ? breaker_wait_ms(&call->alp->breaker, now_ms) : 0;
	return call->ticket != 0;
}

/* Trials that fail in between are not told. */
static void
tell_change(const struct alp *alp, enum breaker_state before)
{
	const struct breaker *b = &alp->breaker;

	if (alp->options.silent == NULL || b->state == before)
		return;
	if (before == BREAKER_CLOSED)
		alp->options.silent(breaker_wait_ms(b, clock_mono_ms()), alp->options.silent_arg);
	else if (b->state == BREAKER_CLOSED)
		alp->options.silent(0, alp->options.silent_arg);
}

/* One that waited too long in our own queue says nothing of ALP; an answer that was read says that it is well, if it does not say otherwise. */
void
alp_leave(struct alp_call *call, const struct web_answer *answer)
{
	struct breaker *b = &call->alp->breaker;
	enum breaker_state before = b->state;

	call->web = NULL;
	if (answer->outcome == WEB_ANSWERED && answer->status < 500 && answer->status != 408)
		breaker_good(b, call->ticket);
	else if (answer->queued_out)
		breaker_given_up(b, call->ticket, clock_mono_ms());
	else
		breaker_bad(b, call->ticket, clock_mono_ms());
	tell_change(call->alp, before);
}

/* --- the whole ----------------------------------------------------------------------------------------------------------------- */

int
alp_new(struct event_base *base, const struct alp_options *options, struct alp **ret_alp)
{
	struct web_options web_options = {
	    .max_under_way = options->max_connections,
	    .queue_timeout_ms = options->queue_timeout_ms,
	    .connect_timeout_ms = options->connect_timeout_ms,
	    .answer_timeout_ms = options->answer_timeout_ms,
	    .body_max_bytes = options->list_max_bytes,
	    .ca_file = options->ca_file,
	    .user_agent = options->user_agent,
	    .bearer = options->key,
	};
	struct alp *alp = xcalloc(1, sizeof *alp);
	int r = web_new(base, &web_options, &alp->web);

	if (r < 0) {
		free(alp);
		return r;
	}
	alp->base = base;
	alp->options = *options;
	own_texts(&alp->options);
	alp->breaker = (struct breaker){
	    .failures_max = options->breaker_failures,
	    .open_ms = options->breaker_open_ms,
	    .open_max_ms = options->breaker_open_max_ms,
	};
	TAILQ_INIT(&alp->calls);
	*ret_alp = alp;
	return 0;
}

struct alp *
alp_free(struct alp *alp)
{
	if (alp == NULL)
		return NULL;
	alp_probe_give_up(alp);
	while (!TAILQ_EMPTY(&alp->calls))
		alp_call_free(TAILQ_FIRST(&alp->calls));
	web_free(alp->web);
	free_texts(&alp->options);
	free(alp);
	return NULL;
}

const struct alp_can *
alp_can(const struct alp *alp)
{
	return &alp->options.can;
}
