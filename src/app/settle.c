/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/past.h"
#include "app/supplement.h"
#include "base/alloc.h"
#include "store/verdicts.h"

void
entry_settle(struct entry_row *entry)
{
	bool touched = entry_touched(entry);

	if (entry->merged_into != 0) {
		entry->status = ENTRY_WITHDRAWN;
		entry->rows_vanished = false;
		return;
	}
	entry->rows_vanished = touched && entry->total_seconds == 0;
	if (entry->status == ENTRY_PENDING && entry->total_seconds == 0 && !touched)
		entry->status = ENTRY_WITHDRAWN;
	else if (entry->status == ENTRY_WITHDRAWN && (entry->total_seconds > 0 || touched))
		entry->status = ENTRY_PENDING;
}

const char *
entry_application(const struct entry_row *entry)
{
	return entry->person_application != NULL ? entry->person_application : entry->application;
}

const char *
entry_description(const struct entry_row *entry)
{
	return entry->person_description != NULL ? entry->person_description : entry->task_description;
}

int64_t
entry_units_tenths(const struct entry_row *entry)
{
	return entry->person_units_tenths >= 0 ? entry->person_units_tenths : entry->units_tenths;
}

const char *
entry_matter(const struct entry_row *entry)
{
	const char *matter = entry->person_matter != NULL ? entry->person_matter : entry->matter_code;

	return matter != NULL && matter[0] != '\0' ? matter : NULL;
}

static bool
set_units(const struct units_policy *policy, struct entry_row *entry, int64_t tenths)
{
	bool same = entry->units_tenths == tenths && entry->rounding == (int32_t)policy->rounding &&
		    entry->units_per == (int32_t)policy->per && entry->minimum_tenths == policy->minimum_tenths;

	entry->units_tenths = tenths;
	entry->rounding = (int32_t)policy->rounding;
	entry->units_per = (int32_t)policy->per;
	entry->minimum_tenths = policy->minimum_tenths;
	return !same;
}

bool
entry_price(const struct units_policy *policy, struct entry_row *entry)
{
	return set_units(policy, entry, units_tenths(*policy, entry->total_seconds));
}

/* What it adds to the units of the seconds before it. */
static bool
price_beyond(const struct units_policy *policy, struct entry_row *entry, int64_t before)
{
	return set_units(policy, entry, units_tenths(*policy, before + entry->total_seconds) - units_tenths(*policy, before));
}

static bool
is_priced(const struct entry_row *entry)
{
	return entry->status == ENTRY_PENDING || entry->status == ENTRY_WITHDRAWN;
}

struct line {
	const char *matter;
	size_t at; /* in the list of entries */
};

static int
by_matter(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;
	int c = strcmp(a->matter, b->matter);

	if (c != 0)
		return c;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* The lines of one matter. What was submitted of it keeps what it got; the rest is for the others. */
static void
settle_matter(const struct units_policy *policy, struct entry_list *day, const struct line *lines, size_t count, bool *changed)
{
	_cleanup_free_ int64_t *seconds = xcalloc(count, sizeof *seconds), *tenths = xcalloc(count, sizeof *tenths);
	int64_t all = 0, held = 0;

	for (size_t i = 0; i < count; i++) {
		const struct entry_row *entry = &day->rows[lines[i].at];
		bool submitted = entry->status == ENTRY_SUBMITTED;

		all += submitted && entry->frozen_seconds >= 0 ? entry->frozen_seconds : entry->total_seconds;
		held += submitted ? entry->units_tenths : 0;
		seconds[i] = submitted ? 0 : entry->total_seconds;
	}
	units_spread(seconds, count, MAX_OF(units_tenths(*policy, all) - held, (int64_t)0), tenths);
	for (size_t i = 0; i < count; i++)
		if (day->rows[lines[i].at].status != ENTRY_SUBMITTED && set_units(policy, &day->rows[lines[i].at], tenths[i]))
			changed[lines[i].at] = true;
}

static void
settle_by_matter(const struct units_policy *policy, struct entry_list *day, bool *changed)
{
	_cleanup_free_ struct line *lines = xcalloc(day->count, sizeof *lines);
	size_t count = 0;

	for (size_t at = 0; at < day->count; at++) {
		const struct entry_row *entry = &day->rows[at];

		if (entry_matter(entry) != NULL && (is_priced(entry) || entry->status == ENTRY_SUBMITTED))
			lines[count++] = (struct line){entry_matter(entry), at};
	}
	if (count > 0)
		qsort(lines, count, sizeof *lines, by_matter);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && strcmp(lines[i].matter, lines[end].matter) == 0; end++)
			;
		settle_matter(policy, day, &lines[i], end - i, changed);
	}
}

void
settle_day(const struct units_policy *policy, struct entry_list *day, bool *changed)
{
	_cleanup_free_ int64_t *before = xcalloc(day->count, sizeof *before);
	bool by_matter = policy->per == UNITS_PER_MATTER;

	supplements_before(day, before);
	for (size_t at = 0; at < day->count; at++) {
		struct entry_row *entry = &day->rows[at];

		if (is_priced(entry) && (!by_matter || entry_matter(entry) == NULL) && price_beyond(policy, entry, before[at]))
			changed[at] = true;
	}
	if (by_matter)
		settle_by_matter(policy, day, changed);
}

