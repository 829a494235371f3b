/* SPDX-License-Identifier: Apache-2.0 */
/* given.h - many rows in one statement: what a closure has in memory, as the engine can read it. Private to src/store.
 *
 * One statement for a day's entries costs a fraction of one statement an entry: it binds nothing, and walks the tree once.
 *
 * given_entries: a table of the entries given, with what differs from one new entry to the next; to insert from.
 *
 * Threads: the store's.
 */
#ifndef RTALP_STORE_GIVEN_H
#define RTALP_STORE_GIVEN_H

#include "store/entry.h"
#include "store/sqlite.h"

/* Once for a connection. */
int given_register(struct txn *txn);

#endif
