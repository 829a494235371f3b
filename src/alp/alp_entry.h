/* SPDX-License-Identifier: Apache-2.0 */
/* alp_entry.h - a time entry as ALP holds it, and what came of asking for one. Plain values, for whoever decides about postings.
 *
 * ALP's ids are numbers or texts to it and texts to us. Ownership: alp_entry_release(), alp_entries_release() accept zeroed ones. Threads: any.
 */
#ifndef RTALP_ALP_ALP_ENTRY_H
#define RTALP_ALP_ALP_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"

#define ALP_ID_MAX        65 /* bytes with the NUL */
#define ALP_REFERENCE_MAX 65
#define ALP_STATUS_MAX    33
/* It is stored with a posting, and shown with it ever after. */
#define ALP_ENTRY_JSON_MAX ((size_t)64 * 1024)

/* What became of an entry in ALP, by the words of the configuration. */
enum alp_entry_state { ALP_ENTRY_OPEN = 1, ALP_ENTRY_INVOICED, ALP_ENTRY_WRITTEN_OFF, ALP_ENTRY_DELETED,
	ALP_ENTRY_OTHER /* a word that the configuration does not have: nothing is known by it */
};

#define ALP_ABSENT INT64_MIN /* the answer did not have that number, or not as one */

struct alp_entry {
	char id[ALP_ID_MAX];               /* never empty */
	char reference[ALP_REFERENCE_MAX]; /* ours, where ALP keeps one; "": none */
	enum alp_entry_state state;
	char status[ALP_STATUS_MAX];       /* the word itself, cut; "": absent */
	day_t day;                         /* -1: absent */
	int64_t user_id, component_id, units, rate, billable_type, gst_type; /* or ALP_ABSENT */
	char *description;                 /* NULL: absent */
	char *notes;                       /* NULL: absent */
	char *json;                        /* the whole object, as it came; NULL: longer than ALP_ENTRY_JSON_MAX */
};
void alp_entry_release(struct alp_entry *entry);

struct alp_entries {
	struct alp_entry *rows;
	size_t count;
};
void alp_entries_release(struct alp_entries *entries);

/* What ALP can do, as the configuration says (rtalpctl alp probe finds it out). */
struct alp_can {
	bool honours_key;    /* the same Idempotency-Key again makes no second entry */
	bool keeps_reference; /* an entry has a reference of ours, and lists show it */
	bool lists_entries;  /* by user and dates */
	bool lists_fresh;    /* one that was made is listed at once: if it is not listed, it is not there */
};

#endif
