/* SPDX-License-Identifier: Apache-2.0 */
/* macro.h - the few words that every file of ours uses. */
#ifndef RTALP_BASE_MACRO_H
#define RTALP_BASE_MACRO_H

#include <stddef.h>
#include <stdint.h>

/* Runs f(&variable) when the variable goes out of scope; every f accepts a zeroed variable. */
#define _cleanup_(f)   __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define _must_check_   __attribute__((warn_unused_result))
#define _noreturn_     __attribute__((noreturn))
#define _unused_       __attribute__((unused))

#define ELEMENTSOF(a) (sizeof(a) / sizeof((a)[0]))

/* The struct that holds `member`, given the member's address. The member must be of a complete type. */
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

/* Hands a pointer over and leaves NULL behind, so that the cleanup of the old holder does nothing. */
static inline void *
take_ptr(void *pptr)
{
	void **p = (void **)pptr;
	void *v = *p;

	*p = NULL;
	return v;
}
#define TAKE_PTR(p) ((__typeof__(p))take_ptr(&(p)))

/* Declares static inline void name(type **p): frees *p by f, which accepts NULL; for _cleanup_. */
#define DEFINE_POINTER_CLEANUP(type, f, name)                                                                          \
	static inline void name(type **p)                                                                              \
	{                                                                                                              \
		f(*p);                                                                                                 \
	}

#endif
