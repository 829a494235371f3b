/* SPDX-License-Identifier: Apache-2.0 */
/* import_internal.h - what the files of import.h share. Threads: the store's, inside a transaction. */
#ifndef RTALP_APP_IMPORT_INTERNAL_H
#define RTALP_APP_IMPORT_INTERNAL_H

#include "app/import.h"
#include "app/internal.h"

/* An entry of the prototype: a draft, what was submitted of it, or both. */
struct import_claim {
	struct import_line *draft, *processed; /* NULL: there is none */
	char hash[SOURCE_HASH_TEXT_MAX];       /* our name for it */
	size_t at;                             /* in the list of entries; SIZE_MAX: it is in none */
	bool submitted;                        /* it becomes a confirmed entry */
	bool wanted;                           /* it is written */
	bool fresh;                            /* it was not here before */
	int64_t recorded;                      /* seconds of the rows that it gets */
	size_t rows;                           /* how many match it, whether it gets them or not */
};

/* What of the claim counts most. */
static inline struct import_line *
claim_line(const struct import_claim *claim)
{
	return claim->processed != NULL ? claim->processed : claim->draft;
}

struct importing {
	struct txn *txn;
	const struct op *op;
	struct import_day *v;
	struct day_row day;
	bool is_new_day;             /* there is no row of it yet */
	bool known;                  /* something is recorded of the day, or was once */
	bool keeps_out;              /* the user wants something kept out */
	struct activity_list rows;
	struct entry_list entries;   /* those of the day, then new ones */
	size_t stored;               /* how many of them were there */
	int64_t *recorded;           /* by entry */
	bool *changed;               /* by entry */
	struct units_policy policy;
	struct import_claim *claims;
	size_t claim_count, wanted;
	size_t *claim_of_row;        /* by row; IMPORT_NO_NAME */
	bool *row_moves;             /* by row */
};

static inline void
import_say(struct import_line *line, enum import_outcome outcome, const char *reason)
{
	if (line == NULL)
		return;
	line->outcome = outcome;
	line->reason = reason;
}

/* import_rows.c: says of each line of a recorded row what became of it, and loads the rows that there are then. */
int import_take_rows(struct importing *i);
/* Why nothing else is taken of the day. */
const char *import_refusal_of_rows(const struct importing *i);

/* import_words.c: pure. */

/* A new entry of the claim, as the machine would have made it. */
void import_entry(const struct import_claim *claim, int64_t now_ms, struct entry_row *entry);
/* What a person decided about it. */
void import_decide(const struct import_claim *claim, const struct units_policy *policy, int64_t now_ms, struct entry_row *entry);

/* import_posting.c */

/* A claim whose entry is confirmed: what keeps it from being sent from here. */
int txn_import_posting(struct txn *txn, const struct op *op, const struct actor *actor, struct import_claim *claim, const struct entry_row *entry);

#endif
