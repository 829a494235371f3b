/* SPDX-License-Identifier: Apache-2.0 */
/* run.h - the verbs of the dispatcher: take jobs, hand results in, end runs. The conventions are those of app.h.
 *
 * Fencing: every result names job and run. -ESTALE if that run is not the one in progress; nothing was changed then.
 */
#ifndef RTALP_APP_RUN_H
#define RTALP_APP_RUN_H

#include "app/app.h"
#include "proto/rowset.h"
#include "queue/retry.h"
#include "store/rule_set.h"

/* Takes due jobs: each becomes running, with a new run number and its user's turn. */
struct run_claim {
	size_t max;
	uint32_t kinds;           /* bits 1 << enum job_kind that may be taken now */
	/* out */
	struct job_list jobs;
	int64_t next_due_ms;      /* when a job that waits becomes due; INT64_MAX: none waits */
};
void app_run_claim(struct app *app, struct run_claim *v, app_done_fn done, void *arg);
void run_claim_release(struct run_claim *v);

/* What a fetch run needs besides its job: the key, sealed, and what the user wants kept out of the days. */
struct run_needs {
	int64_t job_id;
	int64_t alp_user_id;
	/* out */
	struct box key;           /* none: there is none */
	char *privacy;            /* lines (rules/privacy.h) */
};
void app_run_needs(struct app *app, struct run_needs *v, app_done_fn done, void *arg);
void run_needs_release(struct run_needs *v);

/* A fetched day arrived: the day's rows are replaced, its process job queued, the fetch moves on to the day before. */
struct run_fetched {
	int64_t job_id;
	int32_t run;
	day_t day;
	struct rowset *grain;     /* taken over */
	int64_t bytes_replaced;
	int64_t excluded_seconds; /* what privacy rules kept out of it */
	const char *privacy;      /* the user's own of them; borrowed until done */
	/* out */
	bool pruned;              /* the day's rows were removed for good: it stays as it is */
	bool unsifted;            /* the user wants other things kept out by now: nothing was stored */
	bool changed;             /* its rows are others than before */
	bool doubted;             /* empty although we have rows: they stay */
	size_t rows;
	int64_t seconds;
};
void app_run_fetched(struct app *app, struct run_fetched *v, app_done_fn done, void *arg);
void run_fetched_release(struct run_fetched *v);

/* The days a process run has to look at, at the 5-minute grain; at most RUN_DAYS_MAX of them. -EBADMSG: the stored rows of a day are damaged. */
#define RUN_DAYS_MAX 62
struct run_day_input {
	day_t day;
	int64_t generation;
	struct rowset *grain;
};
struct run_input {
	int64_t job_id;
	/* out */
	struct run_day_input *days;
	size_t count;
	int64_t pruned;           /* days left out, because their rows were removed for good */
};
void app_run_input(struct app *app, struct run_input *v, app_done_fn done, void *arg);
void run_input_release(struct run_input *v);

struct group_names;
/* A day's verdicts arrived: they are merged into the entries. -EBADMSG if they are not on its rows. */
struct run_verdict {
	int64_t job_id;
	int64_t alp_user_id;
	int32_t run;
	const struct run_day_input *judged; /* borrowed until done */
	struct rowset *verdicts;  /* taken over */
	struct rule_set rules;    /* what judged; borrowed until done; first_ms is not looked at */
	const char *matters_version; /* of the list of matters it knew; NULL or "": none. Borrowed until done */
	struct units_policy units; /* of those rules */
	/* filled in */
	bool is_of_rows;          /* they are on the rows that were judged */
	struct group_names *names;
	/* out */
	bool outdated;            /* the rows changed meanwhile; nothing was merged */
	size_t entries_changed;
};
void app_run_verdict(struct app *app, struct run_verdict *v, app_done_fn done, void *arg);
void run_verdict_release(struct run_verdict *v);

/* A run ended. Success may leave the job running (a fetch that waits for its process job) or queue it again (days are left). */
struct run_end {
	int64_t job_id;
	int32_t run;
	bool success;
	bool again;               /* success, but some day was outdated: once more, at no cost */
	enum job_outcome outcome; /* of a failure */
	int64_t retry_after_ms;
	const char *code;         /* of a failure; borrowed until done */
	const char *detail;
	/* out */
	struct job_row job;
	struct job_row parent;    /* job_id 0, or the fetch job that ended with it */
	int64_t delay_ms;         /* of a job that is queued again */
};
void app_run_end(struct app *app, struct run_end *v, app_done_fn done, void *arg);
void run_end_release(struct run_end *v);

/* The keeper is another one (app_set_keeper()): queued fetches whose key it cannot open end as key_lost. Those that run are told by the keeper. */
struct key_check {
	struct app_keeper keeper;  /* filled in */
	/* out */
	struct job_list lost;
};
void app_key_check(struct app *app, struct key_check *v, app_done_fn done, void *arg);
void key_check_release(struct key_check *v);

/* Keys of live jobs, or webhooks' secrets, that are sealed to an older key than the newest: a page at a time, to be sealed anew. Of jobs, those that the keeper
 * can open; what it says of a webhook's is waited for. */
#define KEY_OUTDATED_MAX 64
struct key_outdated {
	bool of_webhooks;          /* whose number and owner is the webhook's then; or of jobs: */
	enum job_state state;      /* JOB_QUEUED or JOB_RUNNING */
	int64_t after_job;         /* moves on */
	struct app_keeper keeper;  /* filled in */
	/* out */
	struct job_key_row rows[KEY_OUTDATED_MAX];
	size_t count;
	bool over;                 /* there is no further page */
};
void app_key_outdated(struct app *app, struct key_outdated *v, app_done_fn done, void *arg);

/* -ENOENT: the job is over, or the webhook deleted, or it has another key by now. */
struct key_replace {
	bool of_webhook;
	int64_t job_id;            /* or the webhook's */
	struct box old, fresh;
};
void app_key_replace(struct app *app, struct key_replace *v, app_done_fn done, void *arg);

/* Once, at start: running jobs of the last daemon go back to the queue at no cost; fetches whose key the keeper cannot open end as key_lost. */
struct recovery {
	struct app_keeper keeper; /* filled in */
	/* out */
	int64_t requeued;
	struct job_list lost;
	int64_t postings;         /* that were being sent: nobody knows what became of them */
};
void app_recover(struct app *app, struct recovery *v, app_done_fn done, void *arg);
void recovery_release(struct recovery *v);

/* Housekeeping: finished jobs older than keep_ms go. */
struct prune {
	int64_t keep_ms;
	int64_t keep_once_ms;     /* answers to requests with a key of their own (once.h) */
	int64_t keep_messages_ms; /* to webhooks, that are over; 0: for ever */
	/* out */
	int64_t removed;          /* of all */
	int64_t jobs, answers, messages, checks;
};
void app_prune(struct app *app, struct prune *v, app_done_fn done, void *arg);

/* Housekeeping: titles of days that lie more than keep_days back go; a few days at a time, the oldest first. */
struct prune_raw {
	int64_t keep_days;
	/* out */
	int64_t days;             /* how many were pruned; there may be more */
};
void app_prune_raw(struct app *app, struct prune_raw *v, app_done_fn done, void *arg);

/* The real-time clock was set back by that much: jobs that were due, or are soon, are not to wait until it has caught up. */
void app_clock_set_back(struct app *app, int64_t by_ms);

/* Ends the waits whose time has passed. Returns how long until the next one ends, or -1. Units: monotonic milliseconds. */
int64_t app_tick(struct app *app, int64_t mono_ms);

#endif
