/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/settle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "workers/title.h"

/* Standard input and output become the null device; that also keeps 0..2 taken whatever the parent left closed, so that no socket or
 * memory file of ours ever gets a number to which a library writes. */
static int
settle_descriptors(int control_fd)
{
	int type = 0;
	socklen_t len = sizeof type;
	int null;

	if (control_fd != ROLE_CONTROL_FD)
		return -EBADF;
	if (getsockopt(control_fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return -errno;
	if (type != SOCK_SEQPACKET)
		return -EPROTOTYPE;
	if (close_range((unsigned)control_fd + 1, UINT_MAX, 0) < 0)
		return -errno;
	do {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (null >= 0 && null <= STDERR_FILENO);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	close(null);
	return 0;
}

static void
settle_signals(void)
{
	/* Meant for the master (a terminal's interrupt, a reload), or handled as errors. The master's death reaches us otherwise. */
	static const int ignored[] = {SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2};
	const struct sigaction by_default = {.sa_handler = SIG_DFL}, ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &by_default, NULL); /* refused for SIGKILL and SIGSTOP */
	for (size_t i = 0; i < ELEMENTSOF(ignored); i++)
		(void)sigaction(ignored[i], &ignore, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A master that died before this line is noticed by end-of-file on the channel. */
static int
die_with_master(void)
{
	pid_t master = getppid();

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == master ? 0 : -ESRCH;
}

static int
raise_descriptor_limit(unsigned wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return -errno;
	if (limit.rlim_cur >= wanted)
		return 0;
	limit.rlim_cur = MIN_OF(limit.rlim_max, (rlim_t)wanted);
	return setrlimit(RLIMIT_NOFILE, &limit) < 0 ? -errno : 0;
}

int
settle_role(int control_fd, const char *title, unsigned descriptors)
{
	int r = settle_descriptors(control_fd);

	if (r == 0)
		r = die_with_master();
	if (r == 0)
		r = raise_descriptor_limit(descriptors);
	if (r < 0)
		return r;
	settle_signals();
	(void)umask(077);
	title_set("%s", title);
	/* Proxies, OPENSSL_CONF, SSLKEYLOGFILE, HOME, credentials' places: nothing of it is for us or for workers. */
	(void)clearenv();
	return 0;
}
