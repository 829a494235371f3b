/* SPDX-License-Identifier: Apache-2.0 */
/* app.h - the product's verbs, as the front end calls them.
 *
 * Every verb is a struct with an "in" and an "out" half. The caller fills "in", hands the struct over, and gets `done(r, arg)` once, later,
 * on the loop's thread: r is 0 with "out" filled, or a negative errno with the meaning written at the verb. What changes anything is
 * committed and synced before `done` runs. Every verb may also give
 *   -ENOSPC  the disk is full (503, try later)       -EIO  the store failed (503, the daemon is about to stop)
 *   -EEXIST  it was asked before under the same key: `once` says what to answer (only with `once` set)
 *
 * Ownership: the verb struct belongs to the caller but must stay until `done`; "out" is released by the verb's _release(), which accepts a
 * zeroed one. Pointers in "in" must stay valid until `done`. Threads: the loop's.
 */
#ifndef RTALP_APP_APP_H
#define RTALP_APP_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "app/posting_options.h"
#include "app/sync_options.h"
#include "base/actor.h"
#include "base/box.h"
#include "base/day.h"
#include "base/secret.h"
#include "base/webhook_url.h"
#include "base/zone.h"
#include "queue/pace.h"
#include "rules/units.h"
#include "store/activity.h"
#include "store/entry.h"
#include "store/job.h"
#include "store/store.h"
#include "store/user.h"

struct app;
struct once; /* once.h */

typedef void (*app_done_fn)(int r, void *arg);

/* What the daemon does for the verbs; calls upwards go through here only. */
struct app_hooks {
	void (*wake)(void *arg);                                     /* there may be a job to run */
	void (*kill_run)(void *arg, int64_t job_id, int32_t run);    /* end the worker of that run, now */
	void *arg;
};

struct app_options {
	struct store *store;
	struct app_hooks hooks;
	int64_t max_live_jobs;          /* more are refused with -EDQUOT */
	char default_zone[ZONE_NAME_MAX];
	struct units_policy units;
	struct pace pace;
	struct posting_options posting;
	struct sync_options sync;
	int64_t single_user_id;         /* 0: none */
	bool single_user_has_key;       /* app_set_keeper() says */
	struct webhook_policy webhooks;
	int64_t webhook_rotation_ms;    /* how long the secret before signs besides */
	struct {
		const char *directory;  /* borrowed until the next options */
		int64_t keep, bytes_per_second;
	} backup;
	struct {
		int64_t jobs_ms, answers_ms, messages_ms, raw_days; /* 0: for ever */
	} retention;
	bool posting_held;              /* at the start: the store was put back, and nobody let posting go on */
	day_t doubtful_until;           /* of days up to that, time may be in ALP without our knowing (store/restore.h); -1: none */
};

struct app *app_new(const struct app_options *options);
struct app *app_free(struct app *app); /* accepts NULL */
/* Settings that a reload may change: max_live_jobs, default_zone, units, pace, posting, sync, webhook_rotation_ms, backup, retention. */
void app_reconfigure(struct app *app, const struct app_options *options);

/* What is known of the keeper (workers/keeper.h): whom keys are sealed to, what it can open. Copied; holds until it is said anew. */
struct app_keeper {
	struct box_public to;
	bool lasting;              /* its keys will be there again after a restart */
	size_t count;
	unsigned char ids[BOX_KEYS_MAX][BOX_ID_BYTES]; /* of all its keys, the newest first */
	struct box single_user;    /* the single user's key; none if there is none */
	struct box_public beside;  /* the key in the file beside the store, which opens webhooks' secrets only */
	bool has_beside;
};
void app_set_keeper(struct app *app, const struct app_keeper *keeper);

