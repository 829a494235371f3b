/* SPDX-License-Identifier: Apache-2.0 */
/* killat.c - death at an exact step, for tests of the whole daemon. Preloaded (LD_PRELOAD), it counts what the daemon's main process does to the
 * world outside its memory: writing to, growing and syncing files, and sending over TCP. A test says at which of these the process is to die, as by
 * `kill -9`: before it, or right after.
 *
 * Between two of them nothing that outlives the process changes, so dying at each in turn is dying between every two steps there are.
 *
 * RTALP_KILL_FILE names a file of four 32-bit integers, mapped by the process and by the test:
 *
 *     [0]  how many more steps until it dies; 0: it lives
 *     [1]  1: right after that step, 0: before it
 *     [2]  steps counted since the file was made
 *     [3]  only the child of this process counts
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

struct orders {
	_Atomic int32_t left, after, seen;
	int32_t parent;
};

static struct orders *orders; /* NULL: this process is not meant */
static pid_t self;

__attribute__((constructor)) static void
read_orders(void)
{
	const char *path = getenv("RTALP_KILL_FILE");
	int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return;
	if (((struct orders *)map)->parent == getppid()) {
		orders = map;
		self = getpid();
	} else {
		munmap(map, sizeof(struct orders));
	}
}

/* Not the log, nor what threads and processes of ours say to each other. */
static bool
is_outside(int fd)
{
	struct sockaddr_storage address;
	socklen_t n = sizeof address;
	int saved = errno;
	struct stat st;
	bool outside = false;

	if (fd > 2 && fstat(fd, &st) == 0)
		outside = S_ISREG(st.st_mode) || (S_ISSOCK(st.st_mode) && getsockname(fd, (struct sockaddr *)&address, &n) == 0 &&
		                                  (address.ss_family == AF_INET || address.ss_family == AF_INET6));
	errno = saved;
	return outside;
}

/* Counts a step; true if the process is to die right after it. */
static bool
step(int fd)
{
	int32_t left;

	if (orders == NULL || getpid() != self || !is_outside(fd))
		return false;
	atomic_fetch_add(&orders->seen, 1);
	if (atomic_load(&orders->left) <= 0)
		return false;
	left = atomic_fetch_sub(&orders->left, 1);
	if (left != 1)
		return false;
	if (!atomic_load(&orders->after))
		kill(self, SIGKILL);
	return true;
}

static void
die_if(bool now)
{
	if (now)
		kill(self, SIGKILL);
}

#define NEXT(name, next)                                                                                               \
	static __typeof__(&name) next;                                                                                 \
	if (next == NULL) {                                                                                            \
		void *found = dlsym(RTLD_NEXT, #name);                                                                 \
		memcpy(&next, &found, sizeof next);                                                                    \
	}

#define WRAP(type, name, parameters, ...)                                                                              \
	type name parameters                                                                                           \
	{                                                                                                              \
		NEXT(name, next)                                                                                       \
		bool last = step(fd);                                                                                  \
		type r = next(__VA_ARGS__);                                                                            \
                                                                                                                       \
		die_if(last);                                                                                          \
		return r;                                                                                              \
	}

WRAP(ssize_t, write, (int fd, const void *bytes, size_t n), fd, bytes, n)
WRAP(ssize_t, writev, (int fd, const struct iovec *v, int n), fd, v, n)
WRAP(ssize_t, pwrite, (int fd, const void *bytes, size_t n, off_t at), fd, bytes, n, at)
WRAP(ssize_t, pwrite64, (int fd, const void *bytes, size_t n, off64_t at), fd, bytes, n, at)
WRAP(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), fd, v, n, at)
WRAP(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), fd, v, n, at)
WRAP(ssize_t, send, (int fd, const void *bytes, size_t n, int flags), fd, bytes, n, flags)
WRAP(ssize_t, sendto, (int fd, const void *bytes, size_t n, int flags, __CONST_SOCKADDR_ARG to, socklen_t len), fd, bytes, n, flags, to, len)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int flags), fd, m, flags)
WRAP(int, ftruncate, (int fd, off_t size), fd, size)
WRAP(int, ftruncate64, (int fd, off64_t size), fd, size)
WRAP(int, fsync, (int fd), fd)
WRAP(int, fdatasync, (int fd), fd)
