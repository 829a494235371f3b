/* SPDX-License-Identifier: Apache-2.0 */
/* activity.h - what users' computers recorded: day totals in activity_log, the 5-minute grain beside it, and the state of each day.
 *
 * Invariants:
 *   - activity_log has one row per (user, day, activity, document); by activity_owners each belongs to exactly one entry (entry_id), or to one
 *     drop reason (rule), or is not processed yet (neither)
 *   - the sum of its seconds over a day is the day's captured_seconds less excluded_seconds, unless the day is pruned: then it has no rows, and
 *     never again
 *   - a day's generation grows whenever its rows change; processed_generation <= generation
 *
 * Ownership: activity_list_release() accepts a zeroed list. Threads: the store's.
 */
#ifndef RTALP_STORE_ACTIVITY_H
#define RTALP_STORE_ACTIVITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "base/str.h"
#include "store/store.h"

struct day_row {
	int64_t alp_user_id;
	day_t day;
	int64_t generation;
	int64_t processed_generation;
	int64_t fetched_ms;        /* the last answer that was believed */
	int64_t captured_seconds;
	int64_t excluded_seconds;  /* dropped at intake by a privacy rule: a number only */
	int64_t bytes_replaced;    /* invalid UTF-8 that became U+FFFD */
	int64_t upstream_empty_since_ms; /* 0: no doubt */
	int64_t upstream_empty_job;      /* the job that saw it empty first */
	int64_t upstream_empty_again_job; /* a later one that saw it empty too, long enough after; 0: none */
	char rules_version[64];    /* of the last processing; empty: never */
	int64_t pruned_ms;         /* 0: not. txn_day_put() does not look at it */
};
int txn_day_get(struct txn *txn, int64_t alp_user_id, day_t day, struct day_row *ret_day); /* -ENOENT */
int txn_day_put(struct txn *txn, const struct day_row *day);

struct day_list {
	struct day_row *rows; /* oldest first */
	size_t count;
};
void day_list_release(struct day_list *list);
/* Days of the user in [from, to]; only those with generation > processed_generation if only_unprocessed. */
int txn_day_list(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, bool only_unprocessed, struct day_list *ret_list);

/* The newest day of anybody's that is not pruned. -ENOENT if there is none. */
int txn_day_newest(struct txn *txn, day_t *ret_day);
/* Days of anybody's, the oldest first, before `before` and not fetched since `fetched_before_ms`, that the rules have seen and that are not
 * pruned; at most `limit`. */
int txn_days_to_prune(struct txn *txn, day_t before, int64_t fetched_before_ms, int64_t limit, struct day_list *ret_list);
/* The day's rows and grain go, and where they belong; what they were is in its entries and in the sums that are added beforehand. -ENOENT if it is pruned or not there. */
int txn_day_prune(struct txn *txn, int64_t alp_user_id, day_t day, int64_t now_ms);

/* What a rule had dropped of a pruned day; rule "": never processed. */
struct filtered_sum {
	char *rule;
	int64_t seconds, rows;
};
struct filtered_sums {
	struct filtered_sum *rows;
	size_t count;
};
void filtered_sums_release(struct filtered_sums *list);
int txn_filtered_add(struct txn *txn, int64_t alp_user_id, day_t day, const struct filtered_sum *sum);
int txn_filtered_list(struct txn *txn, int64_t alp_user_id, day_t day, struct filtered_sums *ret_list);

struct activity_row {
	const char *activity, *document, *category;
	char *memory;     /* that they stand in, if the row owns them */
	int32_t productivity;
	int64_t seconds;
	int64_t entry_id; /* 0: none */
	char *rule;       /* drop reason; NULL: not dropped */
};
struct activity_list {
	struct activity_row *rows; /* sorted by (activity, document), by bytes */
	size_t count;
};
void activity_list_release(struct activity_list *list);

/* -EUCLEAN if what is stored of where they belong is damaged. */
int txn_activity_load(struct txn *txn, int64_t alp_user_id, day_t day, struct activity_list *ret_list);
/* Walks the rows of [from, to] that belong to no entry, day by day. The rule is borrowed, and empty for a row that is not processed yet. */
typedef void (*unbilled_fn)(void *arg, day_t day, int64_t seconds, struct str rule);
int txn_activity_unbilled(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, unbilled_fn each, void *arg);
/* A new row belongs nowhere yet: -EINVAL if it says otherwise. -EEXIST if that user and day have a row of this activity and document. Where the
 * others belong must be told anew before the closure ends, as after txn_activity_delete(): it is known by their places. */
int txn_activity_add(struct txn *txn, int64_t alp_user_id, day_t day, const struct activity_row *row);
/* Only what was captured: category, productivity and seconds; where the row belongs stays. -ENOENT if there is no such row. */
int txn_activity_update(struct txn *txn, int64_t alp_user_id, day_t day, const struct activity_row *row);
/* 0 whether it was there or not. */
int txn_activity_delete(struct txn *txn, int64_t alp_user_id, day_t day, const char *activity, const char *document);
/* Where the rows of the day belong, told of a list that the caller has: all there are, in their order. -EUCLEAN if they are not as many, too. */
int txn_activity_owners(struct txn *txn, int64_t alp_user_id, day_t day, struct activity_list *rows);
/* Where the rows of the day belong: to row->entry_id, which is an entry of the same user and day, or row->rule. They are all there are, in their order.
 * Nothing else of them is looked at. */
int txn_activity_assign(struct txn *txn, int64_t alp_user_id, day_t day, const struct activity_list *rows);

/* The grain: the rowset's flat bytes, one a day. -ENOENT if there is none; the caller frees *ret_bytes. */
int txn_grain_put(struct txn *txn, int64_t alp_user_id, day_t day, struct str bytes);
int txn_grain_get(struct txn *txn, int64_t alp_user_id, day_t day, char **ret_bytes, size_t *ret_len);

#endif
