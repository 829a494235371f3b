/* SPDX-License-Identifier: Apache-2.0 */
/* reconcile.h - a posting of which nobody knows whether it is in ALP, and a listing of ALP's: what follows. And how two entries differ.
 *
 * The promise that outranks every other stands here: it is sent again only if ALP was seen not to have it; it is ALP's entry only if it bears
 * our reference, or is new in its lane, nobody else's, the only one, and says what ours says. Everything else is for a person.
 *
 * Pure: nothing is read or written, and what ALP said is not trusted to be text. Ownership: decision_release(). Threads: any.
 */
#ifndef RTALP_APP_RECONCILE_H
#define RTALP_APP_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alp/alp_entry.h"
#include "app/post_body.h"

#define RECONCILE_SHOWN_MAX 20 /* candidates that evidence names */

enum reconcile_verdict {
	RECONCILE_ADOPT = 1, /* `at` of the listing is it */
	RECONCILE_AGAIN,     /* not seen yet */
	RECONCILE_RESEND,    /* it is not there: the same bytes may go again */
	RECONCILE_REJECT,    /* it is not there, and ALP had refused it */
	RECONCILE_PERSON     /* cannot be decided */
};

struct reconcile_input {
	const struct post_fields *ours;
	const char *reference;
	const char *preimage;             /* ids that were there before; NULL: not known */
	const struct alp_entries *listed; /* the user's, of the day before to the day after; NULL: ALP cannot list */
	const bool *taken;                /* of each listed: it is another posting's */
	struct alp_can can;
	bool in_notes;                    /* the reference stands in the notes */
	bool complete;                    /* the listing */
	bool misses;                      /* the listing: one that was posted on that day is not in it, so others need not be */
	bool last;                        /* there is no later look */
	bool refused;                     /* ALP said no to it: it is never sent again */
	bool made;                        /* ALP said yes to it, under an id that cannot be its own: nor is that */
	int64_t rivals;                   /* others of its lane that may be there under an unknown id */
};

struct reconcile_decision {
	enum reconcile_verdict verdict;
	size_t at;
	const char *code;   /* why; a constant */
	char *evidence;     /* JSON: what a person needs to see; NULL: nothing */
};
struct reconcile_decision reconcile(const struct reconcile_input *in);
/* Of one that is ready, on a day whose postings may have been lost with a store that a backup was put in the place of: ADOPT what bears its reference;
 * RESEND if nothing there can be the same time under a posting that is not known any more; else PERSON. `taken` also has what bears the reference of
 * a posting that is known. What a person ruled out is in the pre-image. */
struct reconcile_decision reconcile_restored(const struct reconcile_input *in);
#define RECONCILE_RESTORED "restored" /* its code, also in the history */
void reconcile_decision_release(struct reconcile_decision *decision);

/* Could it be of that lane? Days and components that ALP does not say could be. */
bool of_lane(const struct alp_entry *entry, int64_t component_id, day_t from, day_t to);

/* JSON: [{"field":"units","ours":2,"alp":3}] of what ALP's entry says otherwise; NULL: nothing. What it does not say does not differ. */
char *post_differences(const struct post_fields *ours, const struct alp_entry *theirs);
/* Every field that differences are looked for in was said. */
bool alp_entry_is_whole(const struct alp_entry *entry);

#endif
