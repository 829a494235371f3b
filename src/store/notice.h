/* SPDX-License-Identifier: Apache-2.0 */
/* notice.h - facts that others asked to be told of by webhooks: one row to deliver for each webhook that wants it, in the transaction of the fact.
 *
 * So there is the fact and what is to be told of it, or neither. A notice says who and which, never what: no titles, no descriptions. The text that is
 * sent is made here, with the fact, so that every attempt sends the same.
 * The end of a job tells itself (job_transition.c), and with it which days became ready for review.
 * Ownership: plain values, borrowed for the call. Threads: the store's.
 */
#ifndef RTALP_STORE_NOTICE_H
#define RTALP_STORE_NOTICE_H

#include <stdint.h>

#include "base/day.h"
#include "store/store.h"

/* The numbers are stored; the names are on the wire. */
enum notice_type {
	NOTICE_ENTRIES_READY = 1,    /* "entries.ready": new time is processed and ready for review: from_day..to_day, job_id */
	NOTICE_JOB_FINISHED,         /* "job.finished": job_id, kind, state, from_day..to_day */
	NOTICE_ENTRY_POSTED,         /* "entry.posted": entry_id (0: none of ours), posting_id, alp_entry_id, from_day */
	NOTICE_ENTRY_STATUS_CHANGED, /* "entry.status_changed": the same, state is what ALP says */
	NOTICE_POSTING_NEEDS_PERSON, /* "posting.needs_person": the same, state is why */
	NOTICE_TEST                  /* "webhook.test": nothing besides; txn_notice_test() */
};
#define NOTICE_TYPES_MAX 8
/* NULL for a number that is no type. */
const char *notice_type_name(int64_t type);

struct notice {
	enum notice_type type;
	int64_t at_ms;
	int64_t alp_user_id;
	int64_t job_id, entry_id, posting_id; /* 0: none */
	day_t from_day, to_day;               /* -1: none */
	const char *kind;                     /* of the job; NULL: none */
	const char *state;                    /* a word; NULL: none */
	const char *alp_entry_id;             /* NULL: none */
};

int txn_notice(struct txn *txn, const struct notice *notice);

/* To that webhook alone, whatever it wants and whether it is disabled or not. */
int txn_notice_test(struct txn *txn, int64_t webhook_id, int64_t at_ms, int64_t *ret_delivery_id);

/* A process job made the day ready for review. Told once, when the job is over, with every other day that it did. */
int txn_notice_ready_day(struct txn *txn, int64_t job_id, day_t day);

/* The job is over. */
struct job_row;
int txn_notice_job_over(struct txn *txn, const struct job_row *job, int64_t at_ms);

/* Rises with commits that had something to tell. Any thread. */
uint64_t store_notices(const struct store *s);

#endif
