/* SPDX-License-Identifier: Apache-2.0 */
#include "app/past.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define TEXT_MAX ((size_t)PAST_MAX * 100)

struct past_value
past_value_of(const struct entry_row *entry)
{
	return (struct past_value){
	    entry->total_seconds, entry->units_tenths, entry->rounding, entry->units_per, entry->minimum_tenths,
	};
}

/* What stands at *text, which goes on behind it. False at the end, or at what is no such value. */
static bool
take_value(const char **text, struct past_value *ret_said)
{
	struct past_value v;
	int len = 0;

	if (*text == NULL ||
	    sscanf(*text, "%18" SCNd64 " %18" SCNd64 " %9" SCNd32 " %9" SCNd32 " %9" SCNd32 ";%n", &v.seconds, &v.tenths, &v.rounding,
	        &v.units_per, &v.minimum_tenths, &len) != 5 || len == 0)
		return false;
	*text += len;
	*ret_said = v;
	return true;
}

static void
write_value(struct buf *out, const struct past_value *v)
{
	buf_addf(out, "%" PRId64 " %" PRId64 " %" PRId32 " %" PRId32 " %" PRId32 ";", v->seconds, v->tenths, v->rounding, v->units_per,
	    v->minimum_tenths);
}

void
past_note(char **past, const struct past_value *said)
{
	struct buf out = BUF_INIT(TEXT_MAX);
	const char *text = *past;
	struct past_value v;

	write_value(&out, said);
	for (int kept = 1; kept < PAST_MAX && take_value(&text, &v);) {
		if (v.tenths == said->tenths)
			continue;
		write_value(&out, &v);
		kept++;
	}
	free(*past);
	*past = buf_take(&out, NULL);
}

bool
past_find(const char *past, int64_t tenths, struct past_value *ret_said)
{
	struct past_value v;

	while (take_value(&past, &v)) {
		if (v.tenths != tenths)
			continue;
		*ret_said = v;
		return true;
	}
	return false;
}
