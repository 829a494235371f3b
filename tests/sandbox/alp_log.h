/* SPDX-License-Identifier: Apache-2.0 */
/* alp_log.h - every request that ALP got: how often something was really asked of it. The last ALP_LOG_MAX are kept. */
#ifndef SANDBOX_ALP_LOG_H
#define SANDBOX_ALP_LOG_H

#include <stdint.h>

#include "buf.h"

#define ALP_LOG_MAX 65536

struct alp_logged {
	uint64_t sequence;
	int64_t wall_ms;
	uint64_t connection;
	char method[8], path[120], key[72];
	int64_t entry;     /* that it made, or was given again; 0: none */
	int made;          /* it was made by this */
	int status;        /* 0: none was sent */
	char faults[40];
};

struct alp_log;

struct alp_log *alp_log_new(void);
struct alp_log *alp_log_free(struct alp_log *log);
void alp_log_clear(struct alp_log *log); /* sequence numbers go on */

/* With its sequence and time; to be filled in before the next call. */
struct alp_logged *alp_log_add(struct alp_log *log);

/* A line each after `since`: sequence, ms, connection, method, path, key, entry, made, status, faults. */
void alp_log_dump(const struct alp_log *log, uint64_t since, struct buf *out);

#endif
