/* SPDX-License-Identifier: Apache-2.0 */
/* pulse.h - whether the service manager's watchdog may be fed: pure, from what the daemon's parts last showed of themselves.
 *
 * The loop turned, or nobody would ask. Besides it takes a spawner and a keeper that answered within `most_ms`, and a transaction that does not take
 * longer; a spawner that is being replaced has that long, too. A full disk is not held against the store: another start would find it as full.
 * All instants are monotonic. Threads: any.
 */
#ifndef RTALP_DAEMON_PULSE_H
#define RTALP_DAEMON_PULSE_H

#include <stdbool.h>
#include <stdint.h>

/* Longer than it takes to see that a helper is silent and to start another, and than a program beside the daemon may keep the store locked. */
#define PULSE_MOST_MIN_MS 8000

struct pulse_signs {
	int64_t spawner_heard_ms;
	int64_t keeper_heard_ms;  /* 0: there is none */
	int64_t commit_began_ms;  /* of the transaction under way; 0: none is */
	bool store_failed;        /* the last one did, for good */
};

/* NULL: all is well; else what is missing, for the journal. `watchdog_ms`: how long the manager waits for a sign of life. */
const char *pulse_missing(const struct pulse_signs *signs, int64_t watchdog_ms, int64_t now_ms);

#endif
