/* SPDX-License-Identifier: Apache-2.0 */
/* reqlog.h - what has been asked, for tests to look at. Keys never get here.
 *
 * The last REQLOG_MAX requests are kept; sequence numbers go on from 1 and are never reused.
 */
#ifndef SANDBOX_REQLOG_H
#define SANDBOX_REQLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define REQLOG_MAX 32768

struct reqlog;

struct reqlog_entry {
	uint64_t sequence;
	int64_t wall_ms;
	uint64_t connection;
	uint32_t user; /* 0: no such key */
	int status;    /* as decided; 0 when no answer will ever come */
	bool tls;
	char begin[24], end[24], perspective[16], kind[24], resolution[16];
	char accept_encoding[40], user_agent[80], faults[80];
};

struct stats {
	uint64_t requests, connections, tls_handshakes, logins, control_requests, aborted;
	uint64_t alp_requests, alp_posts;
	uint32_t alp_in_flight, max_alp_in_flight;
	uint32_t in_flight, max_in_flight, max_in_flight_user;
};

struct reqlog *reqlog_new(void);
void reqlog_free(struct reqlog *l);

/* A new entry with its sequence number and time; fill in the rest before the next call. */
struct reqlog_entry *reqlog_add(struct reqlog *l);

/* Copies client text into a field: cut to size, tabs and control characters as '?', "-" for nothing. */
void reqlog_field(char *field, size_t size, const char *text);

/* One tab-separated line: see README.md for the columns. */
void reqlog_format(const struct reqlog_entry *e, struct buf *out);

/* Every kept entry after `since`. */
void reqlog_dump(const struct reqlog *l, uint64_t since, struct buf *out);

#endif
