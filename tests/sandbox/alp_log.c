/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_log.h"

#include <inttypes.h>
#include <stdlib.h>

#include "alloc.h"
#include "clock.h"

struct alp_log {
	struct alp_logged *ring;
	uint64_t last, first;
};

struct alp_log *
alp_log_new(void)
{
	struct alp_log *log = xcalloc(1, sizeof(*log));

	log->ring = xcalloc(ALP_LOG_MAX, sizeof(*log->ring));
	return log;
}

struct alp_log *
alp_log_free(struct alp_log *log)
{
	if (!log)
		return NULL;
	free(log->ring);
	free(log);
	return NULL;
}

void
alp_log_clear(struct alp_log *log)
{
	log->first = log->last;
}

struct alp_logged *
alp_log_add(struct alp_log *log)
{
	struct alp_logged *l = &log->ring[++log->last % ALP_LOG_MAX];

	*l = (struct alp_logged){ .sequence = log->last, .wall_ms = clock_wall_ms() };
	if (log->last - log->first > ALP_LOG_MAX)
		log->first = log->last - ALP_LOG_MAX;
	return l;
}

void
alp_log_dump(const struct alp_log *log, uint64_t since, struct buf *out)
{
	uint64_t i;

	for (i = since > log->first ? since + 1 : log->first + 1; i <= log->last; i++) {
		const struct alp_logged *l = &log->ring[i % ALP_LOG_MAX];

		buf_printf(out, "%" PRIu64 "\t%" PRId64 "\t%" PRIu64 "\t%s\t%s\t%s\t%" PRId64 "\t%d\t%d\t%s\n", l->sequence, l->wall_ms,
		           l->connection, l->method, l->path, *l->key ? l->key : "-", l->entry, l->made, l->status, *l->faults ? l->faults : "-");
	}
}
