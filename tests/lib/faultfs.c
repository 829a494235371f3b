/* SPDX-License-Identifier: Apache-2.0 */
/* faultfs.c - a disk that is full or broken, for tests of the whole daemon. Preloaded (LD_PRELOAD), it looks at each call whether the file that
 * RTALP_FAULT_FILE names exists, and what it says:
 *
 *     enospc      writing to, growing or reserving room in *.db and *.db-wal fails with ENOSPC
 *     eio-fsync   syncing them fails with EIO
 *     hang-fsync  syncing them takes as long as the file says so
 *     no-process  no other process can be started (EAGAIN)
 *     low-space   every file system says that one megabyte is free
 *
 * So a test breaks the disk under a running daemon by writing one word, and repairs it by removing the file. The index (*.db-shm) is memory
 * in disguise and is left alone.
 *
 * Asking costs one open() that fails while no fault is set.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOW_SPACE_BYTES (1024UL * 1024UL)

static bool
fault_is(const char *name)
{
	const char *path = getenv("RTALP_FAULT_FILE");
	char word[16] = "";
	int saved = errno, fd;
	ssize_t n;

	if (path == NULL)
		return false;
	/* Past our own wrappers, and past everyone else's. */
	fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		errno = saved;
		return false;
	}
	n = syscall(SYS_read, fd, word, sizeof word - 1);
	syscall(SYS_close, fd);
	errno = saved;
	word[n > 0 ? n : 0] = '\0';
	word[strcspn(word, "\r\n ")] = '\0';
	return strcmp(word, name) == 0;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t a = strlen(text), b = strlen(end);

	return a >= b && strcmp(text + a - b, end) == 0;
}

static bool
is_database(int fd)
{
	char name[32], path[4096];
	int saved = errno;
	ssize_t n;

	snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
	n = readlink(name, path, sizeof path - 1);
	errno = saved;
	if (n <= 0)
		return false;
	path[n] = '\0';
	return ends_with(path, ".db") || ends_with(path, ".db-wal");
}

static bool
refused(int fd, const char *fault, int error)
{
	if (!fault_is(fault) || !is_database(fd))
		return false;
	errno = error;
	return true;
}

/* The function that would have been called without us. ISO C knows no way from an object's address to a function's but copying it. */
#define NEXT(name, next)                                                                                               \
	static __typeof__(&name) next;                                                                                 \
	if (next == NULL) {                                                                                            \
		void *found = dlsym(RTLD_NEXT, #name);                                                                 \
		memcpy(&next, &found, sizeof next);                                                                    \
	}

ssize_t
write(int fd, const void *bytes, size_t n)
{
	NEXT(write, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, bytes, n);
}

ssize_t
pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	NEXT(pwrite, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, bytes, n, at);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	NEXT(pwrite64, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, bytes, n, at);
}

int
ftruncate(int fd, off_t size)
{
	NEXT(ftruncate, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, size);
}

int
ftruncate64(int fd, off64_t size)
{
	NEXT(ftruncate64, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, size);
}

int
fallocate(int fd, int mode, off_t at, off_t n)
{
	NEXT(fallocate, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, mode, at, n);
}

int
fallocate64(int fd, int mode, off64_t at, off64_t n)
{
	NEXT(fallocate64, next);
	return refused(fd, "enospc", ENOSPC) ? -1 : next(fd, mode, at, n);
}

/* These two return the error instead of setting errno. */
int
posix_fallocate(int fd, off_t at, off_t n)
{
	NEXT(posix_fallocate, next);
	return refused(fd, "enospc", ENOSPC) ? ENOSPC : next(fd, at, n);
}

int
posix_fallocate64(int fd, off64_t at, off64_t n)
{
	NEXT(posix_fallocate64, next);
	return refused(fd, "enospc", ENOSPC) ? ENOSPC : next(fd, at, n);
}

static void
hang(int fd)
{
	const struct timespec pause = {.tv_nsec = 20 * 1000 * 1000};

	while (fault_is("hang-fsync") && is_database(fd))
		(void)nanosleep(&pause, NULL);
}

int
fsync(int fd)
{
	NEXT(fsync, next);
	hang(fd);
	return refused(fd, "eio-fsync", EIO) ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync, next);
	hang(fd);
	return refused(fd, "eio-fsync", EIO) ? -1 : next(fd);
}

int
posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes, char *const argv[],
    char *const envp[])
{
	NEXT(posix_spawn, next);
	return fault_is("no-process") ? EAGAIN : next(pid, path, actions, attributes, argv, envp);
}

#define SHRINK(fs)                                                                                                     \
	do {                                                                                                           \
		unsigned long unit = (fs)->f_frsize != 0 ? (fs)->f_frsize : 1;                                         \
		(fs)->f_bfree = (fs)->f_bavail = LOW_SPACE_BYTES / unit;                                               \
	} while (0)

int
statvfs(const char *path, struct statvfs *fs)
{
	NEXT(statvfs, next);
	int r = next(path, fs);

	if (r == 0 && fault_is("low-space"))
		SHRINK(fs);
	return r;
}

int
statvfs64(const char *path, struct statvfs64 *fs)
{
	NEXT(statvfs64, next);
	int r = next(path, fs);

	if (r == 0 && fault_is("low-space"))
		SHRINK(fs);
	return r;
}

int
fstatvfs(int fd, struct statvfs *fs)
{
	NEXT(fstatvfs, next);
	int r = next(fd, fs);

	if (r == 0 && fault_is("low-space"))
		SHRINK(fs);
	return r;
}

int
fstatvfs64(int fd, struct statvfs64 *fs)
{
	NEXT(fstatvfs64, next);
	int r = next(fd, fs);

	if (r == 0 && fault_is("low-space"))
		SHRINK(fs);
	return r;
}
