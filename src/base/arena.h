/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h - memory for many small things that go together.
 *
 * Ownership: whatever came from an arena lives until arena_free(), and none of it is given back before. Threads: one at a time.
 */
#ifndef RTALP_BASE_ARENA_H
#define RTALP_BASE_ARENA_H

#include <stddef.h>

#include "base/macro.h"

struct arena;

struct arena *arena_new(void);
struct arena *arena_free(struct arena *a); /* accepts NULL, returns NULL */

/* Zeroed and aligned for anything; never NULL, not even for no bytes. */
void *arena_alloc(struct arena *a, size_t count, size_t size_bytes) __attribute__((alloc_size(2, 3), returns_nonnull));
/* A copy of an array; `from` may be NULL if count is 0. */
void *arena_copy(struct arena *a, const void *from, size_t count, size_t size_bytes) __attribute__((alloc_size(3, 4), returns_nonnull));
const char *arena_text(struct arena *a, const char *text) __attribute__((returns_nonnull));

DEFINE_POINTER_CLEANUP(struct arena, arena_free, arena_freep)

#endif
