/* SPDX-License-Identifier: Apache-2.0 */
#include "test_alp_server.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

void
send_text(int fd, const char *text)
{
	ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);

	(void)n; /* a client that hung up is what some tests are about */
}

void
send_answer(int fd, const char *status, const char *headers, const char *body)
{
	char head[1024];

	snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n", status, headers, strlen(body));
	send_text(fd, head);
	send_text(fd, body);
}

static bool
read_until(int fd, char *p, size_t room, size_t *len, size_t wanted)
{
	while (*len < wanted) {
		ssize_t n = recv(fd, p + *len, room - *len, 0);

		if (n <= 0)
			return false;
		*len += (size_t)n;
		p[*len] = '\0';
	}
	return true;
}

/* One byte after the other: what lies behind the head stays in the socket. */
static bool
read_head(int fd, char *head, size_t room)
{
	size_t len = 0;

	while (len + 1 < room && recv(fd, head + len, 1, 0) == 1) {
		head[++len] = '\0';
		if (len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0)
			return true;
	}
	return false;
}

static bool
read_request(int fd, struct seen_request *r)
{
	const char *length;
	size_t wanted, len = 0;

	if (!read_head(fd, r->head, sizeof r->head))
		return false;
	r->post = strncmp(r->head, "POST ", 5) == 0;
	sscanf(r->head, "%*s %255s", r->target);
	length = strcasestr(r->head, "content-length:");
	wanted = length != NULL ? strtoul(length + 15, NULL, 10) : 0;
	return wanted < sizeof r->body && read_until(fd, r->body, sizeof r->body - 1, &len, wanted);
}

static void
note(struct alp_seen *seen, const struct seen_request *r)
{
	int i = __atomic_fetch_add(&seen->requests, 1, __ATOMIC_SEQ_CST), now, most;

	if (r->post)
		__atomic_fetch_add(&seen->posts, 1, __ATOMIC_SEQ_CST);
	if (i < SEEN_MAX)
		seen->all[i] = *r;
	now = __atomic_add_fetch(&seen->at_once, 1, __ATOMIC_SEQ_CST);
	most = __atomic_load_n(&seen->most_at_once, __ATOMIC_SEQ_CST);
	while (now > most && !__atomic_compare_exchange_n(&seen->most_at_once, &most, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		continue;
}

static _Noreturn void
serve_connection(int fd, int number, struct alp_seen *seen, alp_answer_fn answer)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int nth = 1;; nth++) {
		struct seen_request r = {.connection = number, .nth = nth};
		bool more;

		if (!read_request(fd, &r))
			_exit(0);
		note(seen, &r);
		more = answer(fd, &r, seen);
		__atomic_fetch_sub(&seen->at_once, 1, __ATOMIC_SEQ_CST);
		if (!more)
			_exit(0);
	}
}

static _Noreturn void
serve(int listener, struct alp_seen *seen, alp_answer_fn answer)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)sigaction(SIGCHLD, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	for (;;) {
		int fd = accept(listener, NULL, NULL), number;

		if (fd < 0)
			_exit(1);
		number = __atomic_add_fetch(&seen->connections, 1, __ATOMIC_SEQ_CST);
		if (fork() == 0) {
			close(listener);
			serve_connection(fd, number, seen, answer);
		}
		close(fd);
	}
}

void
alp_server_start(struct alp_server *s, alp_answer_fn answer)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	s->seen = mmap(NULL, sizeof *s->seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->seen == MAP_FAILED || bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 256) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0) {
		perror("server");
		exit(1);
	}
	s->port = ntohs(address.sin_port);
	s->pid = fork();
	if (s->pid == 0)
		serve(fd, s->seen, answer);
	close(fd);
}

void
alp_server_stop(struct alp_server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	munmap(s->seen, sizeof *s->seen);
}
