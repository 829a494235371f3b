/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.h - memory that is either there or ends the process.
 *
 * A daemon that may be restarted at any moment gains nothing from limping on without memory, so these never return NULL: they
 * log one line and abort. Sizes that come from outside must be capped by the caller before they get here.
 *
 * Ownership: the caller's; free() gives it back. Threads: any.
 */
#ifndef RTALP_BASE_ALLOC_H
#define RTALP_BASE_ALLOC_H

#include <stddef.h>
#include <stdlib.h>

#include "base/macro.h"

void *xcalloc(size_t count, size_t size_bytes) __attribute__((malloc, alloc_size(1, 2), returns_nonnull));
void *xreallocarray(void *old, size_t count, size_t size_bytes) __attribute__((alloc_size(2, 3), returns_nonnull));
/* A copy of an array; `from` may be NULL if count is 0. */
void *xmemdup(const void *from, size_t count, size_t size_bytes) __attribute__((malloc, alloc_size(2, 3), returns_nonnull));
char *xstrdup(const char *s) __attribute__((malloc, returns_nonnull));
char *xstrndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
char *xasprintf(const char *format, ...) _printf_(1, 2) __attribute__((malloc, returns_nonnull));

/* An allocation that did not go through us failed: ends the process, unless this is one that may have only so much memory and is to say so itself. */
void alloc_failed(void);
void alloc_may_fail(void);

/* What stands behind an allocator that a program put in front of the C library's: for a library whose memory never holds a secret in the clear, and that takes
 * and gives back so much of it that the difference counts. */
struct plain_memory {
	void *(*get)(size_t size_bytes);
	void *(*resize)(void *p, size_t size_bytes);
	void (*give_back)(void *p);
};
/* Before there is a second thread. Borrowed for ever. */
void alloc_set_plain(const struct plain_memory *m);
const struct plain_memory *alloc_plain(void); /* NULL: there is one allocator */

/* For _cleanup_(freep) on any pointer that malloc gave. */
static inline void
freep(void *pptr)
{
	free(*(void **)pptr);
}
#define _cleanup_free_ _cleanup_(freep)

#endif
