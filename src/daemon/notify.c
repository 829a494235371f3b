/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/alloc.h"

#define STATUS_MAX 256 /* bytes of one status line */

/* Nothing hangs on an answer: a manager that does not listen cannot be helped from here. */
static void
tell(const char *state)
{
	(void)sd_notify(0, state);
}

void
notify_ready(void)
{
	tell("READY=1");
}

void
notify_reloading(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void
notify_stopping(void)
{
	tell("STOPPING=1");
}

void
notify_status(const char *format, ...)
{
	char text[STATUS_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	(void)sd_notifyf(0, "STATUS=%s", text);
}

void
notify_extend_timeout(int64_t ms)
{
	(void)sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld", (long long)ms * 1000);
}

int64_t
notify_watchdog_interval_ms(void)
{
	uint64_t usec;

	if (sd_watchdog_enabled(0, &usec) <= 0)
		return 0;
	return MAX_OF((int64_t)(usec / 2000), 1);
}

void
notify_watchdog(void)
{
	tell("WATCHDOG=1");
}

int
notify_take_sockets(struct notify_socket **ret_sockets)
{
	_cleanup_free_ char **names = NULL;
	struct notify_socket *sockets;
	int n = sd_listen_fds_with_names(1, &names);

	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++) {
		if (sd_is_socket(SD_LISTEN_FDS_START + i, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
			for (int k = 0; k < n; k++)
				free(names[k]);
			return -EPROTOTYPE;
		}
	}
	sockets = xcalloc((size_t)n, sizeof *sockets);
	for (int i = 0; i < n; i++)
		sockets[i] = (struct notify_socket){.fd = SD_LISTEN_FDS_START + i, .name = names[i]};
	*ret_sockets = sockets;
	return n;
}
