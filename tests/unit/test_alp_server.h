/* SPDX-License-Identifier: Apache-2.0 */
/* test_alp_server.h - a server that answers in raw bytes by a function of the test: one process a connection, what they saw in shared memory. */
#ifndef RTALP_TESTS_TEST_ALP_SERVER_H
#define RTALP_TESTS_TEST_ALP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SEEN_MAX 256

struct seen_request {
	int connection;  /* from 1 */
	int nth;         /* of its connection, from 1 */
	bool post;
	char target[256];
	char head[2048];
	char body[2048];
};

struct alp_seen {
	int connections, requests, posts, at_once, most_at_once;
	struct seen_request all[SEEN_MAX];
};

/* Answers; false: close the connection. */
typedef bool (*alp_answer_fn)(int fd, const struct seen_request *r, struct alp_seen *seen);

struct alp_server {
	pid_t pid;
	int port;
	struct alp_seen *seen;
};

void alp_server_start(struct alp_server *s, alp_answer_fn answer);
void alp_server_stop(struct alp_server *s);

void send_text(int fd, const char *text);
/* A whole answer: status such as "200 OK", further headers each ended by CR LF, and a JSON body. */
void send_answer(int fd, const char *status, const char *headers, const char *body);

#endif
