/* SPDX-License-Identifier: Apache-2.0 */
/* secret.h - the only type that holds somebody's key.
 *
 * The bytes live in pages of their own that are locked (as far as RLIMIT_MEMLOCK allows), left out of core dumps, empty in a forked child, and
 * overwritten when freed. Small slots in shared pages, because libsodium's guarded allocation takes 16 KB of mappings a key and a
 * queue may hold ten thousand. There is no way to print one: code that must hand the bytes to a library asks secret_expose() and
 * says why on the line above.
 *
 * Invariants: 1..SECRET_MAX bytes, none of them a control character, a space or a NUL; a NUL that does not count follows.
 * Ownership: whoever holds the pointer; secret_free() wipes. Threads: only the one that runs the loop (or the worker's only one).
 */
#ifndef RTALP_BASE_SECRET_H
#define RTALP_BASE_SECRET_H

#include <stddef.h>

#include "base/macro.h"
#include "base/str.h"

#define SECRET_MAX 255

struct secret;

/* Once a process, before anything else here. -EIO if libsodium cannot start. */
int secret_setup(void);

/* Copies. -EINVAL if the bytes break an invariant, -ENOMEM if the system gives no page. */
int secret_new(struct str bytes, struct secret **ret_secret);
struct secret *secret_free(struct secret *s); /* accepts NULL, returns NULL */
struct str secret_expose(const struct secret *s);

/* Overwrites a buffer through which a secret passed. */
void secret_wipe(void *p, size_t len);

static inline void
secret_freep(struct secret **s)
{
	*s = secret_free(*s);
}

#endif
