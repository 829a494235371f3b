/* SPDX-License-Identifier: Apache-2.0 */
/* trace.h - whose stored things a closure changed, as the statements it ran tell, so that what was read of them before can be forgotten.
 *
 * Nobody has to remember to say it: the engine names the tables when a statement is prepared, and the user is what bind_user() bound. A
 * statement that writes a watched table without saying whose counts for everyone; a closure that reads a table nobody watches must not be
 * remembered.
 *
 * Threads: the transaction's.
 */
#ifndef RTALP_STORE_TRACE_H
#define RTALP_STORE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

#define TRACE_USERS_MAX 4

struct trace {
	int64_t users[TRACE_USERS_MAX];
	unsigned count;
	bool everyone;       /* more than these, or nobody can say */
	bool read_unwatched; /* what it read may change without a trace */
};

void txn_trace_begin(struct txn *txn);
struct trace txn_trace(const struct txn *txn);

#endif
