/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h - who did what to an entry or a posting, when, and what it said before and after. Append only.
 *
 * Invariants, which the engine holds by triggers and audit_check() verifies:
 *   - the numbers follow each other from 1 without a gap; no row is ever changed or deleted
 *   - each row's link is a hash of the link before it, of the row, and of a salted hash of its contents: a row cannot be changed, left out or put
 *     in between without breaking every link after it
 *   - contents stand in a table of their own with their salt. They can be erased, for a person's sake; the salted hash stays and says nothing
 *
 * Ownership: audit_list_release() accepts a zeroed one. Threads: the store's.
 */
#ifndef RTALP_STORE_AUDIT_H
#define RTALP_STORE_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/actor.h"
#include "store/store.h"
#include "store/token.h"

/* The numbers are stored. */
enum audit_action {
	AUDIT_EDIT = 1,
	AUDIT_IGNORE,
	AUDIT_RESTORE,
	AUDIT_CONFIRM,   /* of one that is confirmed too: with other words or units */
	AUDIT_REVERT,
	AUDIT_SPLIT,
	AUDIT_MERGE,
	AUDIT_POST,      /* a posting was asked for */
	AUDIT_RESOLVE,   /* a person said whether a posting is in ALP */
	AUDIT_CANCEL,    /* a posting was taken back before a byte of it was sent */
	AUDIT_ALP_STATE, /* ALP says something else of a posted one */
	AUDIT_READ,      /* somebody who runs the machine looked at entries; after: at what */
	AUDIT_STORE_RESTORED, /* the store was put back from a backup */
	AUDIT_GO_ON,     /* somebody let posting go on after that */
	AUDIT_EXPORT,    /* everything held of a user was handed out */
	AUDIT_ERASE      /* and was erased */
};

#define AUDIT_NAME_MAX  TOKEN_NAME_SIZE
#define AUDIT_HASH_SIZE 32

struct audit_row {
	int64_t audit_id;
	int64_t at_ms;
	struct actor actor;
	char actor_name[AUDIT_NAME_MAX]; /* a token's, as it was then */
	enum audit_action action;
	int64_t alp_user_id;             /* whose things; 0: of nobody in particular */
	int64_t entry_id, posting_id;    /* 0: none */
	char *before, *after;            /* JSON objects of what differs; NULL: nothing, or erased */
	bool erased;                     /* there was something once */
	unsigned char link[AUDIT_HASH_SIZE];
};
void audit_row_release(struct audit_row *row);

struct audit_list {
	struct audit_row *rows;
	size_t count;
};
void audit_list_release(struct audit_list *list);

/* In the transaction of what was done. Takes from the row when, who, what and of whom, and the contents; finds the name itself. */
int txn_audit(struct txn *txn, const struct audit_row *row);

struct audit_filter {
	int64_t alp_user_id;      /* 0: whoever's */
	int64_t entry_id;         /* 0: any */
	uint32_t actions;         /* bits 1 << enum audit_action; 0: any */
	int64_t from_ms, to_ms;   /* from_ms <= at < to_ms; to_ms 0: no end */
	int64_t below_id;         /* page: older than that; 0: from the newest */
	int64_t limit;            /* 0: all */
	bool contents;            /* with before and after */
};
/* Newest first. */
int txn_audit_list(struct txn *txn, const struct audit_filter *filter, struct audit_list *ret_list);

/* Before and after of every row of that user go, for good. Who did what when stays. */
int txn_audit_erase(struct txn *txn, int64_t alp_user_id);

/* NULL in *ret_violation: the chain holds. The caller frees. 1: it does not. */
int audit_check(struct txn *txn, char **ret_violation);

#endif
