/* SPDX-License-Identifier: Apache-2.0 */
/* entry.h - draft time entries, inside a transaction.
 *
 * A field that a person touched stands beside the machine's value (person_*) and is never written by a refresh. What a reader sees is the
 * person's value where there is one.
 *
 * A confirmed (submitted) entry holds frozen_seconds of its rows, for good. What is recorded beyond that is held by supplements: entries of the same
 * day without rows of their own, whose supplement_of names the entry that has them.
 *
 * Invariants:
 *   - (user, source_hash) is unique; source_hash and supplement_of never change
 *   - frozen_seconds >= 0 on submitted ones and only there; what they hold is written by nobody but a person
 *   - entry_id is global and never reused
 *   - status is what people and the machine last decided; `withdrawn` only on entries no person touched, or merged into another
 *
 * Ownership: entry_row_release(), entry_list_release() accept zeroed ones. Threads: the store's.
 */
#ifndef RTALP_STORE_ENTRY_H
#define RTALP_STORE_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"
#include "store/store.h"

/* The numbers are stored. */
enum entry_status { ENTRY_PENDING = 1, ENTRY_SUBMITTED, ENTRY_IGNORED, ENTRY_WITHDRAWN };
const char *entry_status_name(enum entry_status status);

#define SOURCE_HASH_TEXT_MAX 65 /* hexadecimal and the NUL */
/* For tables by source_hash in this process (base/hash.h). */
uint64_t source_hash_key(const char *source_hash);

/* A likely matter of an entry that has none (app/suggest.h). */
struct suggestion {
	char *matter_code;
	int32_t score;  /* hundredths, to 99 */
	char *reason;   /* for people */
};

struct entry_row {
	int64_t entry_id;
	int64_t alp_user_id;
	day_t day;
	enum entry_status status;
	int64_t revision;             /* grows at every change; the ETag */
	char source_hash[SOURCE_HASH_TEXT_MAX];
	int64_t supplement_of;        /* the entry that has its rows; 0: it has rows of its own */
	int64_t merged_into;          /* the entry that a person gave its rows to; it is withdrawn then; 0: none */
	/* The machine's values. */
	char *application;
	char *task_description;
	int64_t total_seconds;
	int64_t units_tenths;
	char *matter_code;            /* NULL: none */
	char *matter_rule;            /* which rule found it; NULL: none */
	char *matter_evidence;        /* how sure it is; NULL: nothing was found */
	int32_t rounding;             /* enum rounding of the policy that made the units */
	int32_t units_per;            /* enum units_per of it */
	int32_t minimum_tenths;
	char rules_version[64];       /* of the rules that decided it last: those of the verdicts it is stored with */
	int64_t verdicts_id;          /* of their verdicts on its day (verdicts.h); 0: none */
	char *machine_values;         /* what the machine said of its time before (app/past.h); NULL: nothing else */
	/* A person's; NULL or unset: the machine's counts. */
	char *person_application;
	char *person_description;
	int64_t person_units_tenths;  /* -1: not touched */
	char *person_matter;          /* "": this person says there is none */
	char *notes;                  /* only ever a person's */
	int64_t frozen_seconds;       /* of a confirmed entry; -1: not confirmed */
	int64_t drift_seconds;        /* of a confirmed entry: recorded less confirmed, its supplements included */
	int64_t confirmed_ms;         /* 0: it is not confirmed */
	bool rows_vanished;           /* a person touched it, and its rows are gone: kept with 0 s and a warning */
	int64_t created_ms, updated_ms;
	/* Nothing that is stored: what whoever read it adds. */
	struct posting_brief *posting; /* posting.h; NULL: it has none */
	struct suggestion *suggested;
	size_t suggested_count;
};

#define ENTRY_ROW_INIT ((struct entry_row){.person_units_tenths = -1, .frozen_seconds = -1})
void entry_row_release(struct entry_row *entry);

/* It is what a person made of it: it keeps its rows and its words whatever the rules say. */
bool entry_kept(const struct entry_row *entry);

/* Did a person touch any field? (Status is not a field: an ignored entry may be untouched.) */
bool entry_touched(const struct entry_row *entry);

struct entry_list {
	struct entry_row *rows;
	size_t count;
};
void entry_list_release(struct entry_list *list);

/* Numbers for that many new entries, which follow each other. */
int txn_entry_take_ids(struct txn *txn, int64_t count, int64_t *ret_first);
/* Under entry_id, if one was taken for it, else under a new one; writes entry_id and revision back. -EEXIST if the user has one of the same source_hash. */
int txn_entry_insert(struct txn *txn, struct entry_row *entry);
/* Those of the list that which[] says, all of one user and day and under the entry_id that was taken for them; writes revisions back. -EEXIST if the
 * user has one of the same source_hash. What differs only as new entries of the machine do takes one statement. */
int txn_entry_insert_many(struct txn *txn, const struct entry_list *list, const bool *which);
int txn_entry_update(struct txn *txn, struct entry_row *entry); /* raises revision; -ESTALE if the row has another one */
/* The day's entries that are the machine's alone were decided by these verdicts again. Nothing that a reader sees changes: no revision does. */
int txn_entry_decided_again(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id);
int txn_entry_get(struct txn *txn, int64_t entry_id, struct entry_row *ret_entry); /* -ENOENT */
/* 1: it has supplements, whatever their status, or others are merged into it; 0: none. */
int txn_entry_supplemented(struct txn *txn, int64_t entry_id);
/* Every entry of the day, whatever its status, by entry_id. */
int txn_entry_load_day(struct txn *txn, int64_t alp_user_id, day_t day, struct entry_list *ret_list);

struct entry_filter {
	int64_t alp_user_id;         /* required */
	day_t from, to;              /* inclusive */
	uint32_t statuses;           /* bits 1 << enum entry_status; 0: any */
	const char *matter_code;     /* NULL: any; what a reader sees counts; "": those without one */
	const char *text;            /* NULL: any; a part of application, description (as a reader sees it) or notes, in any case */
	int64_t updated_since_ms;    /* 0: any */
	day_t after_day;             /* page: strictly after (after_day, after_id) in the list's order; after_id 0: from the start */
	int64_t after_id;
	int64_t limit;               /* 0: all */
};
/* Ordered by (day, entry_id). */
int txn_entry_list(struct txn *txn, const struct entry_filter *filter, struct entry_list *ret_list);

#endif
