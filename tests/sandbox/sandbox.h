/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox.h - the whole program's state, wired together by main.c and handed to whoever answers a request. */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <event2/event.h>

#include "archive.h"
#include "cache.h"
#include "clock.h"
#include "faults.h"
#include "options.h"
#include "reqlog.h"
#include "users.h"

struct alp;
struct peers;

struct sandbox {
	const struct options *options;
	struct event_base *base;
	struct sandbox_clock clock;
	struct users *users;
	struct faults *faults;
	struct archive *archive;
	struct cache *cache;
	struct reqlog *log;
	struct alp *alp;
	struct peers *peers;
	struct stats stats;
	uint64_t last_serial; /* of requests of any kind */
	uint16_t *in_flight; /* requests in progress, by account; [0] is for unknown keys */
};

#endif
