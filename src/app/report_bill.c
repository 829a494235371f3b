/* SPDX-License-Identifier: Apache-2.0 */
/* What a day's entries bill, and what either rounding would make of them. */
#include <stdlib.h>
#include <string.h>

#include "app/report.h"
#include "app/settle.h"
#include "app/supplement.h"
#include "base/alloc.h"

struct line {
	const char *matter; /* "": none */
	int64_t seconds, tenths;
	int64_t before; /* billed of its family before it, which it adds to */
};

static int
by_matter(const void *pa, const void *pb)
{
	return strcmp(((const struct line *)pa)->matter, ((const struct line *)pb)->matter);
}

static size_t
collect(const struct entry_list *day, struct line *lines)
{
	_cleanup_free_ int64_t *before = xcalloc(day->count, sizeof *before), *confirmed = xcalloc(day->count, sizeof *confirmed);
	size_t count = 0;

	supplements_before(day, before);
	supplements_confirmed_before(day, confirmed);
	for (size_t at = 0; at < day->count; at++) {
		const struct entry_row *entry = &day->rows[at];
		const char *matter = entry_matter(entry);
		bool submitted = entry->status == ENTRY_SUBMITTED;

		if (!submitted && entry->status != ENTRY_PENDING)
			continue;
		lines[count++] = (struct line){
		    .matter = matter != NULL ? matter : "", .seconds = submitted ? MAX_OF(entry->frozen_seconds, (int64_t)0) : entry->total_seconds,
		    .tenths = entry_units_tenths(entry), .before = submitted ? confirmed[at] : before[at],
		};
	}
	return count;
}

/* Lines of one matter. */
static int64_t
price(const struct units_policy *policy, enum rounding rounding, const struct line *lines, size_t count)
{
	struct units_policy other = *policy;
	int64_t seconds = 0, tenths = 0;

	other.rounding = rounding;
	for (size_t i = 0; i < count; i++) {
		seconds += lines[i].seconds;
		tenths += units_tenths(other, lines[i].before + lines[i].seconds) - units_tenths(other, lines[i].before);
	}
	return policy->per == UNITS_PER_MATTER && lines[0].matter[0] != '\0' ? units_tenths(other, seconds) : tenths;
}

static struct matter_billing
bill(const struct units_policy *policy, const struct line *lines, size_t count)
{
	struct matter_billing m = {.matter = xstrdup(lines[0].matter), .billing = {.lines = (int64_t)count}};

	for (size_t i = 0; i < count; i++) {
		m.billing.recorded_seconds += lines[i].seconds;
		m.billing.billed_tenths += lines[i].tenths;
	}
	m.billing.tenth_up_tenths = price(policy, ROUNDING_TENTH_UP, lines, count);
	m.billing.unit_up_tenths = price(policy, ROUNDING_UNIT_UP, lines, count);
	return m;
}

void
report_bill_day(const struct units_policy *policy, const struct entry_list *day, struct matter_billings *ret_matters)
{
	_cleanup_free_ struct line *lines = xcalloc(day->count, sizeof *lines);
	size_t count = collect(day, lines);

	*ret_matters = (struct matter_billings){.rows = xcalloc(count, sizeof *ret_matters->rows)};
	if (count > 1)
		qsort(lines, count, sizeof *lines, by_matter);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && strcmp(lines[i].matter, lines[end].matter) == 0; end++)
			;
		ret_matters->rows[ret_matters->count++] = bill(policy, &lines[i], end - i);
	}
}
