/* SPDX-License-Identifier: Apache-2.0 */
/* internal.h - what the files of src/app share: the app itself and the way from a verb to the store and back.
 *
 * A verb becomes an op: it runs as a closure on a store thread, seeing only its own verb and a snapshot of the options, and comes back to the
 * loop, where `after` does what belongs to the loop (keys, wake-ups, waiters) before the caller's `done`.
 */
#ifndef RTALP_APP_INTERNAL_H
#define RTALP_APP_INTERNAL_H

#include "app/app.h"
#include "app/hub.h"
#include "app/matters.h"
#include "app/once.h"
#include "app/version.h"

struct app_wait;
struct token_book;

struct app {
	struct app_options options;
	struct app_keeper keeper;
	struct token_book *tokens;
	struct app_wait *waits; /* a list */
	struct hub *hub;
	void (*hub_behind)(void *arg); /* NULL: nobody's */
	void *hub_behind_arg;
	void (*postings_due)(void *arg); /* NULL: nobody's */
	void *postings_due_arg;
	void (*sync_due)(void *arg); /* NULL likewise */
	void *sync_due_arg;
	bool proof_wanted;
	struct versions versions;
	struct flat_matters matters;
	const struct op *completing; /* whose `done` runs */
	uint64_t bits;          /* where the next op's random bits come from */
	int64_t room_asked_ms;  /* monotonic */
	bool has_room;
	struct app_watching {
		bool under_way;
		int64_t sampled_ms, whole_ms; /* monotonic; 0: never */
		int64_t confirmed_from_ms;    /* what was confirmed before is in ALP */
		int64_t gone;                 /* postings that were, then */
	} watching;
};

struct op {
	struct app *app;
	struct app_options options; /* as they were when the verb was called: the loop may change its own meanwhile */
	int64_t now_ms;
	uint64_t random;            /* fresh bits for whoever needs some */
	struct trace trace;         /* what it changed and read */
	uint64_t version_before;    /* the highest of any user when it was handed over */
	void *verb;
	struct once *once;          /* NULL: as often as asked for */
	int (*run)(struct txn *txn, struct op *op);
	void (*after)(struct op *op, int r); /* may be NULL */
	app_done_fn done;
	void *arg;
};

/* txn_promise() of a verb that has nothing left that could refuse. One with an Idempotency-Key has its answer to keep yet, and promises nothing. */
void op_promise(struct txn *txn, const struct op *op);

/* As store_has_room(), but while there is room it asks the file system every 10 ms only. */
bool app_has_room(struct app *app);

enum op_kind { OP_READ, OP_WRITE };

void app_submit(struct app *app, enum op_kind kind, void *verb, int (*run)(struct txn *, struct op *),
    void (*after)(struct op *, int), app_done_fn done, void *arg);

/* A write that happens once; once NULL: an ordinary one. */
void app_submit_once(struct app *app, struct once *once, void *verb, int (*run)(struct txn *, struct op *),
    void (*after)(struct op *, int), app_done_fn done, void *arg);
/* once.c: in the transaction, what such a write does. */
int once_run(struct txn *txn, struct op *op);

/* keys.c: to whom webhooks' secrets are sealed: a key that will be there again. */
const struct box_public *app_keeper_of_webhooks(const struct app_keeper *keeper);

/* seal.c: seals *key for its owner into *ret_box, wipes it, and goes on with `next`; at once if there is no key. After a failure `done` gets it. */
struct seal_order {
	int64_t owner;           /* the user; or, if that is not known here, */
	int64_t of_job;          /* the job whose user it is; 0: owner says */
	struct secret **key;
	struct box *ret_box;
	void (*next)(struct app *app, void *verb, app_done_fn done, void *arg);
	void *verb;
	app_done_fn done;
	void *arg;
};
void app_seal(struct app *app, const struct seal_order *order);

/* Calls `done` with r from the loop, after the caller returned: a verb never answers before it returns. */
void app_answer_later(struct app *app, int r, app_done_fn done, void *arg);

/* events.c: from now on what is committed goes to the hub. */
void app_events_open(struct app *app);

/* The job ended or changed its state: tells those who wait. On the loop. */
void app_waits_job_over(struct app *app, int64_t job_id, int64_t alp_user_id);
void app_waits_free(struct app *app);

static inline bool
job_is_over(const struct job_row *job)
{
	return job->state != JOB_QUEUED && job->state != JOB_RUNNING;
}

/* In a transaction: the user's zone and the work day it is there now. */
int txn_user_today(struct txn *txn, const struct app_options *options, int64_t alp_user_id, int64_t now_ms, struct user_row *ret_user,
    day_t *ret_today);

/* In a transaction: the job, if it is that user's or alp_user_id is 0; else it does not exist: -ENOENT. */
int txn_job_get_owned(struct txn *txn, int64_t job_id, int64_t alp_user_id, struct job_row *ret_job);

/* In a transaction: the entry, if it is that user's or alp_user_id is 0; else it does not exist: -ENOENT. */
int txn_entry_get_owned(struct txn *txn, int64_t entry_id, int64_t alp_user_id, struct entry_row *ret_entry);

/* In a transaction: what readers are shown beside the entries of one user: likely matters, and how they stand with ALP. */
int txn_entries_show(struct txn *txn, const struct op *op, struct entry_row *entries, size_t count);

/* In a transaction: confirms as app_entry_confirm() does; what it refuses, it refuses before it writes. */
int txn_entry_confirm(struct txn *txn, const struct op *op, struct entry_confirm *v);
/* The same of app_entry_revert() and app_entry_edit(). */
int txn_entry_revert(struct txn *txn, const struct op *op, struct entry_revert *v);
int txn_entry_edit(struct txn *txn, const struct op *op, struct entry_edit *v);
/* merge_entries.c: takes an entry back that is merged into another, whose units that a person set get less by its own. -EPERM: a part of them is
 * confirmed, or nobody knows any more what was recorded for it. */
int txn_entry_unmerge(struct txn *txn, const struct op *op, const struct actor *actor, struct entry_row *entry);

/* In a transaction: no posting stands in the way of what is to become of the entry; one that is ready, and never may have been sent, is cancelled.
 * -EPERM: one does, and *ret_lock says how. */
int txn_posting_let_go(struct txn *txn, const struct op *op, const struct actor *actor, int64_t entry_id, enum entry_lock *ret_lock);

/* In a transaction: what the last daemon was sending when it ended is unknown now. */
int txn_postings_recover(struct txn *txn, const struct op *op, int64_t *ret_count);

/* A posting changed its state: tells those who wait. On the loop. */
void app_waits_posting(struct app *app, int64_t posting_id);

/* In a transaction: queues a job whose key was lost, because that is here again. 1: it did, and hands the job out; 0: nothing is to be done. */
int txn_job_key_again(struct txn *txn, const struct op *op, int64_t job_id, const struct box *key, struct job_row *ret_job);

/* In a transaction: -EDQUOT when the queue holds as many live jobs as it may. */
int txn_check_queue_room(struct txn *txn, const struct app_options *options);

#endif
