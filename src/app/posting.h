/* SPDX-License-Identifier: Apache-2.0 */
/* posting.h - the verbs around the outbox: what people ask of it, and what its driver does. The conventions are those of app.h.
 *
 * The driver (daemon/poster.h) carries messages between these verbs and ALP; what may be sent is decided here, in transactions. There are no jobs of
 * postings: a row of the outbox with its next_ms is its own wake-up, and it alone says whether a byte may leave.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_APP_POSTING_H
#define RTALP_APP_POSTING_H

#include "alp/alp_entry.h"
#include "app/app.h"
#include "app/post_body.h"
#include "base/actor.h"
#include "store/posting.h"

#define POST_ITEMS_MAX 100 /* asked for at once */

/* --- asking --------------------------------------------------------------------------------------------------------------- */

enum post_refusal {
	POST_TAKEN = 0,      /* it is recorded */
	POST_NO_ENTRY,       /* there is no such entry, or it is not the caller's */
	POST_OTHER_USER,     /* user_id is not the entry's owner */
	POST_OTHER_DAY,      /* the date is not the entry's */
	POST_ENTRY_IGNORED,
	POST_ENTRY_WITHDRAWN,
	POST_WRONG,          /* it cannot be as it is: `faults`, or `unlisted` */
	POST_AGAIN           /* the same without an entry and without a key, a short while ago: `first` */
};

/* What speaks against one; all of it is told at once. */
enum post_fault {
	POST_FUTURE = 1 << 0,      /* the date is after today in the user's zone */
	POST_UNITS_OTHER = 1 << 1, /* not the units that the entry shows, and not said to be meant */
	POST_UNITS_FEW = 1 << 2,   /* less than the policy's minimum, and not what the entry shows */
	POST_VAGUE = 1 << 3,       /* the description says nothing, and such ones are refused */
};

struct post_item {
	/* in */
	struct post_fields fields;
	int64_t entry_id;          /* 0: of no entry of ours */
	bool units_meant;          /* they are a person's, whatever the entry shows */
	bool unlisted;             /* ALP's own lists speak against it: it is refused, unless it was recorded before */
	/* out */
	unsigned faults;           /* enum post_fault bits */
	enum post_refusal refusal;
	bool existed;              /* the entry has a posting already: that one it is */
	struct posting_row posting;
	int64_t first;
};

/* Records what is to be in ALP. With a draft's number it confirms the draft in the same transaction; the same entry again is the same posting. Items
 * that are refused change nothing. */
struct post_submit {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	struct actor actor;
	int64_t owner;             /* the user whose entries the caller may touch; 0: anybody's */
	struct post_item *items;   /* the caller's, with what is in them: post_submit_release() */
	size_t count;
};
void app_post_submit(struct app *app, struct post_submit *v, app_done_fn done, void *arg);
/* Only what speaks against the items, of what is known of them: a user_id, entry_id or units of 0 or a negative day is not. Records nothing. */
void app_post_look(struct app *app, struct post_submit *v, app_done_fn done, void *arg);
void post_submit_release(struct post_submit *v);

struct posting_get {
	int64_t posting_id;
	int64_t alp_user_id;       /* 0: whoever's */
	/* out */
	struct posting_row posting;
	struct posting_history history;
};
void app_posting_get(struct app *app, struct posting_get *v, app_done_fn done, void *arg); /* -ENOENT */
void posting_get_release(struct posting_get *v);

struct posting_query {
	struct posting_filter filter;
	/* out */
	struct posting_list list;
};
void app_posting_query(struct app *app, struct posting_query *v, app_done_fn done, void *arg);
void posting_query_release(struct posting_query *v);

/* A person says of one that needs that: it is in ALP under that id, or it is not there and is to be sent again. -ENOENT; -EPERM: it waits for no
 * decision, or that id is another posting's. */
