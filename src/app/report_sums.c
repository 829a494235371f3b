/* SPDX-License-Identifier: Apache-2.0 */
/* The arithmetic of reports. */
#include "app/report.h"

#define TENTH_SECONDS (UNIT_SECONDS / 10)

int64_t
billing_billed_seconds(const struct billing *b)
{
	return b->billed_tenths * TENTH_SECONDS;
}

int64_t
billing_added_seconds(const struct billing *b)
{
	return billing_billed_seconds(b) - b->recorded_seconds;
}

int64_t
billing_added_permille(const struct billing *b)
{
	int64_t added = billing_added_seconds(b) * 1000, half = b->recorded_seconds / 2;

	if (b->recorded_seconds == 0)
		return 0;
	return (added >= 0 ? added + half : added - half) / b->recorded_seconds;
}

void
billing_add(struct billing *to, const struct billing *b)
{
	to->lines += b->lines;
	to->recorded_seconds += b->recorded_seconds;
	to->billed_tenths += b->billed_tenths;
	to->tenth_up_tenths += b->tenth_up_tenths;
	to->unit_up_tenths += b->unit_up_tenths;
}

bool
report_is_balanced(const struct report_sums *s)
{
	return s->captured_seconds + s->overhang_seconds == s->pending_seconds + s->submitted_seconds + s->supplement_seconds +
	       s->ignored_seconds + s->filtered_seconds + s->below_minimum_seconds + s->excluded_seconds + s->unprocessed_seconds;
}

void
report_sums_add(struct report_sums *to, const struct report_sums *s)
{
	to->captured_seconds += s->captured_seconds;
	to->overhang_seconds += s->overhang_seconds;
	to->pending_seconds += s->pending_seconds;
	to->submitted_seconds += s->submitted_seconds;
	to->supplement_seconds += s->supplement_seconds;
	to->ignored_seconds += s->ignored_seconds;
	to->filtered_seconds += s->filtered_seconds;
	to->below_minimum_seconds += s->below_minimum_seconds;
	to->excluded_seconds += s->excluded_seconds;
	to->unprocessed_seconds += s->unprocessed_seconds;
	to->entries += s->entries;
	to->units_tenths += s->units_tenths;
	billing_add(&to->billing, &s->billing);
	to->warnings |= s->warnings;
}
