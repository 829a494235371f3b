/* SPDX-License-Identifier: Apache-2.0 */
/* nomem.c - an allocation that fails, for tests of the whole daemon. Preloaded (LD_PRELOAD), it counts the allocations of the daemon's main process,
 * whichever library makes them; a test says which of them is the one for which there is no memory.
 *
 * RTALP_NOMEM_FILE names a file as that of killat.c:
 *
 *     [0]  how many more allocations until one fails; 0: none does
 *     [1]  allocations that the database's engine made while it ran a statement, by whichever allocator, since the file was made
 *     [2]  allocations counted since then
 *     [3]  only the child of this process counts
 *
 * rtalpd has an allocator in front of the C library's (src/daemon/wiping_alloc.c): these are behind it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders {
	_Atomic int32_t left, of_engine, seen;
	int32_t parent;
};

static struct orders *_Atomic orders; /* NULL: this process is not meant */

/* Not from the heap, or asking for it would be an allocation. */
static _Thread_local int in_engine __attribute__((tls_model("initial-exec")));

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t boundary, size_t n);
int sqlite3_step(void *statement);

__attribute__((constructor)) static void
read_orders(void)
{
	const char *path = getenv("RTALP_NOMEM_FILE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	struct orders *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof *map, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return;
	if (map->parent == getppid())
		atomic_store(&orders, map);
	else
		munmap(map, sizeof *map);
}

static bool
fails(void)
{
	struct orders *o = atomic_load(&orders);

	if (o == NULL)
		return false;
	atomic_fetch_add(&o->seen, 1);
	if (in_engine > 0)
		atomic_fetch_add(&o->of_engine, 1);
	if (atomic_load(&o->left) <= 0 || atomic_fetch_sub(&o->left, 1) != 1)
		return false;
	errno = ENOMEM;
	return true;
}

/* The function that would have been called without us. ISO C knows no way from an object's address to a function's but copying it. */
#define NEXT(name, next)                                                                                               \
	static __typeof__(&name) next;                                                                                 \
	if (next == NULL) {                                                                                            \
		void *found = dlsym(RTLD_NEXT, #name);                                                                 \
		memcpy(&next, &found, sizeof next);                                                                    \
	}

void *
__libc_malloc(size_t n)
{
	NEXT(__libc_malloc, next)
	return fails() ? NULL : next(n);
}

void *
__libc_calloc(size_t count, size_t n)
{
	NEXT(__libc_calloc, next)
	return fails() ? NULL : next(count, n);
}

void *
__libc_realloc(void *p, size_t n)
{
	NEXT(__libc_realloc, next)
	return fails() ? NULL : next(p, n);
}

void *
__libc_memalign(size_t boundary, size_t n)
{
	NEXT(__libc_memalign, next)
	return fails() ? NULL : next(boundary, n);
}

int
sqlite3_step(void *statement)
{
	NEXT(sqlite3_step, next)
	int r;

	in_engine++;
	r = next(statement);
	in_engine--;
	return r;
}
