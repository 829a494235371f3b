/* SPDX-License-Identifier: Apache-2.0 */
/* upstream.h - asking RescueTime for one day at a time, over one connection that is kept alive.
 *
 * Built so that nothing is needed which confinement forbids: no look-up of names and no connecting (sockets.h), no file of
 * certificates (the roots are parsed already), no thread, no signal. Redirects and proxies are never followed: the key is in the query,
 * where the documented interface wants it, and for that reason no address asked for is ever shown to anybody.
 *
 * Ownership: upstream_close() accepts NULL. Processes: the fetch worker.
 */
#ifndef RTALP_WORKERS_UPSTREAM_H
#define RTALP_WORKERS_UPSTREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/day.h"
#include "base/macro.h"
#include "base/secret.h"
#include "workers/warm.h"

struct upstream;

struct upstream_answer {
	int result; /* libcurl's: 0 if a whole answer came, of whatever status */
	long verify_result;
	bool too_large;
	long status;
	int64_t retry_after_s;
	uint32_t took_ms;
	struct buf body; /* decoded */
};

/* `channel` is where connections come from (sockets.h). */
int upstream_open(const struct warm *warm, int channel, struct upstream **ret_upstream) _must_check_;
struct upstream *upstream_close(struct upstream *u);

/* The body of *answer is reused from one call to the next. -ENOMEM or 0; what came of it stands in *answer. */
int upstream_get(struct upstream *u, const struct secret *key, day_t day, struct upstream_answer *answer) _must_check_;

DEFINE_POINTER_CLEANUP(struct upstream, upstream_close, upstream_closep)

#endif
