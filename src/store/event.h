/* SPDX-License-Identifier: Apache-2.0 */
/* event.h - what happened to jobs and entries, numbered in the order in which it became durable.
 *
 * An event is written in the transaction that does what it tells of: both are there after a crash, or neither. Verbs only name it; the writer
 * gives the numbers when the transaction commits, so that:
 *   - numbers follow each other without a gap, 1, 2, 3 .., and none is ever given twice
 *   - a snapshot that holds an event holds everything with a lower number, and every state those tell of
 *   - the loop is handed the events of a commit in their order, before the first completion of that commit (store_on_events())
 * The newest ones are kept (store_options.events_keep); older ones go from the old end, so what is kept has no gap either.
 *
 * An event says who and which, never what: no titles, no descriptions. Ownership: plain values. Threads: the store's, inside a transaction.
 */
#ifndef RTALP_STORE_EVENT_H
#define RTALP_STORE_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "store/job.h"

/* The numbers are stored. */
enum event_type {
	EVENT_JOB = 1,  /* a job is in `state` now */
	EVENT_PROGRESS, /* `day` of a running job is done */
	EVENT_ENTRIES,  /* entries of the user's `day` changed; job_id is 0 */
	EVENT_POSTING,  /* a posting is in `posting` now; job_id is 0 */
};
#define EVENT_TYPES_ALL (1u << EVENT_JOB | 1u << EVENT_PROGRESS | 1u << EVENT_ENTRIES | 1u << EVENT_POSTING)

#define EVENT_CODE_MAX 40

struct event_row {
	int64_t event_id;
	int64_t at_ms;
	int64_t alp_user_id;
	int64_t job_id, parent_job;
	enum event_type type;
	enum job_kind kind;
	enum job_state state;
	int32_t run;
	int32_t days_done, days_total; /* total 0: a job over whatever days there are */
	day_t day;                     /* -1: none */
	char code[EVENT_CODE_MAX];     /* why, as in the history; longer ones are cut; "": none */
	int64_t posting_id;            /* 0: it is of no posting */
	int32_t posting;               /* enum posting_state */
};

/* What a job's row says, as an event. */
void event_of_job(const struct job_row *job, enum event_type type, day_t day, int64_t at_ms, const char *code, struct event_row *ret_event);

/* Tell, in a write; the numbers come later. */
void txn_event_job(struct txn *txn, const struct job_row *job, int64_t at_ms, const char *code);
void txn_event_progress(struct txn *txn, const struct job_row *job, day_t day, int64_t at_ms);
void txn_event_entries(struct txn *txn, int64_t alp_user_id, day_t day, int64_t at_ms);
struct posting_row;
void txn_event_posting(struct txn *txn, const struct posting_row *posting, int64_t at_ms, const char *code);

struct event_list {
	struct event_row *rows;
	size_t count;
};
void event_list_release(struct event_list *list);

/* The numbers that are kept: both 0 when none is. */
int txn_event_bounds(struct txn *txn, int64_t *ret_oldest, int64_t *ret_newest);
/* Those from..to, both included, of one user (0: any) and one job (0: any). Reads every number between: the caller keeps that in bounds. */
int txn_event_list(struct txn *txn, int64_t from_id, int64_t to_id, int64_t alp_user_id, int64_t job_id, struct event_list *ret_list);
/* Is there one of that job above that number? 1, 0, -errno. */
int txn_event_after(struct txn *txn, int64_t event_id, int64_t job_id);

#endif
