/* SPDX-License-Identifier: Apache-2.0 */
/* wiping_alloc.c - memory that is given back is overwritten first, whoever had it: libevent, json-c and libcurl copy what passes through
 * them, keys among it, and none of them wipes. And what cannot be had ends the process, whoever asked (base/alloc.h): json-c leaves
 * out an element of an array for which there is no memory, or stumbles over a name that it could not copy, and libevent frees what it never made.
 *
 * The functions of rtalpd take the place of the C library's, for the program and everything it is linked with; what they give is the C
 * library's own. Not in sanitizer builds, whose run time has an allocator of its own.
 *
 * The database's engine has what is behind (wiping_alloc_start()): of keys it sees sealed ones only, and it would make up most of what is wiped.
 * Threads: any. */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/wiping_alloc.h"

#ifndef WITH_SANITIZER

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);
/* Seen by the libraries, too. */
__attribute__((visibility("default"))) void *malloc(size_t size);
__attribute__((visibility("default"))) void *calloc(size_t count, size_t size);
__attribute__((visibility("default"))) void free(void *p);
__attribute__((visibility("default"))) void *realloc(void *p, size_t size);

void *
malloc(size_t size)
{
	void *p = __libc_malloc(size);

	if (p == NULL)
		alloc_failed();
	return p;
}

void *
calloc(size_t count, size_t size)
{
	void *p = __libc_calloc(count, size);

	if (p == NULL)
		alloc_failed();
	return p;
}

void
free(void *p)
{
	int saved = errno;

	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	__libc_free(p);
	errno = saved;
}

/* What moves leaves nothing behind; what stays loses its tail. */
void *
realloc(void *p, size_t size)
{
	size_t had = p != NULL ? malloc_usable_size(p) : 0;
	void *moved;

	if (p != NULL && size == 0) {
		free(p);
		return NULL;
	}
	if (size <= had && size >= had / 2 && had > 0) {
		explicit_bzero((char *)p + size, had - size);
		return p;
	}
	moved = malloc(size);
	if (moved == NULL || p == NULL)
		return moved;
	memcpy(moved, p, size < had ? size : had);
	free(p);
	return moved;
}

static void *
plain_resize(void *p, size_t size)
{
	void *moved = __libc_realloc(p, size);

	if (moved == NULL)
		alloc_failed();
	return moved;
}

static void *
plain_get(size_t size)
{
	void *p = __libc_malloc(size);

	if (p == NULL)
		alloc_failed();
	return p;
}

static const struct plain_memory behind = {.get = plain_get, .resize = plain_resize, .give_back = __libc_free};

void
wiping_alloc_start(void)
{
	alloc_set_plain(&behind);
}

#else

void
wiping_alloc_start(void)
{
}

#endif
