/* SPDX-License-Identifier: Apache-2.0 */
/* ledger.h - the rows that nearly every write would change, kept in memory by the thread that writes: `tallies`.
 *
 * Loaded by the first closure that asks, changed in memory, written back once before the commit: a group of a hundred jobs changes the
 * row of its kind once. A closure that is undone takes its changes along (mark, undo); of a transaction that is lost nothing is kept
 * (forget), and the next one loads anew. Nobody else may write these rows while the store is open.
 *
 * In a read it is what the snapshot says, loaded when first asked and forgotten with it.
 *
 * Threads: the txn's.
 */
#ifndef RTALP_STORE_LEDGER_H
#define RTALP_STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct txn;

#define LEDGER_COUNTERS_MAX 16
#define LEDGER_KINDS_MAX    32

struct ledger_counter {
	char name[24];
	int64_t value;
	bool changed;
};

struct ledger_kind {
	int64_t kind;
	int64_t queued, running;
	bool paused;
	bool changed;
};

struct ledger {
	bool loaded;
	size_t counter_count, kind_count;
	struct ledger_counter counters[LEDGER_COUNTERS_MAX];
	struct ledger_kind kinds[LEDGER_KINDS_MAX];
};

/* The numbers of that kind, borrowed until the closure ends; for a kind that never had a job, zeroes. Whoever changes them sets `changed`. */
int ledger_kind(struct txn *txn, int64_t kind, struct ledger_kind **ret_kind);
int ledger_counter(struct txn *txn, const char *name, struct ledger_counter **ret_counter); /* -ENOENT */
/* Loads it if it is not. */
int ledger_need(struct txn *txn);

void ledger_mark(struct txn *txn);
void ledger_undo(struct txn *txn);
void ledger_forget(struct txn *txn);
/* Writes what changed. In the transaction, after its last closure. */
int ledger_write(struct txn *txn);

#endif
