/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a rowset: what came from elsewhere is checked once, in whole, before anybody walks it. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/utf8.h"
#include "proto/rowset_flat.h"

bool
rowset_numbers_in_range(int32_t bucket_s, int32_t seconds, int32_t productivity)
{
	return bucket_s >= 0 && bucket_s < ROWSET_BUCKET_MAX && seconds >= 1 && productivity >= -2 && productivity <= 2;
}

int
rowset_compare_key(const struct flat_row *a, const struct flat_row *b, const char *text, const struct flat_string *strings)
{
	static const enum row_string order[] = {RS_ACTIVITY, RS_DOCUMENT};

	if (a->bucket_s != b->bucket_s)
		return a->bucket_s < b->bucket_s ? -1 : 1;
	for (size_t i = 0; i < ELEMENTSOF(order); i++) {
		const struct flat_string *x = &strings[a->string[order[i]]], *y = &strings[b->string[order[i]]];
		int c;

		if (x == y)
			continue;
		c = str_cmp((struct str){text + x->offset, x->len}, (struct str){text + y->offset, y->len});
		if (c != 0)
			return c;
	}
	return 0;
}

static void
rowset_point(struct rowset *rs, const void *bytes, size_t len)
{
	const struct flat_header *h = bytes;

	rs->bytes = bytes;
	rs->len = len;
	rs->row_count = h->row_count;
	rs->string_count = h->string_count;
	rs->strings_per_row = h->strings_per_row;
	rs->row_bytes = flat_row_bytes(h->strings_per_row);
	rs->rows = (const char *)(h + 1);
	rs->strings = (const struct flat_string *)(const void *)(rs->rows + rs->row_bytes * h->row_count);
	rs->text = (const char *)(rs->strings + h->string_count);
}

struct rowset *
rowset_from_flat(void *bytes, size_t len)
{
	struct rowset *rs = xcalloc(1, sizeof *rs);

	rowset_point(rs, bytes, len);
	return rs;
}

struct rowset *
rowset_free(struct rowset *rs)
{
	if (rs == NULL)
		return NULL;
	free((void *)(uintptr_t)rs->bytes);
	free(rs);
	return NULL;
}

size_t
rowset_count(const struct rowset *rs)
{
	return rs->row_count;
}

static struct str
row_string(const struct rowset *rs, const struct flat_row *row, enum row_string which)
{
	const struct flat_string *s;

	if ((uint32_t)which >= rs->strings_per_row)
		return STR("");
	s = &rs->strings[row->string[which]];
	return (struct str){.p = rs->text + s->offset, .len = s->len};
}

struct row_view
rowset_row(const struct rowset *rs, size_t i)
{
	const struct flat_row *row = flat_row_at(rs, i);

	return (struct row_view){
	    .bucket_s = row->bucket_s,
	    .seconds = row->seconds,
	    .productivity = row->productivity,
	    .activity = row_string(rs, row, RS_ACTIVITY),
	    .document = row_string(rs, row, RS_DOCUMENT),
	    .category = row_string(rs, row, RS_CATEGORY),
	    .task = row_string(rs, row, RS_TASK),
	    .application = row_string(rs, row, RS_APPLICATION),
	    .group = row_string(rs, row, RS_GROUP),
	    .matter = row_string(rs, row, RS_MATTER),
	    .rule = row_string(rs, row, RS_RULE),
	    .evidence = row_string(rs, row, RS_EVIDENCE),
	    .trail = row_string(rs, row, RS_TRAIL),
	    .times = row_string(rs, row, RS_TIMES),
	};
}

uint32_t
rowset_group_number(const struct rowset *rs, size_t i)
{
	assert(rs->strings_per_row > RS_GROUP);
	return flat_row_at(rs, i)->string[RS_GROUP];
}

size_t
rowset_string_count(const struct rowset *rs)
{
	return rs->string_count;
}

int64_t
rowset_seconds(const struct rowset *rs)
{
	int64_t sum = 0;

	for (size_t i = 0; i < rs->row_count; i++)
		sum += flat_row_at(rs, i)->seconds;
	return sum;
}