/* Which keys there are, and how much is sealed to each: what a rotation asks. */
#define KEY_STATUS_MAX 32
struct key_status_row {
	unsigned char key_id[BOX_ID_BYTES];
	bool newest;               /* what comes is sealed to it */
	bool held;                 /* the keeper has it; else what is sealed to it is lost */
	bool lasting;              /* it will be there again */
	int64_t jobs;              /* that wait or run with a key sealed to it */
	int64_t webhooks;          /* whose secret, or that before while it signs, is sealed to it */
};
struct key_status {
	struct app_keeper keeper;  /* filled in */
	/* out */
	struct key_status_row rows[KEY_STATUS_MAX]; /* the keeper's first, the newest first */
	size_t count;
};
void app_key_status(struct app *app, struct key_status *v, app_done_fn done, void *arg);

/* A wrong value that only the store or the clock could show; belongs to r == -EINVAL. Static strings. */
struct app_fault {
	const char *field;   /* such as "target_date" */
	const char *type;    /* machine-readable, such as "date_in_future" */
	const char *message; /* for people */
};

/* --- jobs ------------------------------------------------------------------------------------------------------------ */

/* Accepts a fetch. -EINVAL: `fault` says what; -EDQUOT: the queue is full (429); -ENOKEY: no key given and none configured for the user. */
struct fetch_submit {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	int64_t alp_user_id;
	struct secret *key;        /* taken over, freed even on failure: sealed at once, and wiped; NULL: the single user's */
	int32_t days;              /* 1..31, counted back from target_day; 0: from_day..to_day are given */
	day_t target_day;          /* -1: today in the user's zone */
	day_t from_day, to_day;    /* -1: not given */
	int32_t priority;
	bool process;
	const char *time_zone;     /* remembered for the user; NULL: keep what we know */
	/* out */
	struct job_row job;
	bool coalesced;            /* a queued job of the same user and days took this wish over */
	struct box sealed;         /* the key; what is stored */
	int64_t pruned_days;       /* days of it that stay as they are, because their rows were removed for good; not all of them */
	struct app_fault fault;
};
void app_fetch_submit(struct app *app, struct fetch_submit *v, app_done_fn done, void *arg);
void fetch_submit_release(struct fetch_submit *v);

/* Runs the rules over stored days. -EINVAL, -EDQUOT as above. */
struct process_submit {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	int64_t alp_user_id;
	bool all_unprocessed;      /* every day whose rows changed since its last processing; else the range, whatever its state */
	day_t from_day, to_day;
	bool by_date;              /* the range was given as one date */
	int32_t priority;
	/* out */
	struct job_row job;
	bool coalesced;
	int64_t pruned_days;       /* as above */
	bool paused;               /* the kind is: nobody takes the job before somebody lets it go on */
	struct app_fault fault;
};
void app_process_submit(struct app *app, struct process_submit *v, app_done_fn done, void *arg);
void process_submit_release(struct process_submit *v);

/* -ENOENT if there is no such job, or it is another user's and alp_user_id is not 0. */
struct job_get {
	int64_t job_id;
	int64_t alp_user_id;       /* 0: whoever's */
	/* out */
	struct job_row job;
	struct job_history history;
};
void app_job_get(struct app *app, struct job_get *v, app_done_fn done, void *arg);
void job_get_release(struct job_get *v);

struct job_query {
	struct job_filter filter;
	bool count;
	/* out */
	struct job_list list;
	int64_t total;             /* with count: of all pages together */
};
void app_job_query(struct app *app, struct job_query *v, app_done_fn done, void *arg);
void job_query_release(struct job_query *v);

/* Queued: cancelled at once. Running: its worker is killed and the job becomes cancelled when that is sure; until then it is running
 * with cancel_requested. -ENOENT; -EALREADY if it is over. */
struct job_cancel {
	int64_t job_id;
	int64_t alp_user_id;       /* 0: whoever's */
	/* out */
	struct job_row job;
};
void app_job_cancel(struct app *app, struct job_cancel *v, app_done_fn done, void *arg);
void job_cancel_release(struct job_cancel *v);

/* Queues a failed, cancelled or key_lost job again, attempts counted from nothing. -ENOENT; -EALREADY if it is live or succeeded;
 * -ENOKEY for a fetch without a key; -EDQUOT. */
