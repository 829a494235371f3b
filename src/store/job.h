/* SPDX-License-Identifier: Apache-2.0 */
/* job.h - the jobs table, its history and the turns, inside a transaction.
 *
 * Invariants (held by the functions here, checked by store_check in the tests):
 *   - every change of state goes through txn_job_transition(), which writes one row of history in the same transaction; that it was
 *     created is said by the job itself and comes first when its history is read
 *   - turns has one row per (user, lane) that ever had a job; its `busy_job` is the job that holds the turn, and due/priority
 *     summarise the queued jobs of kinds that are not paused; both are refreshed in the transaction that changes a job
 *   - `run` grows at every claim and never shrinks; a finished job has finished_ms and no turn
 *   - the numbers of queued and running jobs of each kind are kept as counters, so that back-pressure and metrics cost no scan
 *
 * Ownership: a struct job_row owns its strings; job_row_release() accepts a zeroed one. Threads: the store's.
 */
#ifndef RTALP_STORE_JOB_H
#define RTALP_STORE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/box.h"
#include "base/day.h"
#include "queue/kind.h"
#include "store/store.h"

/* The numbers are stored. */
enum job_state { JOB_QUEUED = 1, JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED, JOB_CANCELLED, JOB_KEY_LOST };
const char *job_state_name(enum job_state state);

struct job_row {
	int64_t job_id;      /* global, never reused */
	int64_t alp_user_id;
	enum job_kind kind;
	enum job_state state;
	int32_t priority;
	int64_t run_at_ms;   /* real time; not before */
	int64_t created_ms, updated_ms;
	int64_t started_ms;  /* of the last run; 0: never ran */
	int64_t finished_ms; /* 0: not finished */
	int32_t run;         /* grows at every claim; fences late results */
	int32_t attempts;    /* failures of the job itself */
	int32_t crashes;     /* deaths of its worker among them */
	day_t from_day, to_day;
	day_t next_day;      /* fetch: the newest day not stored yet; below from_day when all are */
	int32_t days_done;
	bool process;        /* fetch: its entries are wanted too */
	bool only_unprocessed; /* process: leave days alone whose rows did not change */
	bool waiting;        /* fetch: running, but all stored; its turn is free, its process job decides */
	bool rows_seen;      /* fetch: some day of it had rows */
	bool cancel_requested;
	int64_t parent_job;  /* process: the fetch job that waits for it, or 0 */
	char *error_code;    /* of the last failure; NULL: none. Kept on a queued job that waits for its retry */
	char *error_detail;
	const struct box *key; /* for txn_job_insert() only, borrowed: the user's key, sealed. No other function reads or writes it */
};

#define JOB_ROW_INIT ((struct job_row){0})
void job_row_release(struct job_row *job);

struct job_history_row {
	int64_t at_ms;
	enum job_state from_state; /* 0: was created */
	enum job_state to_state;
	int32_t run;
	char *code; /* why, or NULL */
	char *detail;
};

struct job_list {
	struct job_row *rows;
	size_t count;
};
void job_list_release(struct job_list *list);

struct job_history {
	struct job_history_row *rows;
	size_t count;
};
void job_history_release(struct job_history *history);

/* Inserts in state queued with a fresh job_id, written back into *job. */
int txn_job_insert(struct txn *txn, struct job_row *job);
int txn_job_get(struct txn *txn, int64_t job_id, struct job_row *ret_job);          /* -ENOENT */
/* The queued job of that user, kind and exact range, the oldest if there are several. -ENOENT. For a process job, also the same
 * only_unprocessed and parent. Of fetches and process jobs; -EINVAL for others, -EROFS in a read: only who writes knows the queue. */
int txn_job_find_queued(struct txn *txn, const struct job_row *like, struct job_row *ret_job);
/* Every column that is not state or identity, from *job. -ESTALE if the row is not in job->state. */
int txn_job_update(struct txn *txn, const struct job_row *job);
/* The one way a state changes: sets job->state, times and columns, writes the row, its history (code and detail may be NULL), the turn
 * and the counters.
 * running takes the turn of (user, lane); every other state gives it back if this job held it.
 *
 * job->run grows on the way to running; started_ms, finished_ms and updated_ms follow now_ms. code and detail become error_code and
 * error_detail on the way to failed and key_lost, and to queued if job->attempts was raised (a failure, not a daemon's restart); success
 * clears them. Everything else in *job is written as it stands.
 *
 * Asked before anything is written: -EINVAL from a state to itself, or from a finished one to any but queued; -ESTALE if the row is not in
 * job->state any more; -EBUSY for running while another job holds the turn. */
