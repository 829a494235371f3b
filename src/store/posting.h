/* SPDX-License-Identifier: Apache-2.0 */
/* posting.h - the outbox: what is to be in ALP, and what is known of whether it is, inside a transaction.
 *
 *     ready ──> sending ──> posted ──> gone
 *       │ ^        ├──────> rejected
 *       │ └────────┤          ^
 *       v          └──> unknown ──> posted | ready | rejected | needs_person ──> posted | ready
 *    cancelled
 *
 * Invariants:
 *   - a posting is `sending`, committed, before the first byte of it leaves; whoever finds one so at the start makes it `unknown`
 *   - body, key and reference never change: what is sent again is the same bytes
 *   - an entry has at most one posting that is not rejected, cancelled or gone; an id of ALP's belongs to one posting
 *   - of a lane (user, day, component) at most one is sending or unknown
 *   - every change of state is a row of its history
 *
 * Ownership: posting_row_release(), posting_list_release() accept zeroed ones. Threads: the store's.
 */
#ifndef RTALP_STORE_POSTING_H
#define RTALP_STORE_POSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "store/store.h"

/* The numbers are stored. */
enum posting_state {
	POSTING_READY = 1,
	POSTING_SENDING,
	POSTING_UNKNOWN,
	POSTING_POSTED,
	POSTING_REJECTED,
	POSTING_NEEDS_PERSON,
	POSTING_CANCELLED,
	POSTING_GONE /* was posted; ALP has deleted it */
};
const char *posting_state_name(enum posting_state state);

/* What ALP says of one that is posted. */
enum posting_alp_state { POSTING_ALP_NONE, POSTING_ALP_OPEN, POSTING_ALP_CHANGED, POSTING_ALP_INVOICED, POSTING_ALP_WRITTEN_OFF, POSTING_ALP_DELETED };

#define POSTING_KEY_MAX       65
#define POSTING_REFERENCE_MAX 33
#define POSTING_ALP_ID_MAX    65

struct posting_row {
	int64_t posting_id;
	int64_t alp_user_id;
	int64_t entry_id;       /* 0: posted without an entry of ours */
	int64_t entry_revision; /* of the entry as it was confirmed for it */
	day_t day;
	int64_t component_id;
	enum posting_state state;
	char *body;             /* JSON as it is sent */
	unsigned char body_hash[FINGERPRINT_BYTES];
	char idempotency_key[POSTING_KEY_MAX];
	char reference[POSTING_REFERENCE_MAX];
	int64_t units;          /* ALP's */
	int64_t units_tenths;   /* ours; 10 x units without an entry */
	int64_t attempts;       /* times it was `sending` */
	int64_t maybe_sent;     /* times a byte of it may have arrived */
	int64_t looks;          /* times it was looked for since it became unknown */
	int64_t next_ms;        /* when it is its turn again (ready, unknown) */
	char *preimage;         /* JSON array: ids of its lane before it was sent; NULL: could not be listed, or was not needed */
	char alp_entry_id[POSTING_ALP_ID_MAX]; /* "": none known */
	enum posting_alp_state alp_state;
	char *answer;           /* ALP's entry as last seen, JSON; NULL: none */
	char *differences;      /* JSON: what ALP's entry says otherwise than ours; NULL: nothing */
	char *evidence;         /* JSON: the candidates a person is to choose from; NULL: none */
	char *problem_code, *problem_detail; /* why it is where it is; NULL: nothing wrong */
	int64_t missed;         /* complete listings in a row that did not have it */
	int64_t missed_ms;      /* the first of them */
	int64_t created_ms, updated_ms;
	int64_t sending_ms;     /* when it was last; 0: never */
	int64_t posted_ms;      /* 0: it is not */
	int64_t seen_ms;        /* when ALP was last seen to have it; 0: never */
	int64_t sync_ms;        /* when to look at it again, for posted ones */
};
void posting_row_release(struct posting_row *posting);

#endif