struct posting_resolve {
	/* in */
	struct once *once;         /* NULL: as often as asked for */
	struct actor actor;
	int64_t posting_id;
	int64_t alp_user_id;       /* 0: whoever's */
	bool is_there;
	const char *alp_entry_id;  /* if it is */
	/* out */
	int64_t other;             /* whose it is; 0: it waits for no decision */
	struct posting_row posting;
};
void app_posting_resolve(struct app *app, struct posting_resolve *v, app_done_fn done, void *arg);
void posting_resolve_release(struct posting_resolve *v);

/* Tells when none of these postings is on its way any more, or when the time has passed, as app_wait() does. ids is copied. */
struct app_wait *app_wait_postings(struct app *app, const int64_t *ids, size_t count, int64_t timeout_ms, app_done_fn done, void *arg);

/* Is there an ALP to post to? And how long an answer waits for its. */
bool app_posting_configured(const struct app *app);
int64_t app_posting_wait_ms(const struct app *app);

/* --- the driver's --------------------------------------------------------------------------------------------------------- */

/* `due` is told on the loop when there may be something to do. NULL: nobody is. */
void app_on_postings_due(struct app *app, void (*due)(void *arg), void *arg);

/* What is to be done now. */
struct posting_due {
	int64_t after_user;        /* whose turn it was last */
	size_t send_max, look_max;
	/* out */
	struct posting_list send;  /* ready; of each lane at most one */
	struct posting_list look;  /* unknown */
	int64_t next_ms;           /* when the next is due that is not yet; INT64_MAX: none */
};
void app_posting_due(struct app *app, struct posting_due *v, app_done_fn done, void *arg);
void posting_due_release(struct posting_due *v);

/* Does a posting have to be looked for before it is sent: for its pre-image, or because it may be there already? */
bool posting_needs_listing(const struct app *app, const struct posting_row *posting);

/* These become `sending`, committed: then, and only then, each of them may be sent once. Those that may not (they moved on, their lane is busy, they
 * were found in the listing) are left out. The listing is the user's entries from the day before to the day after, complete; NULL: none needed. */
struct posting_begin {
	/* in */
	const int64_t *ids;
	size_t count;
	const struct alp_entries *listed;
	/* out */
	struct posting_list begun;
};
void app_posting_begin(struct app *app, struct posting_begin *v, app_done_fn done, void *arg);
void posting_begin_release(struct posting_begin *v);

/* How ALP answered, or that it did not. */
enum post_outcome { POST_POSTED = 1, POST_NOT_SENT, POST_BUSY, POST_KEY_REFUSED, POST_REJECTED, POST_UNKNOWN };

/* What became of one that was sent. -ESTALE: it is not that attempt any more. */
struct posting_sent {
	/* in */
	int64_t posting_id, attempt;
	enum post_outcome outcome;
	int status;                /* of HTTP; 0: none */
	int64_t retry_after_ms;
	const struct alp_entry *entry; /* of POST_POSTED */
	const char *text, *detail; /* NULL: none */
	/* out */
	struct posting_row posting;
};
void app_posting_sent(struct app *app, struct posting_sent *v, app_done_fn done, void *arg);
void posting_sent_release(struct posting_sent *v);

/* What was seen of postings that are unknown, all of one user and day. */
struct posting_looked {
	/* in */
	const int64_t *ids;
	size_t count;
	const struct alp_entries *listed; /* the user's from the day before to the day after; NULL: ALP cannot list them */
	bool complete;
	/* out */
	struct posting_list settled; /* those that are in another state now */
};
void app_posting_looked(struct app *app, struct posting_looked *v, app_done_fn done, void *arg);
void posting_looked_release(struct posting_looked *v);

/* ALP could not be asked: they wait; who waited too long, for a person. */
struct posting_put_off {
	const int64_t *ids;
	size_t count;
	int64_t for_ms;            /* 0: as long as the schedule says */
	const char *code, *detail;
	/* out */
	struct posting_list settled; /* those that are for a person now */
};
void posting_put_off_release(struct posting_put_off *v);
void app_posting_put_off(struct app *app, struct posting_put_off *v, app_done_fn done, void *arg);

#endif
