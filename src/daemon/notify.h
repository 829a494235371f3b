/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h - every word exchanged with the service manager. Without one, all of it does nothing. Threads: the loop's. */
#ifndef RTALP_DAEMON_NOTIFY_H
#define RTALP_DAEMON_NOTIFY_H

#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

void notify_ready(void);
void notify_reloading(void); /* notify_ready() follows when the reload is over */
void notify_stopping(void);
void notify_status(const char *format, ...) _printf_(1, 2);
/* Asks for that much more time to start or stop, counted from now. */
void notify_extend_timeout(int64_t ms);

/* How often to pet the watchdog: half of what the manager waits. 0: there is none. */
int64_t notify_watchdog_interval_ms(void);
void notify_watchdog(void);

/* A listening socket that the manager opened for us. */
struct notify_socket {
	int fd;      /* close-on-exec; the caller's to close */
	char *name;  /* FileDescriptorName=; the caller frees */
};
/* Returns how many there are, 0 when not socket-activated, or -errno; -EPROTOTYPE: one is no listening stream socket. The caller frees *ret_sockets. Works once. */
int notify_take_sockets(struct notify_socket **ret_sockets) _must_check_;

#endif
