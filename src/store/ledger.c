/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ledger.h"

#include <errno.h>
#include <string.h>

#include "store/sqlite.h"

static int
load_counters(struct txn *txn, struct ledger *l)
{
	_query_ struct query q = query_begin(txn, ST_COUNTER_ALL);
	int r;

	l->counter_count = 0;
	while ((r = query_step(&q)) > 0) {
		struct ledger_counter *c = &l->counters[l->counter_count];

		if (l->counter_count == LEDGER_COUNTERS_MAX)
			return -EUCLEAN;
		*c = (struct ledger_counter){0};
		column_text_into(&q, c->name, sizeof c->name);
		c->value = column_i64(&q);
		l->counter_count++;
	}
	return r;
}

static int
load_kinds(struct txn *txn, struct ledger *l)
{
	_query_ struct query q = query_begin(txn, ST_KIND_ALL);
	int r;

	l->kind_count = 0;
	while ((r = query_step(&q)) > 0) {
		struct ledger_kind *k = &l->kinds[l->kind_count];

		if (l->kind_count == LEDGER_KINDS_MAX)
			return -EUCLEAN;
		*k = (struct ledger_kind){0};
		k->kind = column_i64(&q);
		k->paused = column_bool(&q);
		k->queued = column_i64(&q);
		k->running = column_i64(&q);
		l->kind_count++;
	}
	return r;
}

int
ledger_need(struct txn *txn)
{
	struct ledger *l = &txn->ledger;
	int r;

	if (l->loaded)
		return 0;
	r = load_counters(txn, l);
	if (r >= 0)
		r = load_kinds(txn, l);
	if (r < 0)
		return r;
	l->loaded = true;
	/* Should this closure be undone, what was there before it is what was loaded. */
	txn->ledger_marked = *l;
	return 0;
}

int
ledger_kind(struct txn *txn, int64_t kind, struct ledger_kind **ret_kind)
{
	struct ledger *l = &txn->ledger;
	int r = ledger_need(txn);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l->kind_count; i++) {
		if (l->kinds[i].kind != kind)
			continue;
		*ret_kind = &l->kinds[i];
		return 0;
	}
	if (l->kind_count == LEDGER_KINDS_MAX)
		return -E2BIG;
	l->kinds[l->kind_count] = (struct ledger_kind){.kind = kind};
	*ret_kind = &l->kinds[l->kind_count++];
	return 0;
}

int
ledger_counter(struct txn *txn, const char *name, struct ledger_counter **ret_counter)
{
	struct ledger *l = &txn->ledger;
	int r = ledger_need(txn);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l->counter_count; i++) {
		if (strcmp(l->counters[i].name, name) != 0)
			continue;
		*ret_counter = &l->counters[i];
		return 0;
	}
	return -ENOENT;
}

void
ledger_mark(struct txn *txn)
{
	if (txn->ledger.loaded)
		txn->ledger_marked = txn->ledger;
}

void
ledger_undo(struct txn *txn)
{
	if (txn->ledger.loaded)
		txn->ledger = txn->ledger_marked;
}

void
ledger_forget(struct txn *txn)
{
	txn->ledger.loaded = false;
}

static int
write_counter(struct txn *txn, const struct ledger_counter *c)
{
	_query_ struct query q = query_begin(txn, ST_COUNTER_SET);

	bind_i64(&q, c->value);
	bind_text(&q, c->name);
	return query_run(&q);
}

static int
write_kind(struct txn *txn, const struct ledger_kind *k)
{
	_query_ struct query q = query_begin(txn, ST_KIND_SET);

	bind_i64(&q, k->paused);
	bind_i64(&q, k->queued);
	bind_i64(&q, k->running);
	bind_i64(&q, k->kind);
	return query_run(&q);
}

int
ledger_write(struct txn *txn)
{
	struct ledger *l = &txn->ledger;
	int r = 0;

	if (!l->loaded)
		return 0;
	for (size_t i = 0; i < l->counter_count && r >= 0; i++) {
		if (l->counters[i].changed)
			r = write_counter(txn, &l->counters[i]);
		l->counters[i].changed = false;
	}
	for (size_t i = 0; i < l->kind_count && r >= 0; i++) {
		if (!l->kinds[i].changed)
			continue;
		r = write_kind(txn, &l->kinds[i]);
		l->kinds[i].changed = false;
	}
	return r < 0 ? r : 0;
}
