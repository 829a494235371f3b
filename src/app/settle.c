/* SPDX-License-Identifier: Apache-2.0 */
#include "app/settle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/verdicts.h"

void
entry_settle(struct entry_row *entry)
{
	bool touched = entry_touched(entry);

	entry->rows_vanished = touched && entry->total_seconds == 0;
	if (entry->status == ENTRY_PENDING && entry->total_seconds == 0 && !touched)
		entry->status = ENTRY_WITHDRAWN;
	else if (entry->status == ENTRY_WITHDRAWN && (entry->total_seconds > 0 || touched))
		entry->status = ENTRY_PENDING;
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
	bool by_matter = policy->per == UNITS_PER_MATTER;

	for (size_t at = 0; at < day->count; at++) {
		struct entry_row *entry = &day->rows[at];

		if (is_priced(entry) && (!by_matter || entry_matter(entry) == NULL) && entry_price(policy, entry))
			changed[at] = true;
	}
	if (by_matter)
		settle_by_matter(policy, day, changed);
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

/* Of the others, those that changed. */
static int
write_others(struct txn *txn, struct entry_list *day, size_t except, const bool *changed, int64_t now_ms)
{
	int r = 0;

	for (size_t at = 0; r == 0 && at < day->count; at++) {
		if (!changed[at] || at == except)
			continue;
		day->rows[at].updated_ms = now_ms;
		r = txn_entry_update(txn, &day->rows[at]);
	}
	return r;
}

int
txn_settle_around(struct txn *txn, const struct units_policy *otherwise, int64_t now_ms, struct entry_row *entry)
{
	_cleanup_(entry_list_release) struct entry_list day = {0};
	_cleanup_free_ bool *changed = NULL;
	struct units_policy policy;
	struct entry_row swap;
	size_t at;
	int r = txn_day_policy(txn, entry->alp_user_id, entry->day, otherwise, &policy);

	if (r < 0)
		return r;
	if (policy.per != UNITS_PER_MATTER) {
		if (is_priced(entry))
			entry_price(&policy, entry);
		return 0;
	}
	r = txn_entry_load_day(txn, entry->alp_user_id, entry->day, &day);
	at = position_of(&day, entry->entry_id);
	if (r < 0 || at == day.count)
		return r < 0 ? r : -ENOENT;
	changed = xcalloc(day.count, sizeof *changed);
	swap = day.rows[at];
	day.rows[at] = *entry;
	settle_day(&policy, &day, changed);
	r = write_others(txn, &day, at, changed, now_ms);
	*entry = day.rows[at];
	day.rows[at] = swap;
	return r;
}
