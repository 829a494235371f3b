/* SPDX-License-Identifier: Apache-2.0 */
/* sse.h - a reader of server-sent events (WHATWG HTML, "Server-sent events"), fed with whatever pieces arrive.
 *
 * Of each event it gives what stands in its data lines; events without data, comments and other fields are passed over.
 * Ownership: the reader owns what it has not given yet. Threads: one; pure.
 */
#ifndef RTALP_CTL_SSE_H
#define RTALP_CTL_SSE_H

#include <stdbool.h>

#include "base/buf.h"

#define SSE_EVENT_MAX 65536

struct sse {
	struct buf line, data;
	bool after_cr; /* a line feed that comes next belongs to the line before */
	/* One event's data, valid for the call only. A negative return ends the reading. */
	int (*on_data)(struct str data, void *arg);
	void *arg;
};

void sse_init(struct sse *s, int (*on_data)(struct str data, void *arg), void *arg);
/* -E2BIG for a line or an event past SSE_EVENT_MAX; else what on_data returned. */
int sse_feed(struct sse *s, struct str piece);
void sse_release(struct sse *s);

#endif
