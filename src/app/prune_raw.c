/* SPDX-License-Identifier: Apache-2.0 */
/* prune_raw.c - the titles of a day long past go. What it came to stays: its entries, how they came about, what each rule had dropped. */
#include <errno.h>
#include <stdlib.h>

#include "app/day_merge.h"
#include "app/internal.h"
#include "app/run.h"
#include "app/run_internal.h"
#include "base/alloc.h"
#include "store/verdicts.h"

#define DAY_MS       ((int64_t)24 * 3600 * 1000)
#define DAYS_AT_ONCE 8
/* A day that was only just fetched has its entries made first. */
#define GRACE_MS     DAY_MS

/* --- what the rules said: of the rows that are in no entry nothing is left to explain ---------------------------------------- */

static int
rows_of_entries(const struct rowset *verdicts, struct rowset **ret_kept)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);

	for (size_t i = 0; i < rowset_count(verdicts); i++) {
		struct row_view row = rowset_row(verdicts, i);
		int r = row.group.len > 0 ? rowset_builder_add(b, &row) : 0;

		if (r < 0)
			return r;
	}
	return rowset_build(b, ret_kept);
}

static int
prune_verdicts(struct txn *txn, const struct day_row *day, int64_t verdicts_id)
{
	_cleanup_(rowset_freep) struct rowset *verdicts = NULL, *kept = NULL;
	struct verdicts_row row;
	int r = txn_day_verdicts(txn, day->alp_user_id, day->day, verdicts_id, &row, &verdicts);

	if (r == 0)
		r = rows_of_entries(verdicts, &kept);
	/* Nobody can read damaged ones, so they are none by now. */
	if (r == -EBADMSG)
		return txn_verdicts_set(txn, day->alp_user_id, day->day, verdicts_id, STR(""));
	return r < 0 ? r : txn_verdicts_set(txn, day->alp_user_id, day->day, verdicts_id, rowset_bytes(kept));
}

static int
prune_all_verdicts(struct txn *txn, const struct day_row *day)
{
	_cleanup_free_ struct verdicts_row *rows = NULL;
	size_t count = 0;
	int r = txn_verdicts_list(txn, day->alp_user_id, day->day, &rows, &count);

	for (size_t i = 0; r == 0 && i < count; i++)
		r = prune_verdicts(txn, day, rows[i].verdicts_id);
	return r;
}

/* --- what they came to ------------------------------------------------------------------------------------------------------ */

static void
add_row(void *arg, day_t day, int64_t seconds, struct str rule)
{
	struct filtered_sums *sums = arg;
	size_t i = 0;

	(void)day;
	while (i < sums->count && !str_eq(str_of(sums->rows[i].rule), rule))
		i++;
	if (i == sums->count) {
		sums->rows = xreallocarray(sums->rows, ++sums->count, sizeof *sums->rows);
		sums->rows[i] = (struct filtered_sum){.rule = xstrndup(rule.len > 0 ? rule.p : "", rule.len)};
	}
	sums->rows[i].seconds += seconds;
	sums->rows[i].rows++;
}

static int
keep_sums(struct txn *txn, const struct day_row *day)
{
	_cleanup_(filtered_sums_release) struct filtered_sums sums = {.rows = NULL};
	int r = txn_activity_unbilled(txn, day->alp_user_id, day->day, day->day, add_row, &sums);

	for (size_t i = 0; r == 0 && i < sums.count; i++)
		r = txn_filtered_add(txn, day->alp_user_id, day->day, &sums.rows[i]);
	return r;
}

static int
prune_day(struct txn *txn, const struct op *op, const struct day_row *day)
{
	int r = keep_sums(txn, day);

	if (r == 0)
		r = prune_all_verdicts(txn, day);
	return r < 0 ? r : txn_day_prune(txn, day->alp_user_id, day->day, op->now_ms);
}

/* A day that is pruned takes nothing in any more, so a clock that is wrong must not prune what is still being recorded: it is believed as far as
 * a month after the newest day there is. */
#define CLOCK_BELIEVED_DAYS 31

static int
prune_raw_run(struct txn *txn, struct op *op)
{
	struct prune_raw *v = op->verb;
	_cleanup_(day_list_release) struct day_list days = {0};
	day_t newest;
	int64_t before;
	int r = txn_day_newest(txn, &newest);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	before = MIN_OF(op->now_ms / DAY_MS, (int64_t)newest + CLOCK_BELIEVED_DAYS) - v->keep_days;
	if (before <= 0)
		return 0;
	r = txn_days_to_prune(txn, (day_t)before, op->now_ms - GRACE_MS, DAYS_AT_ONCE, &days);
	for (size_t i = 0; r == 0 && i < days.count; i++)
		r = prune_day(txn, op, &days.rows[i]);
	if (r == 0)
		v->days = (int64_t)days.count;
	return r;
}

void
app_prune_raw(struct app *app, struct prune_raw *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, prune_raw_run, NULL, done, arg);
}

/* --- who comes too late ----------------------------------------------------------------------------------------------------- */

int
txn_count_pruned(struct txn *txn, int64_t alp_user_id, day_t from, day_t to, int64_t *ret_count)
{
	_cleanup_(day_list_release) struct day_list days = {0};
	int64_t count = 0;
	int r = txn_day_list(txn, alp_user_id, from, to, false, &days);

	for (size_t i = 0; r == 0 && i < days.count; i++)
		count += days.rows[i].pruned_ms != 0;
	if (r == 0)
		*ret_count = count;
	return r;
}
