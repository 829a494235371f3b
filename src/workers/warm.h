/* SPDX-License-Identifier: Apache-2.0 */
/* warm.h - everything a worker needs that is not of one job, made once in the spawner and found ready in memory by each worker it forks.
 *
 * After warm_up() no file is needed any more: roots are parsed, the time zone is read (certificate checking asks for it), libraries
 * have their tables and seeds, rules are compiled, confinement is prepared.
 *
 * Ownership: the spawner's for its whole life; nothing gives it back. Immutable once warm.
 */
#ifndef RTALP_WORKERS_WARM_H
#define RTALP_WORKERS_WARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/macro.h"
#include "proto/message.h"
#include "workers/confine.h"
#include "workers/rules_text.h"

struct x509_store_st;

/* Where the activity comes from. */
struct upstream_address {
	char *url;
	char *host; /* without brackets */
	uint16_t port;
	bool tls;
	bool numeric; /* the host is an address itself */
};

struct warm {
	pid_t spawner;
	struct upstream_address upstream;
	char *user_agent;
	size_t body_max_bytes;
	uint32_t connect_timeout_ms;
	uint32_t answer_timeout_ms;
	struct x509_store_st *roots; /* NULL for plain HTTP */
	uint32_t root_count;
	struct ruled ruled;
	struct privacy *privacy; /* of the same rules */
	struct x509_store_st *deliver_roots; /* NULL: there are none, and no TLS for webhooks */
	struct confine_plan fetch;
	struct confine_plan process;
	struct confine_plan deliver;
};

/* The master's first word, and the memory file that came with it. */
struct warm_order {
	const struct msg_spawner_init *init;
	int rules_fd;
};

/* Fills *w, which must live as long as the process; after an error the process ends, so what was made until then stays in it. `ret_what`
 * then says in a few words what could not be done; a string constant. */
int warm_up(const struct warm_order *order, struct warm *w, const char **ret_what) _must_check_;

static inline const struct confine_plan *
warm_plan(const struct warm *warm, enum worker_role role)
{
	if (role == ROLE_DELIVER)
		return &warm->deliver;
	return role == ROLE_FETCH ? &warm->fetch : &warm->process;
}

#endif
