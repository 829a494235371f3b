/* SPDX-License-Identifier: Apache-2.0 */
#include "reqlog.h"

#include <stdlib.h>

#include "alloc.h"
#include "clock.h"

struct reqlog {
	struct reqlog_entry *ring;
	size_t cap; /* grows to REQLOG_MAX, then the oldest is overwritten */
	uint64_t last;
};

struct reqlog *
reqlog_new(void)
{
	return xcalloc(1, sizeof(struct reqlog));
}

void
reqlog_free(struct reqlog *l)
{
	if (!l)
		return;
	free(l->ring);
	free(l);
}

struct reqlog_entry *
reqlog_add(struct reqlog *l)
{
	struct reqlog_entry *e;

	if (l->last < REQLOG_MAX)
		l->ring = xgrow(l->ring, &l->cap, (size_t)l->last, sizeof(*l->ring));
	e = &l->ring[l->last % REQLOG_MAX];
	memset(e, 0, sizeof(*e));
	e->sequence = ++l->last;
	e->wall_ms = clock_wall_ms();
	return e;
}

void
reqlog_field(char *field, size_t size, const char *text)
{
	size_t i;

	if (!text || !*text)
		text = "-";
	for (i = 0; text[i] && i + 1 < size; i++)
		field[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
	field[i] = '\0';
}

void
reqlog_format(const struct reqlog_entry *e, struct buf *out)
{
	buf_printf(out, "%llu\t%lld\t%u\t%s\t%s\t%llu\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", (unsigned long long)e->sequence,
	           (long long)e->wall_ms, e->user, e->begin, e->end, (unsigned long long)e->connection, e->perspective,
	           e->kind, e->resolution, e->accept_encoding, e->user_agent, e->status, e->tls ? "https" : "http",
	           e->faults[0] ? e->faults : "-");
}

void
reqlog_dump(const struct reqlog *l, uint64_t since, struct buf *out)
{
	uint64_t n = l->last > REQLOG_MAX ? l->last - REQLOG_MAX : 0;

	if (n < since)
		n = since;
	for (; n < l->last; n++)
		reqlog_format(&l->ring[n % REQLOG_MAX], out);
}
