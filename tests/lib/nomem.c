/* SPDX-License-Identifier: Apache-2.0 */
/* nomem.c - an allocation that fails, for tests of the whole daemon. Preloaded (LD_PRELOAD), it counts the allocations of the daemon's main process,
 * whichever library makes them; a test says which of them is the one for which there is no memory.
 *
 * RTALP_NOMEM_FILE names a file as that of killat.c:
 *
 *     [0]  how many more allocations until one fails; 0: none does
 *     [2]  allocations counted since the file was made
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
	_Atomic int32_t left, unused, seen;
	int32_t parent;
};

static struct orders *_Atomic orders; /* NULL: this process is not meant */

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t count, size_t n);

typedef void *(*malloc_fn)(size_t n);
typedef void *(*calloc_fn)(size_t count, size_t n);

static malloc_fn next_malloc;
static calloc_fn next_calloc;

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
	if (atomic_load(&o->left) <= 0 || atomic_fetch_sub(&o->left, 1) != 1)
		return false;
	errno = ENOMEM;
	return true;
}

/* ISO C knows no way from an object's address to a function's but copying it. */
static void
look_up(void)
{
	void *m = dlsym(RTLD_NEXT, "__libc_malloc"), *c = dlsym(RTLD_NEXT, "__libc_calloc");

	memcpy(&next_malloc, &m, sizeof next_malloc);
	memcpy(&next_calloc, &c, sizeof next_calloc);
}

void *
__libc_malloc(size_t n)
{
	if (next_malloc == NULL)
		look_up();
	return fails() ? NULL : next_malloc(n);
}

void *
__libc_calloc(size_t count, size_t n)
{
	if (next_calloc == NULL)
		look_up();
	return fails() ? NULL : next_calloc(count, n);
}