struct job_retry {
	struct once *once;         /* NULL: as often as asked for */
	int64_t job_id;
	int64_t alp_user_id;       /* 0: whoever's */
	struct secret *key;        /* taken over, as above; NULL: the single user's */
	/* out */
	struct job_row job;
	struct box sealed;
};
void app_job_retry(struct app *app, struct job_retry *v, app_done_fn done, void *arg);
void job_retry_release(struct job_retry *v);

/* Tells when a job is over, or when a user has no live job (job_id 0), or when the time has passed: r is 0 or -ETIMEDOUT.
 * No "out". The returned handle may be given to app_wait_cancel() until `done` ran; `done` does not run then. */
struct app_wait;
struct app_wait *app_wait(struct app *app, int64_t job_id, int64_t alp_user_id, int64_t timeout_ms, app_done_fn done, void *arg);
void app_wait_cancel(struct app *app, struct app_wait *w);

/* Pausing a kind lets running jobs end and starts no more. */
struct queue_control {
	enum job_kind kind;
	bool set_paused;           /* false: only ask */
	bool paused;
	struct once *once;         /* with set_paused; NULL: as often as asked for */
	/* out */
	struct kind_counts counts;
	int64_t now_ms;            /* when they were counted */
};
void app_queue_control(struct app *app, struct queue_control *v, app_done_fn done, void *arg);

/* --- entries --------------------------------------------------------------------------------------------------------- */

struct entry_query {
	struct entry_filter filter;
	/* NULL: none. Makes something of the list with the `arg` of `done`, on the store's thread, so that the loop need not: must touch nothing
	 * that the loop may change meanwhile. Not called after an error. */
	void (*render)(void *arg);
	/* out */
	struct entry_list list;
};
void app_entry_query(struct app *app, struct entry_query *v, app_done_fn done, void *arg);
void entry_query_release(struct entry_query *v);

/* -ENOENT as with jobs. */
struct entry_get {
	int64_t entry_id;
	int64_t alp_user_id;       /* 0: whoever's */
	/* out */
	struct entry_row entry;
};
void app_entry_get(struct app *app, struct entry_get *v, app_done_fn done, void *arg);
void entry_get_release(struct entry_get *v);

/* A person's edit. A field that is set to its null value goes back to the machine. -ENOENT; -ESTALE if the revision is not the one
 * named (412); -EPERM if the entry is submitted (409: revert it first). */
enum edit { EDIT_KEEP, EDIT_SET, EDIT_RESET };
struct entry_edit {
	struct actor actor;        /* who does it */
	int64_t entry_id;
	int64_t alp_user_id;       /* 0: whoever's */
	int64_t if_revision;       /* 0: any */
	enum edit application, description, units, matter, notes;
	const char *application_value;
	const char *description_value;
	int64_t units_tenths_value;
	const char *matter_value;  /* "": there is none */
	const char *notes_value;
	enum entry_status status;  /* ENTRY_PENDING, ENTRY_IGNORED; 0: keep */
	/* out */
	struct entry_row entry;
};
void app_entry_edit(struct app *app, struct entry_edit *v, app_done_fn done, void *arg);
void entry_edit_release(struct entry_edit *v);

/* --- confirming ------------------------------------------------------------------------------------------------------ */

enum confirm_refusal {
	CONFIRM_OTHER_DAY = 1, /* what was sent is of another day than the draft */
	CONFIRM_OTHER_SOURCE,  /* or of another draft */
	CONFIRM_IGNORED,
	CONFIRM_WITHDRAWN,
	CONFIRM_POSTING        /* it is in ALP, or may be, or is on its way there: `lock` says how */
};

/* What its posting makes of an entry that is to be confirmed anew or reverted. */
enum entry_lock {
	ENTRY_FREE,
	ENTRY_POSTING,     /* it is in ALP, or may be, or is on its way there */
	ENTRY_INVOICED,    /* and it stands in an invoice */
	ENTRY_WRITTEN_OFF  /* and it was written off */
};