int txn_job_transition(struct txn *txn, struct job_row *job, enum job_state to, int64_t now_ms, const char *code, const char *detail);
/* Gives the turn back while the job stays running (a fetch that waits for its process job). */
int txn_job_release_turn(struct txn *txn, const struct job_row *job);
/* The user's key that the job was sent with, sealed. -ENOENT: it has none, or is over. txn_job_transition() removes it with the job's end, in its
 * statement. `key` NULL removes it before that; -ENOENT if there is no such live job. */
int txn_job_key_get(struct txn *txn, int64_t job_id, struct box *ret_key);
int txn_job_key_set(struct txn *txn, int64_t job_id, const struct box *key);
/* In the place of `old` only. */
int txn_job_key_replace(struct txn *txn, int64_t job_id, const struct box *old, const struct box *fresh);
/* Those of jobs in that state, by job_id, from behind `after_job`. */
struct job_key_row {
	int64_t job_id, alp_user_id;
	struct box key;
};
int txn_job_keys(struct txn *txn, enum job_state state, int64_t after_job, struct job_key_row *ret_rows, size_t max, size_t *ret_count);
/* How many of them are sealed to each key. */
struct job_key_count {
	unsigned char key_id[BOX_ID_BYTES];
	int64_t jobs;
};
int txn_job_key_counts(struct txn *txn, enum job_state state, struct job_key_count *ret_counts, size_t max, size_t *ret_count);
int txn_job_history(struct txn *txn, int64_t job_id, struct job_history *ret_history);
/* Live child of a fetch job (queued or running process job whose parent it is). -ENOENT. */
int txn_job_child(struct txn *txn, int64_t alp_user_id, int64_t parent_job, struct job_row *ret_job);

struct job_filter {
	int64_t alp_user_id; /* 0: any */
	int32_t kind;        /* 0: any */
	uint32_t states;     /* bits 1 << enum job_state; 0: any */
	int64_t below_id;    /* newest first; only ids below this; 0: from the newest */
	int64_t limit;       /* 0: all */
};
int txn_job_list(struct txn *txn, const struct job_filter *filter, struct job_list *ret_list);
/* How many there are, wherever a page would begin and end. Walks them. */
int txn_job_count(struct txn *txn, const struct job_filter *filter, int64_t *ret_count);
int txn_job_live_count(struct txn *txn, int64_t *ret_count);

/* Turns of a lane that are free and due, in the order they should be served: priority, then the one served longest ago. For store_write(): jobs whose
 * time has come since the last call raise their turn's priority here (at most 256 turns a call). -EROFS in a read. */
struct turn {
	int64_t alp_user_id;
	enum lane lane;
	int64_t pace_arrival_ms; /* queue/pace.h */
};
int txn_turns_due(struct txn *txn, enum lane lane, int64_t now_ms, size_t max, struct turn *ret_turns, size_t *ret_count);
/* When the next free turn of that lane becomes due; INT64_MAX if none waits. */
int txn_turns_next_due(struct txn *txn, enum lane lane, int64_t *ret_due_ms);
/* The job whose turn it would be: due, not paused, by priority, turn order, due time, id. -ENOENT if none is due; -EROFS in a read. */
int txn_turn_head(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms, struct job_row *ret_job);
/* The same among some kinds only: bits 1 << enum job_kind. */
int txn_turn_head_of(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t now_ms, uint32_t kinds, struct job_row *ret_job);
/* Free turns that have a due job of that kind, the one that waits longest first; a user with several may come several times. For when not
 * every kind may be taken, so that jobs of the others, however many, do not stand in the way. */
int txn_turns_due_of(struct txn *txn, enum job_kind kind, int64_t now_ms, size_t max, struct turn *ret_turns, size_t *ret_count);
/* The clock was set back: queued jobs that were to run after now_ms do so that much earlier. */
int txn_jobs_shift_due(struct txn *txn, int64_t now_ms, int64_t by_ms);
int txn_turn_set_pace(struct txn *txn, int64_t alp_user_id, enum lane lane, int64_t pace_arrival_ms);

int txn_kind_set_paused(struct txn *txn, enum job_kind kind, bool paused);
/* 1: it is; 0; -errno. */
int txn_kind_paused(struct txn *txn, enum job_kind kind);
struct kind_counts {
	enum job_kind kind;
	bool paused;
	int64_t queued, running;
	int64_t oldest_due_ms; /* run_at of the queued job that waits longest; 0: none */
};
int txn_kind_counts(struct txn *txn, enum job_kind kind, struct kind_counts *ret_counts);

/* Removes finished jobs older than that and their history. Returns how many, or -errno. */
int txn_job_prune(struct txn *txn, int64_t finished_before_ms, int64_t max);

#endif
