/* SPDX-License-Identifier: Apache-2.0 */
/* buf.h - a growing run of bytes that is born with a maximum.
 *
 * Invariants: len <= max; while len > 0, p[len] is a NUL that does not count, so that p can be printed.
 * Errors are sticky: once an addition failed (-E2BIG), later additions fail too and the contents stay as they were before the
 * first failure; a caller may add many pieces and ask once at the end.
 *
 * Ownership: the buffer owns its bytes until buf_take() hands them over. Threads: one at a time.
 */
#ifndef RTALP_BASE_BUF_H
#define RTALP_BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/str.h"

struct buf {
	char *p;
	size_t len;
	size_t capacity;
	size_t max;
	int error; /* 0, or what the first failed addition returned */
};

#define BUF_INIT(max_bytes) ((struct buf){.max = (max_bytes)})

int buf_add(struct buf *b, const void *bytes, size_t len);
int buf_add_str(struct buf *b, struct str s);
int buf_addz(struct buf *b, const char *text);
int buf_addf(struct buf *b, const char *format, ...) _printf_(2, 3);
int buf_addc(struct buf *b, char c);

struct str buf_str(const struct buf *b);
/* The bytes with a NUL behind them; the caller frees. The buffer is empty afterwards. Never NULL. */
char *buf_take(struct buf *b, size_t *ret_len);
/* Empties without giving memory back; clears the sticky error. */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

#endif
