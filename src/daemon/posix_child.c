/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/posix_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

#include "base/fd.h"

#define CHANNEL_FD 3

/* What sanitizers and the fault shim of the tests are steered by survives; nothing else does, so no proxy, locale or library path
 * of whoever started us reaches the workers. */
static char *kept_environment[6];

static char **
environment(void)
{
	static const char *const names[] = {
	    "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS",
#ifdef WITH_SANITIZER
	    "TMPDIR", /* TSan's shadow of constants is a file there, and stands in the way of later mappings: without a directory it does without */
#endif
	};
	static char bind_now[] = "LD_BIND_NOW=1";
	size_t n = 0;

	/* Bound once here, or again in every forked worker. */
	kept_environment[n++] = bind_now;
	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		const char *value = secure_getenv(names[i]);

		if (value != NULL && kept_environment[n] == NULL && asprintf(&kept_environment[n], "%s=%s", names[i], value) < 0)
			kept_environment[n] = NULL;
		if (kept_environment[n] != NULL)
			n++;
	}
	return kept_environment;
}

static int
prepare_attributes(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attr, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attr, &all);
	if (r == 0)
		r = posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	return -r;
}

static int
prepare_files(posix_spawn_file_actions_t *files, int channel_fd)
{
	int r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

	/* dup2() onto itself would leave close-on-exec set; the spawn actions clear it. */
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(files, channel_fd, CHANNEL_FD);
	return -r;
}

int
posix_child_start(const char *argument, int channel_fd, pid_t *ret_pid, int *ret_pidfd)
{
	char *argv[] = {(char *)(uintptr_t)"rtalpd", (char *)(uintptr_t)argument, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	pid_t pid = 0;
	int r, pidfd;

	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attr);
	r = prepare_attributes(&attr);
	if (r == 0)
		r = prepare_files(&files, channel_fd);
	if (r == 0)
		r = -posix_spawn(&pid, "/proc/self/exe", &files, &attr, argv, environment());
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	if (r < 0)
		return r;
	pidfd = pidfd_open(pid, 0);
	if (pidfd < 0) {
		r = -errno;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		return r;
	}
	*ret_pid = pid;
	*ret_pidfd = pidfd;
	return 0;
}

int
posix_child_reap(pid_t pid, char *ret_status, size_t size)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		snprintf(ret_status, size, "signal %d", WTERMSIG(status));
	else
		snprintf(ret_status, size, "status %d", WEXITSTATUS(status));
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}
