/* SPDX-License-Identifier: Apache-2.0 */
/* poster.h - carries postings to ALP: asks the outbox what is due (app/posting.h), asks ALP what it has where that is needed, sends what the outbox let
 * go, and brings back what came of it. It decides nothing about a posting: only when to ask.
 *
 * While ALP cannot be reached, refuses the key or says that it is busy, nothing is asked, for a while that grows. An answer that cannot be stored is
 * tried again every second; until then the posting stays `sending`, and after a crash it is unknown.
 *
 * Threads: the loop's. Ownership: poster_free() after the store delivered everything, and before the alp is freed.
 */
#ifndef RTALP_DAEMON_POSTER_H
#define RTALP_DAEMON_POSTER_H

#include <event2/event.h>
#include <stddef.h>

#include "alp/alp.h"
#include "app/app.h"

struct poster;

struct poster_options {
	struct event_base *base;
	struct app *app;
	struct alp *alp;
	__typeof__(alp_post) *post;       /* alp_post, or in tests another that keeps its promises; so the others */
	__typeof__(alp_entries) *entries;
	__typeof__(alp_cancel) *cancel;
	bool lists_entries;
	size_t sends_max;                 /* postings at once that are listed for or sent */
	int64_t pause_ms, pause_max_ms;   /* after ALP could not be reached, or was busy */
	int64_t key_pause_ms, key_pause_max_ms; /* after it refused the key */
};

struct poster *poster_new(const struct poster_options *options);
struct poster *poster_free(struct poster *p); /* accepts NULL */
void poster_wake(struct poster *p);           /* there may be something to do */

/* Sends nothing more; `idle` runs once nothing is under way. poster_abort() leaves alone what still is: it is unknown at the next start. */
void poster_drain(struct poster *p, void (*idle)(void *arg), void *arg);
void poster_abort(struct poster *p);

#endif
