/* SPDX-License-Identifier: Apache-2.0 */
/* alp.h - the practice-management system, in its own words: what can be asked of it, over HTTP, and what its answers mean.
 *
 * Paths, paging, names of fields and capabilities are options, because ALP's API is only partly known. Only reads are tried again here, a few
 * times, with pauses; what becomes of a post is the outbox's business. A breaker (breaker.h) keeps calls from an ALP that does not answer.
 * Every call ends by `done`, once, later, on the loop; a call given up by alp_cancel() does not.
 *
 * Ownership: answers are borrowed for the call of `done`, which may take texts out of them by setting the member NULL. Threads: the loop's.
 */
#ifndef RTALP_ALP_ALP_H
#define RTALP_ALP_ALP_H

#include <event2/event.h>

#include "alp/alp_entry.h"
#include "base/macro.h"
#include "base/secret.h"

struct alp;
struct alp_call;

enum alp_list { ALP_MATTERS, ALP_OUTCOMES, ALP_COMPONENTS, ALP_USERS, ALP_GST_TYPES, ALP_LISTS };

struct alp_options; /* alp_options.h */
int alp_new(struct event_base *base, const struct alp_options *options, struct alp **ret_alp) _must_check_;
struct alp *alp_free(struct alp *alp); /* accepts NULL; calls under way end without `done` */
const struct alp_can *alp_can(const struct alp *alp);
void alp_cancel(struct alp_call *call); /* accepts NULL */

/* Why a read brought nothing. */
enum alp_failure {
	ALP_FINE,
	ALP_UNREACHABLE, /* or it does not answer: the breaker is open */
	ALP_TIMEOUT,
	ALP_KEY_REFUSED, /* 401, 403 */
	ALP_MISSING,     /* 404 */
	ALP_BUSY,        /* 429, 503 with Retry-After */
	ALP_UNREADABLE   /* an answer that is not what it should be */
};

struct alp_list_answer {
	enum alp_failure failure;
	int status;             /* of HTTP; 0: there was none */
	int64_t retry_after_ms; /* 0: not said */
	bool unchanged;         /* 304: what the caller has of that etag is right */
	char etag[128];         /* ALP's, of the first page of a list of one page; "": none */
	char *items;            /* a JSON array of all pages' objects, as they came */
	size_t items_bytes, item_count;
	char detail[256];       /* for people; no secrets */
};
typedef void (*alp_list_fn)(struct alp_list_answer *answer, void *arg);
/* id: of the matter or the outcome whose list it is; "" where there is none. etag: NULL or the one that is had already. NULL: no memory of why, `done` comes. */
struct alp_call *alp_list(struct alp *alp, enum alp_list list, const char *id, const char *etag, alp_list_fn done, void *arg);

struct alp_entries_answer {
	enum alp_failure failure;
	int status;
	int64_t retry_after_ms;
	bool complete;          /* every page came, and none contradicts another */
	struct alp_entries entries;
	char detail[256];
};
typedef void (*alp_entries_fn)(struct alp_entries_answer *answer, void *arg);
/* The user's entries of these days, both included; -EOPNOTSUPP as failure ALP_MISSING where ALP cannot. */
struct alp_call *alp_entries(struct alp *alp, int64_t user_id, day_t from, day_t to, alp_entries_fn done, void *arg);

/* What became of a post. Only NOT_SENT, BUSY, KEY_REFUSED and REJECTED say that ALP made no entry of this request. */
enum alp_posted {
	ALP_POSTED,          /* `entry` is what it made */
	ALP_POST_NOT_SENT,   /* no byte of it can have arrived */
	ALP_POST_BUSY,       /* 429 */
	ALP_POST_KEY_REFUSED, /* 401, 403 */
	ALP_POST_REJECTED,   /* 400, 404, 409, 422: `status` */
	ALP_POST_UNKNOWN     /* everything else: it may be there */
};
struct alp_post_answer {
	enum alp_posted posted;
	int status;
	int64_t retry_after_ms;
	struct alp_entry entry; /* of ALP_POSTED */
	char *text;             /* what ALP said, at most 16 KiB; NULL: nothing */
	char detail[256];
};
typedef void (*alp_post_fn)(struct alp_post_answer *answer, void *arg);
/* body: the JSON that is stored; it goes out as it is, and never a second time. */
struct alp_call *alp_post(struct alp *alp, const char *body, size_t body_bytes, const char *idempotency_key, alp_post_fn done, void *arg);

#endif
