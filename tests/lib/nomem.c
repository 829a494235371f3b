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
 * realloc() of rtalpd allocates by malloc() (src/daemon/wiping_alloc.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct orders {
	_Atomic int32_t left, unused, seen;
	int32_t parent;
};

static struct orders *_Atomic orders; /* NULL: this process is not meant */

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);

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

void *
malloc(size_t n)
{
	return fails() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t count, size_t n)
{
	return fails() ? NULL : __libc_calloc(count, n);
}