/* A person says that a draft is right, as it is sent here: its seconds, units and words are frozen, and the machine changes none of them any more. One
 * that is confirmed already gets the words and units that are sent; its seconds stay. What is not given is as the draft shows it.
 * -ENOENT; -ESTALE if if_revision is another than the entry's; -EPERM: `refusal` says why. */
struct entry_confirm {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	struct actor actor;        /* who does it */
	int64_t entry_id;
	int64_t alp_user_id;       /* 0: whoever's */
	int64_t if_revision;       /* 0: any */
	day_t day;                 /* -1: not checked */
	const char *source_hash;   /* NULL: not checked */
	const char *application, *description;
	int64_t units_tenths;      /* -1: not given */
	const char *matter;        /* "": there is none */
	const char *notes;         /* "": there are none */
	/* out */
	enum confirm_refusal refusal;
	enum entry_lock lock;      /* of CONFIRM_POSTING */
	bool created;              /* it was not confirmed before */
	struct entry_row entry;
};
void app_entry_confirm(struct app *app, struct entry_confirm *v, app_done_fn done, void *arg);
void entry_confirm_release(struct entry_confirm *v);

/* Takes that back: the entry is a draft again, with what was confirmed as the fields that a person touched. As good on one that is pending.
 * -ENOENT; -ESTALE; -EPERM if it is ignored or withdrawn. */
struct entry_revert {
	struct actor actor;        /* who does it */
	int64_t entry_id;
	int64_t alp_user_id;       /* 0: whoever's */
	int64_t if_revision;       /* 0: any */
	/* out */
	enum entry_lock lock;      /* -EPERM: why, unless it is free */
	struct entry_row entry;
};
void app_entry_revert(struct app *app, struct entry_revert *v, app_done_fn done, void *arg);
void entry_revert_release(struct entry_revert *v);

/* --- reports and users ----------------------------------------------------------------------------------------------- */

/* report.h has the reports. */

struct user_get {
	int64_t alp_user_id;
	/* out; a user we know nothing of has created_ms 0 and the default zone */
	struct user_row user;
	day_t today;               /* in the user's zone */
	char *privacy;             /* lines (rules/privacy.h) */
};
void app_user_get(struct app *app, struct user_get *v, app_done_fn done, void *arg);
void user_get_release(struct user_get *v);

struct user_put {
	int64_t alp_user_id;
	const char *time_zone;     /* valid by zone_valid(); NULL: back to the default */
	const char *privacy;       /* lines that privacy_own() takes; NULL: what holds goes on holding. No day that was sifted by other lines is stored
				    * after `done` */
	bool if_unchanged;         /* only if updated_ms is the one named; else -ESTALE (412) */
	int64_t if_updated_ms;     /* 0: nothing is known of the user */
	/* out */
	struct user_row user;
	day_t today;
	char *privacy_now;
	bool created;
};
void app_user_put(struct app *app, struct user_put *v, app_done_fn done, void *arg);
void user_put_release(struct user_put *v);

/* What was asked, recognizable but not readable: for struct once. */
void app_fingerprint(const struct app *app, const struct str *parts, size_t count, unsigned char ret_hash[FINGERPRINT_BYTES]);

/* --- keeping what was read -------------------------------------------------------------------------------------------- */

/* Rises whenever something changed of what is shown of a user, before whoever changed it is answered. */
uint64_t app_version(const struct app *app, int64_t alp_user_id);
/* Inside a read verb's `done`: is what it read of that user still what there is? It is for as long as app_version() stays what it is. */
bool app_keepable(const struct app *app, int64_t alp_user_id);

/* Is the store there? For readiness: a round trip through a reader and a writer thread. */
void app_probe(struct app *app, app_done_fn done, void *arg);

const char *app_default_zone(const struct app *app);
int64_t app_single_user(const struct app *app); /* 0: none */
bool app_has_key(const struct app *app);        /* the single user's */

#endif
