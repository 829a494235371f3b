/* SPDX-License-Identifier: Apache-2.0 */
/* sync.h - a posting that is in ALP, and a listing of ALP's: what is known of it then.
 *
 *   - seen is believed, also in half a listing; missing only where a listing is complete, and was begun after we last knew of it
 *   - deleted is what ALP marks so, and what two complete listings do not have, some time apart
 *   - one that shows again under its id is back
 *   - what it says otherwise than we posted makes it `changed`, unless it is invoiced or written off, which says more
 *   - a status word that nobody told us changes nothing
 *   - another entry with its reference is never deleted time: somebody has to look
 *
 * Pure: `now` and random bits are arguments. Ownership: sync_decision_release(). Threads: any.
 */
#ifndef RTALP_APP_SYNC_H
#define RTALP_APP_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alp/alp_entry.h"
#include "app/post_body.h"
#include "app/sync_options.h"
#include "store/posting.h"

struct sync_input {
	const struct posting_row *posting; /* posted or gone */
	const struct post_fields *ours;
	const struct alp_entries *listed;  /* of its user, and of more days than its own */
	bool in_notes;                     /* references stand in notes too */
	bool complete;
	int64_t asked_ms;                  /* when the listing was begun */
	int64_t missing_ms;
};

#define SYNC_DELETED   "alp_deleted"   /* ALP says so */
#define SYNC_MISSING   "alp_missing"   /* ALP does not list it any more */
#define SYNC_BACK      "alp_back"      /* ALP lists it again */
#define SYNC_TWICE     "twice_in_alp"  /* another entry of ALP's bears its reference too */
#define SYNC_ELSEWHERE "elsewhere_in_alp" /* another one bears it, and its own is not listed */

struct sync_decision {
	enum posting_state state;         /* posted or gone */
	enum posting_alp_state alp_state;
	bool seen;                        /* listed[at] is it */
	size_t at;
	char *differences;                /* of the seen one; JSON or NULL */
	int64_t missed, missed_ms;
	const char *code;                 /* why the state is another; NULL: it is not */
	const char *look;                 /* SYNC_TWICE, SYNC_ELSEWHERE: why somebody has to look; NULL: nobody */
	size_t other;                     /* listed[other] is the one */
	bool strange;                     /* its status is a word that we do not know */
};
struct sync_decision sync_decide(const struct sync_input *in);
void sync_decision_release(struct sync_decision *d);

/* What ALP says of an entry that it has: never NONE, never DELETED unless it says so; `before` where the word is not known. */
enum posting_alp_state sync_alp_state(const struct alp_entry *entry, const char *differences, enum posting_alp_state before);

/* When to look again at one that was just looked at; INT64_MAX: never. Up to a tenth later than it has to be, by chance. */
int64_t sync_next_ms(const struct sync_options *o, const struct posting_row *p, int64_t now_ms, uint64_t random);

/* Does the entry bear it: in its own field, or in its notes? */
bool sync_bears_reference(const struct alp_entry *entry, const char *reference, bool in_notes);

#endif
