/* SPDX-License-Identifier: Apache-2.0 */
/* RescueTime's answer: whatever stands in it, it is a day whose rows hold every invariant of a rowset, or an error that is in the header's
 * list, with words where the header promises words. */
#include <errno.h>
#include <stdlib.h>

#include "workers/activity_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DAY ((day_t)20454) /* 2026-01-01, as in the corpus */

static void
check_rows(const struct rowset *rows)
{
	struct rowset *again = NULL;
	int64_t seconds = 0;

	if (rowset_parse(rowset_bytes(rows), &again) < 0)
		abort();
	for (size_t i = 0; i < rowset_count(again); i++) {
		struct row_view row = rowset_row(again, i);

		if (row.bucket_s >= 86400 || row.document.len == 0 || row.category.len == 0 || row.task.len != 0)
			abort();
		seconds += row.seconds;
	}
	if (seconds != rowset_seconds(rows))
		abort();
	rowset_free(again);
}

static void
check_error(int r, const struct parse_report *report)
{
	if (r != -EBADMSG && r != -ENODATA && r != -EREMOTE && r != -EPROTO && r != -E2BIG)
		abort();
	if ((r == -EREMOTE) != (report->error != UPSTREAM_ERROR_NONE) || (r == -EPROTO) != (report->detail[0] != '\0'))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rowset *rows = NULL;
	struct parse_report report;
	int r = activity_parse((struct str){(const char *)data, size}, DAY, &rows, &report);

	if (r == 0)
		check_rows(rows);
	else
		check_error(r, &report);
	rowset_free(rows);
	return 0;
}
