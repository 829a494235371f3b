/* SPDX-License-Identifier: Apache-2.0 */
/* post_internal.h - what the files of the outbox's verbs share. Threads: the store's, inside a transaction. */
#ifndef RTALP_APP_POST_INTERNAL_H
#define RTALP_APP_POST_INTERNAL_H

#include "alp/alp_entry.h"
#include "app/internal.h"
#include "app/posting.h"
#include "store/notice.h"

/* The problem of one that ALP refused. */
#define POSTING_REFUSED "alp_refused"
/* And of one that was submitted before this service was there: it is never sent from here. */
#define POSTING_IMPORTED "imported_submitted"

/* And of one that ALP says it took, under an id or a reference that cannot be its own. */
#define POSTING_ID_OF_ANOTHER "id_of_another"
#define POSTING_ID_OF_BEFORE  "id_of_before"
#define POSTING_REFERENCE_OF_ANOTHER "reference_of_another"

/* Nothing is wrong with it any more, and nothing is to be decided. */
void posting_clear_problem(struct posting_row *p);

/* What ALP can do for this one: it may have been made before ALP was known to keep references, or under another name of theirs. */
struct alp_can posting_can(const struct posting_options *o, const struct posting_row *p);

/* Tells webhooks. */
int txn_posting_tell(struct txn *txn, int64_t now_ms, const struct posting_row *p, enum notice_type type);

/* 1: it could not be looked for as long as one waits for that, and a person is asked; 0: not yet. */
int txn_posting_give_up(struct txn *txn, const struct op *op, struct posting_row *p);

/* Is one that was posted on its day a while ago not in that listing, complete as it may seem? */
int txn_posting_misses(struct txn *txn, const struct op *op, const struct posting_row *p, const struct alp_entries *listed, bool *ret_misses);

/* 1: the entry was posted before, that was gone, and is listed again: it is rejected; 0: nothing of it is. */
int txn_posting_refuse_again(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed);

/* Is it of a day whose postings may have been lost with the store before this one? */
bool posting_is_doubtful(const struct app_options *o, const struct posting_row *p);
/* One such that is ready. 1: nothing speaks against sending it; 0: it is adopted, or a person's to decide. listed NULL: ALP cannot list. */
int txn_posting_judge_restored(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed);

/* It is that entry of ALP's: `posted`, with what differs. */
int txn_posting_adopt(struct txn *txn, int64_t now_ms, struct posting_row *p, const struct alp_entry *entry, const char *code);

/* What reconcile() says of it by that listing, done. 1: it may be sent; 0: it may not; -errno. `last`: there is no later look. */
int txn_posting_reconcile(struct txn *txn, const struct op *op, struct posting_row *p, const struct alp_entries *listed, bool complete, bool last);

#endif