/* Sets an entry's time, and what follows for its status. Runs on every entry of the day; the ones that stay the same are left alone. */
static bool
take_time(const struct units_policy *policy, struct entry_row *entry, int64_t seconds)
{
	enum entry_status status = entry->status;
	bool vanished = entry->rows_vanished, changed = seconds != entry->total_seconds;

	if (entry->status == ENTRY_SUBMITTED)
		return false;
	entry->total_seconds = seconds;
	/* Nobody bills it, so it has no part in what its matter gets. */
	if (changed && entry->status == ENTRY_IGNORED)
		entry_price(policy, entry);
	entry_settle(entry);
	return changed || entry->status != status || entry->rows_vanished != vanished;
}

/* What the machine said of an open draft until now may be on somebody's screen. */
static void
remember(struct entry_row *entry, const struct past_value *said)
{
	if (said->seconds > 0 && (said->seconds != entry->total_seconds || said->tenths != entry->units_tenths))
		past_note(&entry->machine_values, said);
}

void
settle_times(const struct units_policy *policy, int64_t now_ms, struct entry_list *day, int64_t **recorded, bool **changed)
{
	_cleanup_free_ struct past_value *said = xcalloc(day->count, sizeof *said);
	size_t count = day->count;

	for (size_t at = 0; at < count; at++)
		if (day->rows[at].status == ENTRY_PENDING && day->rows[at].entry_id != 0)
			said[at] = past_value_of(&day->rows[at]);
	supplements_share(day, now_ms, recorded, changed);
	for (size_t at = 0; at < day->count; at++)
		if (take_time(policy, &day->rows[at], (*recorded)[at]))
			(*changed)[at] = true;
	settle_day(policy, day, *changed);
	for (size_t at = 0; at < count; at++)
		remember(&day->rows[at], &said[at]);
}

int
txn_day_policy(struct txn *txn, int64_t alp_user_id, day_t day, const struct units_policy *otherwise, struct units_policy *ret_policy)
{
	struct verdicts_row newest = {0};
	int r = txn_verdicts_newest(txn, alp_user_id, day, &newest);

	if (r < 0 && r != -ENOENT)
		return r;
	*ret_policy = *otherwise;
	if (r == 0)
		*ret_policy = (struct units_policy){
		    .rounding = (enum rounding)newest.rounding, .per = (enum units_per)newest.units_per, .minimum_tenths = newest.minimum_tenths,
		};
	return 0;
}

static size_t
position_of(const struct entry_list *day, int64_t entry_id)
{
	size_t at = 0;

	while (at < day->count && day->rows[at].entry_id != entry_id)
		at++;
	return at;
}

/* Of the others, those that changed, and new supplements. */
static int
write_others(struct txn *txn, struct entry_list *day, size_t except, const bool *changed, int64_t now_ms)
{
	int r = 0;

	for (size_t at = 0; r == 0 && at < day->count; at++) {
		if (!changed[at] || at == except)
			continue;
		day->rows[at].updated_ms = now_ms;
		r = day->rows[at].entry_id == 0 ? txn_entry_insert(txn, &day->rows[at]) : txn_entry_update(txn, &day->rows[at]);
	}
	return r;
}

/* 1: its time is divided with others, was confirmed, or is to be. */
static int
is_shared(struct txn *txn, const struct entry_row *entry)
{
	if (entry->supplement_of != 0 || entry->merged_into != 0 || entry->status == ENTRY_SUBMITTED || entry->drift_seconds != 0)
		return 1;
	return txn_entry_supplemented(txn, entry->entry_id);
}

static int
settle_in_day(struct txn *txn, const struct units_policy *policy, int64_t now_ms, struct entry_row *entry)
{
	_cleanup_(entry_list_release) struct entry_list day = {0};
	_cleanup_free_ int64_t *recorded = NULL;
	_cleanup_free_ bool *changed = NULL;
	struct entry_row stored;
	size_t at;
	int r = txn_entry_load_day(txn, entry->alp_user_id, entry->day, &day);

	at = position_of(&day, entry->entry_id);
	if (r < 0 || at == day.count)
		return r < 0 ? r : -ENOENT;
	recorded = xcalloc(day.count, sizeof *recorded);
	changed = xcalloc(day.count, sizeof *changed);
	/* As it is stored, the day says what was recorded; the rows themselves may have been pruned. */
	supplements_recorded(&day, recorded);
	stored = day.rows[at];
	day.rows[at] = *entry;
	settle_times(policy, now_ms, &day, &recorded, &changed);
	r = write_others(txn, &day, at, changed, now_ms);
	*entry = day.rows[at];
	day.rows[at] = stored;
	return r;
}

int
txn_settle_around(struct txn *txn, const struct units_policy *otherwise, int64_t now_ms, struct entry_row *entry)
{
	struct units_policy policy;
	int r = txn_day_policy(txn, entry->alp_user_id, entry->day, otherwise, &policy);

	if (r == 0)
		r = is_shared(txn, entry);
	if (r < 0)
		return r;
	if (r > 0 || policy.per == UNITS_PER_MATTER)
		return settle_in_day(txn, &policy, now_ms, entry);
	if (is_priced(entry))
		entry_price(&policy, entry);
	return 0;
}
