/* SPDX-License-Identifier: Apache-2.0 */
/* lists.h - ALP's lists for whoever wants one, from a copy as long as that will do.
 *
 * A copy younger than its list's `fresh_ms` is as good as ALP. One younger than `revalidate_ms` besides is given out at once while ALP is asked
 * for a newer one. An older one is given out when ALP does not answer, up to `if_error_ms`, and before ALP answers to whoever waited for
 * `patience_ms`. Without a copy one waits for ALP. ALP is asked once for any number that wait, with the ETag of the copy there is; a list that
 * ALP says does not exist (404) is forgotten. After ALP failed, `pause_ms` pass before a list is asked for again if there is a copy.
 *
 * Ownership: bodies are counted, results borrowed for the call. Threads: the loop's.
 */
#ifndef RTALP_ALP_LISTS_H
#define RTALP_ALP_LISTS_H

#include "alp/alp.h"
#include "alp/list_body.h"

struct alp_lists;
struct aside;
struct cache;

struct list_policy {
	int64_t fresh_ms, revalidate_ms, if_error_ms;
};

struct alp_lists_options {
	struct event_base *base;
	struct alp *alp;
	__typeof__(alp_list) *ask;       /* alp_list, or in tests another that keeps its promises */
	__typeof__(alp_cancel) *cancel;  /* alp_cancel likewise */
	struct cache *cache;             /* taken over by alp_lists_new() */
	struct aside *aside;             /* reads large lists; to be freed before. NULL: the loop does */
	int64_t (*now_ms)(void);         /* of the real-time clock */
	struct list_policy policy[ALP_LISTS];
	int64_t patience_ms, pause_ms;
	const struct list_words *words;  /* borrowed */
	const struct list_dress *dress;  /* static; NULL: none */
	/* A list came from ALP that is another than the copy there was. NULL: nobody wants to know. */
	void (*changed)(enum alp_list list, const char *id, struct list_body *body, void *arg);
	void *changed_arg;
};

struct alp_lists *alp_lists_new(const struct alp_lists_options *options);
/* Who waits is told ALP_UNREACHABLE. The `alp` must still be there. Accepts NULL. */
struct alp_lists *alp_lists_free(struct alp_lists *lists);

enum list_source { LIST_FRESH, LIST_STALE, LIST_FETCHED };

struct list_result {
	enum alp_failure failure;   /* not ALP_FINE: there is no body */
	enum list_source source;
	struct list_body *body;
	int64_t age_ms;             /* since ALP last said so */
	int64_t retry_after_ms;     /* of a failure; 0: not said */
	const char *detail;         /* of a failure, for people */
};
typedef void (*list_got_fn)(const struct list_result *result, void *arg);
/* Calls `got` once, perhaps at once. id: "" for lists that have none; -EINVAL for one that is no id, without a call. */
int alp_lists_get(struct alp_lists *lists, enum alp_list list, const char *id, list_got_fn got, void *arg);
/* The same, and ALP is asked whatever the copy's age. */
int alp_lists_refresh(struct alp_lists *lists, enum alp_list list, const char *id, list_got_fn got, void *arg);

/* Letters, digits, and -._~: of at most 64 bytes, but not "." or "..". */
bool alp_id_ok(const char *id);

/* Is it on that list, by the copy in memory? Asks nobody: for who validates after alp_lists_get() brought the lists that must be known. */
enum list_known { LIST_NOT_CACHED, LIST_KNOWN, LIST_UNKNOWN };
struct list_peek {
	bool is_open;     /* of a matter; else true */
	int64_t age_ms;
	struct str item;  /* the object, as it came; borrowed until the loop goes on */
};
enum list_known alp_lists_peek(struct alp_lists *lists, enum alp_list list, const char *list_id, const char *id, struct list_peek *ret_peek);

struct alp_lists_stats {
	uint64_t fresh, stale, fetched, failed; /* answers given */
	uint64_t asked, unchanged;              /* questions to ALP, and of them those it answered by 304 */
	size_t cache_bytes, cache_count;
	uint64_t cache_evicted, cache_failures;
};
void alp_lists_get_stats(const struct alp_lists *lists, struct alp_lists_stats *ret);

#endif
