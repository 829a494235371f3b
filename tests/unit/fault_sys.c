/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_sys.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEEN __attribute__((visibility("default")))

static struct fault_order *_Atomic order;

void
fault_follow(struct fault_order *o)
{
	atomic_store(&order, o);
}

/* A sanitizer's run time stands there itself. */
#ifndef WITH_SANITIZER

/* Counts a call; true if it is the one that fails. */
static bool
strikes(enum fault_sort sort)
{
	struct fault_order *o = atomic_load(&order);

	return o != NULL && o->sort == sort && atomic_fetch_add(&o->seen, 1) + 1 == o->nth;
}

static bool
follows(enum fault_sort sort)
{
	const struct fault_order *o = atomic_load(&order);

	return o != NULL && o->sort == sort;
}

static bool
is_file(int fd)
{
	int saved = errno;
	struct stat st;
	bool file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);

	errno = saved;
	return file;
}

/* ISO C knows no way from an object's address to a function's but copying it. */
#define NEXT(name, next)                                                                                               \
	static __typeof__(&name) next;                                                                                 \
	if (next == NULL) {                                                                                            \
		void *found = dlsym(RTLD_NEXT, #name);                                                                 \
		memcpy(&next, &found, sizeof next);                                                                    \
	}

/* How much of the write is to be done; *ret_error says what it fails with, 0: it does not. */
static size_t
allowed(int fd, size_t n, int *ret_error)
{
	*ret_error = 0;
	if (follows(FAULT_TORN) && is_file(fd) && strikes(FAULT_TORN)) {
		*ret_error = EIO;
		return n / 2;
	}
	if (follows(FAULT_FULL) && is_file(fd) && strikes(FAULT_FULL)) {
		*ret_error = ENOSPC;
		return 0;
	}
	return n;
}

static ssize_t
failed(int error)
{
	errno = error;
	return -1;
}

SEEN ssize_t
write(int fd, const void *bytes, size_t n)
{
	NEXT(write, next)
	int error;
	size_t some = allowed(fd, n, &error);
	ssize_t r = some > 0 || error == 0 ? next(fd, bytes, some) : 0;

	return error != 0 ? failed(error) : r;
}

SEEN ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	NEXT(pwrite64, next)
	int error;
	size_t some = allowed(fd, n, &error);
	ssize_t r = some > 0 || error == 0 ? next(fd, bytes, some, at) : 0;

	return error != 0 ? failed(error) : r;
}

SEEN ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	return pwrite64(fd, bytes, n, at);
}

#define REFUSE(sort, condition, type, name, parameters, error, value, ...)                                             \
	SEEN type name parameters                                                                                      \
	{                                                                                                              \
		NEXT(name, next)                                                                                       \
		if (follows(sort) && (condition) && strikes(sort)) {                                                   \
			errno = error;                                                                                 \
			return value;                                                                                  \
		}                                                                                                      \
		return next(__VA_ARGS__);                                                                              \
	}

REFUSE(FAULT_FULL, is_file(fd), int, ftruncate64, (int fd, off64_t size), ENOSPC, -1, fd, size)
REFUSE(FAULT_FSYNC, true, int, fsync, (int fd), EIO, -1, fd)
REFUSE(FAULT_FSYNC, true, int, fdatasync, (int fd), EIO, -1, fd)
REFUSE(FAULT_MESSAGE, true, int, socketpair, (int domain, int type, int protocol, int fds[2]), EMFILE, -1, domain, type, protocol, fds)
REFUSE(FAULT_MESSAGE, true, ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), ENOBUFS, -1, fd, m, flags)
REFUSE(FAULT_MESSAGE, true, ssize_t, recvmsg, (int fd, struct msghdr *m, int flags), ENOMEM, -1, fd, m, flags)
REFUSE(FAULT_MESSAGE, true, int, memfd_create, (const char *name, unsigned flags), ENFILE, -1, name, flags)
REFUSE(FAULT_MESSAGE, fd >= 0, void *, mmap64, (void *p, size_t n, int prot, int flags, int fd, off64_t at), ENOMEM, MAP_FAILED, p, n, prot, flags, fd, at)

SEEN void *
mmap(void *p, size_t n, int prot, int flags, int fd, off_t at)
{
	return mmap64(p, n, prot, flags, fd, at);
}

/* What the engine asks for while it prepares or runs a statement, by whichever way. The library is not known here: not every test is linked with it. */
static _Thread_local int in_engine;

#define OF_ENGINE(name, parameters, ...)                                                                               \
	SEEN int name parameters;                                                                                      \
	SEEN int name parameters                                                                                       \
	{                                                                                                              \
		NEXT(name, next)                                                                                       \
		int r;                                                                                                 \
                                                                                                                       \
		in_engine++;                                                                                           \
		r = next(__VA_ARGS__);                                                                                 \
		in_engine--;                                                                                           \
		return r;                                                                                              \
	}

OF_ENGINE(sqlite3_step, (void *statement), statement)
OF_ENGINE(sqlite3_prepare_v2, (void *db, const char *sql, int n, void **ret_statement, const char **ret_tail), db, sql, n, ret_statement, ret_tail)
OF_ENGINE(sqlite3_prepare_v3, (void *db, const char *sql, int n, unsigned flags, void **ret_statement, const char **ret_tail), db, sql, n, flags, ret_statement,
    ret_tail)
OF_ENGINE(sqlite3_exec, (void *db, const char *sql, int (*row)(void *, int, char **, char **), void *arg, char **ret_error), db, sql, row, arg, ret_error)

static bool
no_memory(void)
{
	struct fault_order *o = atomic_load(&order);

	if (o != NULL && in_engine > 0 && fault_is_allocation(o->sort))
		atomic_fetch_add(&o->of_engine, 1);
	if (strikes(FAULT_DEATH))
		abort();
	if (!strikes(FAULT_MEMORY))
		return false;
	errno = ENOMEM;
	return true;
}

/* Under these names, too: an allocator of the program's own may call them. */
SEEN void *__libc_malloc(size_t n);
SEEN void *__libc_calloc(size_t count, size_t n);
SEEN void *__libc_realloc(void *p, size_t n);

SEEN void *
__libc_malloc(size_t n)
{
	NEXT(__libc_malloc, next)
	return no_memory() ? NULL : next(n);
}

SEEN void *
__libc_calloc(size_t count, size_t n)
{
	NEXT(__libc_calloc, next)
	return no_memory() ? NULL : next(count, n);
}

SEEN void *
__libc_realloc(void *p, size_t n)
{
	NEXT(__libc_realloc, next)
	return no_memory() ? NULL : next(p, n);
}

SEEN void *
malloc(size_t n)
{
	return __libc_malloc(n);
}

SEEN void *
calloc(size_t count, size_t n)
{
	return __libc_calloc(count, n);
}

SEEN void *
realloc(void *p, size_t n)
{
	return __libc_realloc(p, n);
}

#endif
