/* SPDX-License-Identifier: Apache-2.0 */
/* test_upstream_server.h - the smallest upstream that a fetch worker can be tried against: one process, one connection at a time, plain or
 * TLS, answers by a function of the test. What it saw is in shared memory. */
#ifndef RTALP_TESTS_TEST_UPSTREAM_SERVER_H
#define RTALP_TESTS_TEST_UPSTREAM_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct seen {
	int connections;
	int requests;
	char last_request[2048]; /* line and headers */
};

struct connection;
void connection_send(struct connection *c, const void *bytes, size_t len);
/* "HTTP/1.1 <status>", the headers given (each ended by CR LF), a length, and the body. */
void connection_answer(struct connection *c, const char *status, const char *headers, const void *body, size_t len);

/* Answers the request number `n` (from 1) of the server for `date`; false: close the connection. */
typedef bool (*answer_function)(struct connection *c, int n, const char *date);

struct upstream_server {
	pid_t pid;
	int port;
	bool tls;
	char ca_file[64]; /* the server's own certificate, to be trusted; for tls only */
	struct seen *seen;
};

/* `name` is the host the certificate is for; NULL: plain HTTP. */
void server_start(struct upstream_server *s, const char *name, answer_function answer);
void server_stop(struct upstream_server *s);

#endif
