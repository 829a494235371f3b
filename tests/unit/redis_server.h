/* SPDX-License-Identifier: Apache-2.0 */
/* redis_server.h - a redis-server of a test's own, in a directory and on a socket of its own. */
#ifndef RTALP_TESTS_REDIS_SERVER_H
#define RTALP_TESTS_REDIS_SERVER_H

#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "unit.h"

struct redis_server {
	char directory[64], socket[96];
	pid_t pid; /* 0: none */
};

static inline bool
redis_answers(const struct redis_server *s)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char reply[8] = "";
	bool ok;

	snprintf(a.sun_path, sizeof a.sun_path, "%s", s->socket);
	ok = connect(fd, (struct sockaddr *)&a, sizeof a) == 0 && write(fd, "PING\r\n", 6) == 6 && read(fd, reply, 5) == 5 && reply[0] == '+';
	close(fd);
	return ok;
}

static inline bool
redis_start(struct redis_server *s)
{
	char *argv[] = {(char[]){"redis-server"}, (char[]){"--port"}, (char[]){"0"}, (char[]){"--unixsocket"}, s->socket, (char[]){"--save"},
	    (char[]){""}, (char[]){"--appendonly"}, (char[]){"no"}, (char[]){"--logfile"}, (char[]){"/dev/null"}, (char[]){"--dir"}, s->directory, NULL};

	if (posix_spawnp(&s->pid, "redis-server", NULL, NULL, argv, environ) != 0) {
		s->pid = 0;
		return false;
	}
	for (int i = 0; i < 2000 && !redis_answers(s); i++)
		usleep(5000);
	return redis_answers(s);
}

static inline void
redis_stop(struct redis_server *s)
{
	if (s->pid == 0)
		return;
	kill(s->pid, SIGKILL);
	kill(s->pid, SIGCONT);
	waitpid(s->pid, NULL, 0);
	s->pid = 0;
	unlink(s->socket);
}

/* Words for it, and the first bytes of what it says. */
static inline void
redis_say(struct redis_server *s, const char *command, char *ret_reply, size_t size)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	snprintf(a.sun_path, sizeof a.sun_path, "%s", s->socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(write(fd, command, strlen(command)), strlen(command));
	assert_int_equal(write(fd, "\r\n", 2), 2);
	n = read(fd, ret_reply, size - 1);
	assert_true(n > 0);
	ret_reply[n] = '\0';
	close(fd);
}

#endif
