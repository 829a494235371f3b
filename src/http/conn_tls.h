/* SPDX-License-Identifier: Apache-2.0 */
/* conn_tls.h - what a connection does otherwise when it speaks TLS. Every function does the plain thing when it does not.
 *
 *     shaking -> idle ...                    shaking -> refused -> closed
 *
 * Hands are shaken within the time that a request has; until then the connection makes room like an idle one. HTTP without TLS gets an answer that says
 * so, in the clear.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_HTTP_CONN_TLS_H
#define RTALP_HTTP_CONN_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct conn;
struct evbuffer;
struct inbuf;

/* When it was adopted: into its first state. False: there was no memory, and the connection is gone. */
bool conn_begin(struct conn *c);
/* Moves what came to `to`; NULL: nobody wants it. False: the connection has an end with that, and nothing of it may be used. */
bool conn_take(struct conn *c, struct inbuf *to, struct evbuffer *from);
/* What came was taken, and was only part of a request: which state that is. */
void conn_settle(struct conn *c);

/* No further request can come. */
bool conn_is_over(const struct conn *c);

/* To the client, behind what is to go out already. */
void conn_put(struct conn *c, const void *bytes, size_t len);
/* The same, without waiting for the loop, and as long as there is nothing else to go out. */
void conn_put_now(struct conn *c, const void *bytes, size_t len);
/* Whoever put bytes into the output past conn_put() tells afterwards, before the loop goes on. */
void conn_seal(struct conn *c);
/* In the output's callback. */
void conn_sent_some(struct conn *c, size_t taken);
/* It closes. */
void conn_left(struct conn *c);
/* Nothing more comes: says so if everything was sent. */
void conn_bye(struct conn *c);

#endif
