/* SPDX-License-Identifier: Apache-2.0 */
/* report.c - where every second of a user-day is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "rules/rules.h"

static void
add_filtered(struct report_day *v, const struct activity_row *row)
{
	size_t i = 0;

	while (i < v->filtered_count && strcmp(v->filtered[i].rule, row->rule) != 0)
		i++;
	if (i == v->filtered_count) {
		v->filtered = xreallocarray(v->filtered, ++v->filtered_count, sizeof *v->filtered);
		v->filtered[i] = (struct filtered_time){.rule = xstrdup(row->rule)};
	}
	v->filtered[i].seconds += row->seconds;
	v->filtered[i].rows++;
	if (strcmp(row->rule, RULE_BELOW_MINIMUM) == 0)
		v->below_minimum_seconds += row->seconds;
	else
		v->filtered_seconds += row->seconds;
}

/* What was confirmed counts as it was frozen; what of that is not recorded any more hangs over. What is recorded beyond it is in a supplement. */
static void
add_entry(struct report_day *v, const struct entry_row *entry)
{
	switch (entry->status) {
	case ENTRY_PENDING:
		*(entry->supplement_of != 0 ? &v->supplement_seconds : &v->pending_seconds) += entry->total_seconds;
		v->units_tenths += entry_units_tenths(entry);
		break;
	case ENTRY_IGNORED:
		v->ignored_seconds += entry->total_seconds;
		break;
	case ENTRY_SUBMITTED:
		v->submitted_seconds += entry->frozen_seconds;
		v->overhang_seconds += MAX_OF(-entry->drift_seconds, (int64_t)0);
		break;
	case ENTRY_WITHDRAWN:
	default:
		return;
	}
	v->entries++;
}

static int
report_run(struct txn *txn, struct op *op)
{
	struct report_day *v = op->verb;
	_cleanup_(activity_list_release) struct activity_list rows = {0};
	_cleanup_(entry_list_release) struct entry_list entries = {0};
	int r = txn_day_get(txn, v->alp_user_id, v->day, &v->state);

	if (r < 0)
		return r;
	r = txn_activity_load(txn, v->alp_user_id, v->day, &rows);
	if (r < 0)
		return r;
	r = txn_entry_load_day(txn, v->alp_user_id, v->day, &entries);
	if (r < 0)
		return r;
	v->captured_seconds = v->state.captured_seconds;
	v->excluded_seconds = v->state.excluded_seconds;
	for (size_t i = 0; i < rows.count; i++) {
		if (rows.rows[i].rule != NULL)
			add_filtered(v, &rows.rows[i]);
		else if (rows.rows[i].entry_id == 0)
			v->unprocessed_seconds += rows.rows[i].seconds;
	}
	for (size_t i = 0; i < entries.count; i++)
		add_entry(v, &entries.rows[i]);
	return 0;
}

void
app_report_day(struct app *app, struct report_day *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, report_run, NULL, done, arg);
}

void
report_day_release(struct report_day *v)
{
	for (size_t i = 0; i < v->filtered_count; i++)
		free(v->filtered[i].rule);
	free(v->filtered);
	v->filtered = NULL;
	v->filtered_count = 0;
}
