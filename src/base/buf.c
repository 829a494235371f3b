/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static int
buf_reserve(struct buf *b, size_t more)
{
	size_t want;

	/* Nearly always; the capacity is never more than the maximum and its NUL. */
	if (b->error == 0 && more < b->capacity - b->len)
		return 0;
	if (b->error < 0)
		return b->error;
	if (more > b->max - b->len)
		return b->error = -E2BIG;
	want = b->len + more + 1;
	if (want > b->capacity) {
		size_t grown = b->capacity < 64 ? 64 : b->capacity * 2;

		if (grown > b->max + 1)
			grown = b->max + 1;
		b->capacity = MAX_OF(grown, want);
		b->p = xreallocarray(b->p, b->capacity, 1);
	}
	return 0;
}

int
buf_add(struct buf *b, const void *bytes, size_t len)
{
	int r = buf_reserve(b, len);

	if (r < 0)
		return r;
	if (len > 0)
		memcpy(b->p + b->len, bytes, len);
	b->len += len;
	b->p[b->len] = '\0';
	return 0;
}

int
buf_add_str(struct buf *b, struct str s)
{
	return buf_add(b, s.p, s.len);
}

int
buf_addz(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

int
buf_addc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

int
buf_addf(struct buf *b, const char *format, ...)
{
	va_list ap;
	int n, r;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0)
		return b->error = -EINVAL;
	r = buf_reserve(b, (size_t)n);
	if (r < 0)
		return r;
	va_start(ap, format);
	vsnprintf(b->p + b->len, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len += (size_t)n;
	return 0;
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){.p = b->p, .len = b->len};
}

char *
buf_take(struct buf *b, size_t *ret_len)
{
	char *p = b->p != NULL ? b->p : xstrdup("");

	if (ret_len != NULL)
		*ret_len = b->len;
	*b = BUF_INIT(b->max);
	return p;
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_release(struct buf *b)
{
	free(b->p);
	*b = BUF_INIT(b->max);
}
