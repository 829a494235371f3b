/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.h - memory that is there or ends the program.
 *
 * A stand-in used by tests has nothing sensible to do when memory runs out, and every caller that had to hand on -ENOMEM
 * would hide what it is about. So these never return NULL. Ownership: free() what you got.
 */
#ifndef SANDBOX_ALLOC_H
#define SANDBOX_ALLOC_H

#include <stddef.h>

/* Zeroed. Overflow of n * size ends the program too. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
char *xstrdup(const char *s);

/* Makes room for one more element in a doubling array; returns the array, which may have moved. */
void *xgrow(void *p, size_t *cap, size_t count, size_t size);

#endif
