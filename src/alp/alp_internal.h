/* SPDX-License-Identifier: Apache-2.0 */
/* alp_internal.h - what the files of alp.h share. Threads: the loop's. */
#ifndef RTALP_ALP_ALP_INTERNAL_H
#define RTALP_ALP_ALP_INTERNAL_H

#include <sys/queue.h>

#include "alp/alp.h"
#include "alp/alp_options.h"
#include "alp/breaker.h"
#include "alp/web.h"
#include "base/buf.h"

#define ALP_URL_MAX ((size_t)4096)

/* --- alp_page.c: pages as they come, pure -------------------------------------------------------------------------------------- */

struct alp_pages {
	const struct alp_options *options;
	struct buf items;      /* of max_bytes at most: "[", objects, commas; closed by alp_pages_close() */
	size_t item_count, page_count, full_pages; /* full: with an item */
	uint64_t *ids;         /* hashes, to see that none stands twice */
	size_t id_count;
	uint64_t last_page;    /* hash of its bytes */
	bool contradicts;      /* a page came again, or an item did */
	char etag[128];        /* of the first page */
	bool more_hinted;      /* it had a Link to another one */
};
void alp_pages_init(struct alp_pages *pages, const struct alp_options *options, size_t max_bytes);
void alp_pages_release(struct alp_pages *pages);

/* Takes the items of a page over. -EBADMSG: it is no list; -E2BIG: they are too large together. */
int alp_pages_add(struct alp_pages *pages, const struct web_answer *page, size_t *ret_count);
/* Where the next page is. `url` is the list's without paging, `current` the last one's. 1: there; 0: that was all; -EPROTO: a Link that leads elsewhere. */
int alp_pages_next(const struct alp_pages *pages, const char *url, const char *current, const char *link_next, size_t last_count, char **ret_url);
char *alp_pages_first_url(const struct alp_pages *pages, const char *url);
/* Closes the array, and looks whether an item stands twice. */
void alp_pages_close(struct alp_pages *pages);
bool alp_pages_same_ids(const struct alp_pages *a, const struct alp_pages *b); /* both closed */
/* Does the etag of the first page say that the list is the same? */
bool alp_pages_etag_holds(const struct alp_pages *pages);

/* --- alp_entry.c ----------------------------------------------------------------------------------------------------------------- */

/* -EBADMSG: no object, or without an id that can be one. */
int alp_entry_parse(const struct alp_options *options, struct str object, struct alp_entry *ret_entry);

/* --- calls ----------------------------------------------------------------------------------------------------------------------- */

TAILQ_HEAD(alp_calls, alp_call);

struct alp {
	struct event_base *base;
	struct web *web;
	struct alp_options options; /* its texts are ours */
	struct breaker breaker;
	struct alp_calls calls;
	struct probe *probe; /* under way; NULL: none */
};

/* What a read brought, whatever was read. */
struct read_end {
	enum alp_failure failure;
	int status;
	int64_t retry_after_ms;
	bool unchanged;
	bool complete;
	char detail[256];
};

struct alp_call {
	struct alp *alp;
	TAILQ_ENTRY(alp_call) link;
	struct web_call *web;     /* under way; NULL: none */
	int64_t ticket;           /* of the breaker, for that one */
	struct event *timer;      /* a pause */
	void *arg;

	/* A read. */
	struct event *deadline;
	char *url, *page_url, *etag;
	int64_t tries;            /* of this page */
	bool twice;               /* several pages are read again, to see that they hold still */
	struct alp_pages pages, before;
	void (*ended)(struct alp_call *call, struct read_end *end);
	alp_list_fn list_done;
	alp_entries_fn entries_done;
	int64_t user_id;
	day_t from, to;

	/* A post. */
	alp_post_fn post_done;
	int64_t wait_ms;          /* refused by the breaker */
};

struct alp_call *alp_call_new(struct alp *alp, void *arg);
void alp_call_free(struct alp_call *call); /* and what is under way of it */
void alp_call_pause(struct alp_call *call, int64_t ms, event_callback_fn then);

/* Of the breaker: false, it refuses. */
bool alp_enter(struct alp_call *call);
/* Tells it what became of the call, which is over. */
void alp_leave(struct alp_call *call, const struct web_answer *answer);

void alp_read_begin(struct alp_call *call);
/* Addresses; the caller frees. */
char *alp_list_url(const struct alp_options *options, enum alp_list list, const char *id);
char *alp_entries_url(const struct alp_options *options); /* where they are made */
char *alp_entries_list_url(const struct alp_options *options, int64_t user_id, day_t from, day_t to);

/* probe.c */
void alp_probe_give_up(struct alp *alp);

#endif
