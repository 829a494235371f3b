/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h - a growing run of bytes, and a borrowed one.
 *
 * `struct text` is a borrowed view that may hold any byte, NUL included: the faults send titles that no C string can hold.
 * `struct buf` owns its bytes; zero-initialise it, buf_release() gives them back. Nothing here fails (see alloc.h).
 */
#ifndef SANDBOX_BUF_H
#define SANDBOX_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct text {
	const char *s;
	size_t n;
};

struct buf {
	char *data;
	size_t len, cap;
};

static inline struct text
text_of(const char *s)
{
	return (struct text){ s, strlen(s) };
}

static inline bool
text_equal(struct text a, struct text b)
{
	return a.n == b.n && (a.s == b.s || memcmp(a.s, b.s, a.n) == 0);
}

/* Byte order, shorter first on a tie: <0, 0, >0. */
int text_compare(struct text a, struct text b);

/* Makes room for `more` bytes after the end and returns where they go; the caller adds to `len` what it used. */
char *buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_text(struct buf *b, struct text t);
void buf_int(struct buf *b, int64_t v);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_release(struct buf *b);

#endif