struct str
rowset_bytes(const struct rowset *rs)
{
	return (struct str){.p = rs->bytes, .len = rs->len};
}

static int
check_sizes(const struct flat_header *h, size_t len)
{
	size_t want;

	if (h->magic != ROWSET_MAGIC || h->row_count > ROWSET_ROWS_MAX || h->string_count > ROWSET_MAX_BYTES ||
	    h->string_bytes > ROWSET_MAX_BYTES)
		return -EBADMSG;
	if (h->strings_per_row != STRINGS_RECORDED && h->strings_per_row != STRINGS_PER_ROW)
		return -EBADMSG;
	want = sizeof *h + h->row_count * flat_row_bytes(h->strings_per_row) + h->string_count * sizeof(struct flat_string) +
	       h->string_bytes;
	return len == want ? 0 : -EBADMSG;
}

/* Strings stand back to back and fill the text, so each byte is checked once and no two overlap. */
static int
check_strings(const struct rowset *rs, const struct flat_header *h)
{
	size_t offset = 0;

	for (size_t i = 0; i < h->string_count; i++) {
		struct flat_string s = rs->strings[i];

		if (s.offset != offset || s.len > ROWSET_STRING_MAX || s.len + 1 > h->string_bytes - offset ||
		    rs->text[offset + s.len] != '\0' || !utf8_valid((struct str){rs->text + offset, s.len}))
			return -EBADMSG;
		offset += (size_t)s.len + 1;
	}
	return offset == h->string_bytes ? 0 : -EBADMSG;
}

static int
check_rows(const struct rowset *rs, const struct flat_header *h)
{
	for (size_t i = 0; i < rs->row_count; i++) {
		const struct flat_row *row = flat_row_at(rs, i);

		for (size_t k = 0; k < rs->strings_per_row; k++)
			if (row->string[k] >= h->string_count)
				return -EBADMSG;
		if (!rowset_numbers_in_range(row->bucket_s, row->seconds, row->productivity) ||
		    rs->strings[row->string[RS_ACTIVITY]].len == 0)
			return -EBADMSG;
		if (i > 0 && rowset_compare_key(flat_row_at(rs, i - 1), row, rs->text, rs->strings) >= 0)
			return -EBADMSG;
	}
	return 0;
}

static int
rowset_check(const struct rowset *rs)
{
	const struct flat_header *h = rs->bytes;
	int r = check_strings(rs, h);

	return r < 0 ? r : check_rows(rs, h);
}

/* Takes the bytes over, whatever becomes of them. */
static int
check_owned(char *bytes, size_t len, struct rowset **ret_rs)
{
	_cleanup_free_ char *owned = bytes;
	_cleanup_(rowset_freep) struct rowset *rs = NULL;
	int r;

	if (len < sizeof(struct flat_header))
		return -EBADMSG;
	r = check_sizes((const struct flat_header *)(const void *)owned, len);
	if (r < 0)
		return r;
	rs = rowset_from_flat(TAKE_PTR(owned), len);
	r = rowset_check(rs);
	if (r < 0)
		return r;
	*ret_rs = TAKE_PTR(rs);
	return 0;
}

int
rowset_parse(struct str bytes, struct rowset **ret_rs)
{
	if (bytes.len == 0 || bytes.len > ROWSET_MAX_BYTES)
		return -EBADMSG;
	return check_owned(xmemdup(bytes.p, bytes.len, 1), bytes.len, ret_rs);
}

int
rowset_to_fd(const struct rowset *rs)
{
	return memfd_sealed("rowset", rs->bytes, rs->len);
}

int
rowset_receive(int fd, struct rowset **ret_rs)
{
	void *bytes = NULL;
	size_t len = 0;
	int r = memfd_read_sealed(fd, ROWSET_MAX_BYTES, &bytes, &len);

	return r < 0 ? r : check_owned(bytes, len, ret_rs);
}
