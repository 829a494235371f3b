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
flat_compare_keys(const struct flat_key *a, const struct flat_key *b, const char *text, const uint32_t *offsets)
{
	int c = 0;

	if (a->bucket_s != b->bucket_s)
		return a->bucket_s < b->bucket_s ? -1 : 1;
	if (a->activity != b->activity)
		c = str_cmp(flat_text(text, offsets, a->activity), flat_text(text, offsets, b->activity));
	if (c == 0 && a->document != b->document)
		c = str_cmp(flat_text(text, offsets, a->document), flat_text(text, offsets, b->document));
	return c;
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
	rs->narrow = h->string_count <= NARROW_STRINGS_MAX;
	rs->row_bytes = flat_row_bytes(h->strings_per_row, h->string_count);
	rs->rows = (const char *)(h + 1);
	rs->text = rs->rows + rs->row_bytes * h->row_count;
}

struct rowset *
rowset_from_flat(void *bytes, size_t len, uint32_t *offsets)
{
	struct rowset *rs = xcalloc(1, sizeof *rs);

	rowset_point(rs, bytes, len);
	rs->offsets = offsets;
	return rs;
}

struct rowset *
rowset_free(struct rowset *rs)
{
	if (rs == NULL)
		return NULL;
	free((void *)(uintptr_t)rs->bytes);
	free(rs->offsets);
	free(rs);
	return NULL;
}

size_t
rowset_count(const struct rowset *rs)
{
	return rs->row_count;
}

static struct str
row_string(const struct rowset *rs, size_t i, enum row_string which)
{
	if ((uint32_t)which >= rs->strings_per_row)
		return STR("");
	return flat_text(rs->text, rs->offsets, flat_string_at(rs, i, which));
}

struct row_view
rowset_row(const struct rowset *rs, size_t i)
{
	const struct flat_time *time = flat_time_at(rs, i);

	return (struct row_view){
	    .bucket_s = time->bucket_s,
	    .seconds = time->seconds,
	    .productivity = flat_productivity_at(rs, i),
	    .activity = row_string(rs, i, RS_ACTIVITY),
	    .document = row_string(rs, i, RS_DOCUMENT),
	    .category = row_string(rs, i, RS_CATEGORY),
	    .task = row_string(rs, i, RS_TASK),
	    .application = row_string(rs, i, RS_APPLICATION),
	    .group = row_string(rs, i, RS_GROUP),
	    .matter = row_string(rs, i, RS_MATTER),
	    .rule = row_string(rs, i, RS_RULE),
	    .evidence = row_string(rs, i, RS_EVIDENCE),
	    .trail = row_string(rs, i, RS_TRAIL),
	    .times = row_string(rs, i, RS_TIMES),
	};
}

struct row_name
rowset_row_name(const struct rowset *rs, size_t i)
{
	assert(rs->strings_per_row > RS_GROUP);
	return (struct row_name){
	    .group = flat_string_at(rs, i, RS_GROUP),
	    .application = flat_string_at(rs, i, RS_APPLICATION),
	    .task = flat_string_at(rs, i, RS_TASK),
	};
}

int64_t
rowset_seconds(const struct rowset *rs)
{
	int64_t sum = 0;

	for (size_t i = 0; i < rs->row_count; i++)
		sum += flat_time_at(rs, i)->seconds;
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

	if (h->magic != ROWSET_MAGIC || h->row_count > ROWSET_ROWS_MAX || h->string_bytes > ROWSET_MAX_BYTES ||
	    h->string_count > MIN_OF((size_t)h->string_bytes, ROWSET_STRINGS_MAX))
		return -EBADMSG;
	if (h->strings_per_row != STRINGS_RECORDED && h->strings_per_row != STRINGS_PER_ROW)
		return -EBADMSG;
	want = sizeof *h + h->row_count * flat_row_bytes(h->strings_per_row, h->string_count) + h->string_bytes;
	return len == want ? 0 : -EBADMSG;
}

/* Strings stand back to back and fill the text, so no two overlap and what lies between two NULs is one. */
static int
find_strings(struct rowset *rs, size_t string_bytes)
{
	size_t offset = 0;

	rs->offsets = xreallocarray(NULL, rs->string_count + 1, sizeof *rs->offsets);
	for (size_t i = 0; i < rs->string_count; i++) {
		const char *end = offset < string_bytes ? memchr(rs->text + offset, '\0', string_bytes - offset) : NULL;

		if (end == NULL || (size_t)(end - rs->text) - offset > ROWSET_STRING_MAX)
			return -EBADMSG;
		rs->offsets[i] = (uint32_t)offset;
		offset = (size_t)(end - rs->text) + 1;
	}
	rs->offsets[rs->string_count] = (uint32_t)offset;
	return offset == string_bytes ? 0 : -EBADMSG;
}

static int
check_strings(struct rowset *rs, size_t string_bytes)
{
	int r = find_strings(rs, string_bytes);

	/* Most are. */
	if (r < 0 || utf8_is_ascii((struct str){rs->text, string_bytes}))
		return r;
	for (uint32_t i = 0; i < rs->string_count; i++)
		if (!utf8_valid(flat_text(rs->text, rs->offsets, i)))
			return -EBADMSG;
	return 0;
}

static int
check_row(const struct rowset *rs, size_t i)
{
	const struct flat_time *time = flat_time_at(rs, i);

	if (flat_number_at(rs, i, 0) > 2 * PRODUCTIVITY_BIAS || !rowset_numbers_in_range(time->bucket_s, time->seconds, flat_productivity_at(rs, i)))
		return -EBADMSG;
	for (size_t k = 0; k < rs->strings_per_row; k++)
		if (flat_number_at(rs, i, 1 + k) >= rs->string_count)
			return -EBADMSG;
	return flat_text(rs->text, rs->offsets, flat_string_at(rs, i, RS_ACTIVITY)).len > 0 ? 0 : -EBADMSG;
}

static int
check_rows(const struct rowset *rs)
{
	struct flat_key last = {0};

	for (size_t i = 0; i < rs->row_count; i++) {
		struct flat_key key;

		if (check_row(rs, i) < 0)
			return -EBADMSG;
		key = (struct flat_key){flat_time_at(rs, i)->bucket_s, flat_string_at(rs, i, RS_ACTIVITY), flat_string_at(rs, i, RS_DOCUMENT)};
		if (i > 0 && flat_compare_keys(&last, &key, rs->text, rs->offsets) >= 0)
			return -EBADMSG;
		last = key;
	}
	return 0;
}

static int
rowset_check(struct rowset *rs)
{
	const struct flat_header *h = rs->bytes;
	int r = check_strings(rs, h->string_bytes);

	return r < 0 ? r : check_rows(rs);
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
	rs = rowset_from_flat(TAKE_PTR(owned), len, NULL);
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
