/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that a peer sent as a rowset: refused, or every invariant of rowset.h holds and they can be read through. */
#include <errno.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "proto/rowset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_string(struct str s)
{
	if (s.p[s.len] != '\0' || s.len > ROWSET_STRING_MAX || memchr(s.p, '\0', s.len) != NULL || !utf8_valid(s))
		abort();
}

static void
check_row(const struct row_view *row)
{
	const struct str strings[] = {row->activity, row->document, row->category, row->task, row->application, row->group,
				    row->matter, row->rule, row->evidence, row->trail, row->times};

	if (row->bucket_s < 0 || row->bucket_s >= ROWSET_BUCKET_MAX || row->seconds < 1 || row->productivity < -2 ||
	    row->productivity > 2 || row->activity.len == 0)
		abort();
	for (size_t i = 0; i < ELEMENTSOF(strings); i++)
		check_string(strings[i]);
}

static int
order(const struct row_view *a, const struct row_view *b)
{
	int c = a->bucket_s < b->bucket_s ? -1 : a->bucket_s > b->bucket_s;

	if (c == 0)
		c = str_cmp(a->activity, b->activity);
	return c != 0 ? c : str_cmp(a->document, b->document);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(rowset_freep) struct rowset *rs = NULL, *totals = NULL;
	struct row_view row, last = {0};
	int r = rowset_parse((struct str){.p = (const char *)data, .len = size}, &rs);

	if (r < 0) {
		if (r != -EBADMSG || rs != NULL)
			abort();
		return 0;
	}
	for (size_t i = 0; i < rowset_count(rs); i++, last = row) {
		row = rowset_row(rs, i);
		check_row(&row);
		if (i > 0 && order(&last, &row) >= 0)
			abort();
	}
	r = rowset_totals(rs, &totals);
	if (r < 0 ? r != -ERANGE : rowset_seconds(totals) != rowset_seconds(rs))
		abort();
	return 0;
}
