/* SPDX-License-Identifier: Apache-2.0 */
/* posting.h - the outbox: what is to be in ALP, and what is known of whether it is, inside a transaction.
 *
 *     ready ──> sending ──> posted <──> gone
 *       │ ^        ├──────> rejected
 *       │ └────────┤          ^
 *       v          └──> unknown ──> posted | ready | rejected | needs_person ──> posted | ready
 *    cancelled
 *
 * And ready ──> rejected, of an entry whose earlier posting was gone and is listed again; ready ──> posted | needs_person, of a day of which postings
 * may have been lost with the store before this one (restore.h).
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
	enum posting_state stored; /* what `state` was when it was read or written last */
	bool vague;             /* not stored: the description says nothing, by the list of now */
	char *body;             /* JSON as it is sent */
	unsigned char body_hash[FINGERPRINT_BYTES];
	char idempotency_key[POSTING_KEY_MAX];
	char reference[POSTING_REFERENCE_MAX];
	int64_t units;          /* ALP's */
	int64_t units_tenths;   /* ours; 10 x units without an entry */
	int64_t attempts;       /* times it was `sending` */
	int64_t maybe_sent;     /* of those, the ones of which ALP may have made an entry */
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
const char *posting_alp_state_name(enum posting_alp_state state);

struct posting_list {
	struct posting_row *rows;
	size_t count;
};
void posting_list_release(struct posting_list *list);

/* A number for a new one. */
int txn_posting_take_id(struct txn *txn, int64_t *ret_posting_id);
/* Under the number that was taken for it, or a new one, as `ready`; writes posting_id back. -EEXIST: the entry has one that counts, or the key or the reference are not new. */
int txn_posting_insert(struct txn *txn, struct posting_row *posting);
/* Everything but who and what it is, and a row of the history if the state is another than it was; tells watchers then. -ESTALE: it is not in
 * `stored` any more; -EEXIST: an invariant of those above would be broken. code, detail: why, for the history; NULL: nothing to say. */
int txn_posting_update(struct txn *txn, struct posting_row *posting, int64_t now_ms, const char *code, const char *detail);
int txn_posting_get(struct txn *txn, int64_t posting_id, struct posting_row *ret_posting); /* -ENOENT, as the next */
int txn_posting_by_alp_id(struct txn *txn, const char *alp_entry_id, struct posting_row *ret_posting);
/* Is there one with that reference? 1, 0. */
int txn_posting_has_reference(struct txn *txn, const char *reference);
/* The newest of that entry, whatever its state. */
int txn_posting_of_entry(struct txn *txn, int64_t entry_id, struct posting_row *ret_posting);
/* What is shown of it with its entry. */
struct posting_brief {
	int64_t posting_id;
	enum posting_state state;
	enum posting_alp_state alp_state;
	int64_t units;
	int64_t posted_ms;
	char alp_entry_id[POSTING_ALP_ID_MAX];
	char problem_code[64]; /* "": none */
	char differences[];    /* JSON: what ALP says otherwise; "": nothing */
};
/* The newest of each entry that is confirmed, set into its `posting`. */
struct entry_row;
int txn_posting_show(struct txn *txn, struct entry_row *entries, size_t count);
/* The first of that user, neither rejected nor cancelled, made after then of the same body. */
int txn_posting_by_hash(struct txn *txn, int64_t alp_user_id, const unsigned char hash[FINGERPRINT_BYTES], int64_t after_ms,
    struct posting_row *ret_posting);

/* Ready and due, of lanes where nothing is in flight and at most one of a lane: up to per_user of each user, beginning behind after_user and
 * coming round to it, up to max altogether. */
int txn_posting_due(struct txn *txn, int64_t now_ms, int64_t after_user, size_t per_user, size_t max, struct posting_list *ret_list);
/* Unknown, and due to be looked for. */
int txn_posting_to_look(struct txn *txn, int64_t now_ms, size_t max, struct posting_list *ret_list);
/* When the next of both becomes due after now; INT64_MAX: none will. */
int txn_posting_next_due(struct txn *txn, int64_t now_ms, int64_t *ret_next_ms);
/* The clock was set back by so much: what waits for a later time waits no longer than before. */
int txn_posting_shift_due(struct txn *txn, int64_t now_ms, int64_t by_ms);
/* What waits for a later time than any pause reaches was put off by a clock that was wrong: it waits until then at most. */
int txn_posting_cap_due(struct txn *txn, int64_t due_ms, int64_t sync_ms);
/* Is one of that lane sending or unknown? 1, 0. */
int txn_posting_lane_busy(struct txn *txn, const struct posting_row *posting);
/* Others of its lane that may be in ALP without our knowing under which id: what is found there may be theirs. any_lane: of all lanes of the user and
 * the days around, where ALP does not say which one an entry is of. */
int txn_posting_rivals(struct txn *txn, const struct posting_row *posting, bool any_lane, int64_t *ret_count);
/* ALP's ids of the newest that were posted on that day before then: what lists the day lists them. */
#define POSTING_IDS_MAX 100
struct posting_ids {
	char rows[POSTING_IDS_MAX][POSTING_ALP_ID_MAX];
	size_t count;
};
int txn_posting_adopted(struct txn *txn, int64_t alp_user_id, day_t day, int64_t before_ms, struct posting_ids *ret_ids);
/* And of those of that entry that are gone. */
int txn_posting_gone_of_entry(struct txn *txn, int64_t entry_id, struct posting_ids *ret_ids);
/* Those that are sending: at the start, what the last daemon left. */
int txn_posting_in_flight(struct txn *txn, size_t max, struct posting_list *ret_list);
/* Posted or gone, and due to be compared with ALP. */
int txn_posting_to_sync(struct txn *txn, int64_t now_ms, size_t max, struct posting_list *ret_list);
/* When the next of those becomes due after now; INT64_MAX: none will. */
int txn_posting_next_sync(struct txn *txn, int64_t now_ms, int64_t *ret_next_ms);
/* Users' days between those that have one which is, was or may be in ALP; by user and day. */
struct posting_day {
	int64_t alp_user_id;
	day_t day;
};
struct posting_days {
	struct posting_day *rows; /* free() it */
	size_t count;
};
int txn_posting_days(struct txn *txn, day_t from, day_t to, struct posting_days *ret_days);
/* Of a user's days, both included, by day and number. */
int txn_posting_list_days(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, struct posting_list *ret_list);

struct posting_filter {
	int64_t alp_user_id; /* 0: everybody's */
	day_t from, to;      /* inclusive */
	uint32_t states;     /* bits 1 << enum posting_state; 0: any */
	int64_t below_id;    /* page: 0: from the newest */
	int64_t limit;       /* 0: all */
};
/* The newest first. */
int txn_posting_list(struct txn *txn, const struct posting_filter *filter, struct posting_list *ret_list);

struct posting_step {
	int64_t at_ms;
	enum posting_state from, to; /* from 0: it was made */
	int64_t attempt;
	char *code, *detail; /* NULL: none */
};
struct posting_history {
	struct posting_step *rows;
	size_t count;
};
void posting_history_release(struct posting_history *history);
int txn_posting_history(struct txn *txn, int64_t posting_id, struct posting_history *ret_history);

#endif
