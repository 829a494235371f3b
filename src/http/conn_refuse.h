/* SPDX-License-Identifier: Apache-2.0 */
/* conn_refuse.h - the last words on a connection whose request will not be read to its end.
 *
 * Closing a socket with unread bytes in it makes the kernel send a reset, and the client then loses the answer it should have read. So the
 * rest is read and thrown away until the client closes or the connection's linger time is over.
 */
#ifndef RTALP_HTTP_CONN_REFUSE_H
#define RTALP_HTTP_CONN_REFUSE_H

#include "http/head.h"

struct conn;
struct evbuffer;

extern const struct refusal refusal_body_too_large;
extern const struct refusal refusal_too_slow;

/* The answer. A HEAD is told by the headers alone. */
void refuse_write(struct evbuffer *out, const struct refusal *why, bool head_only);
/* Takes the bufferevent away from evhttp, sends what is in its output, lingers; conn_close() ends it, here or by the caller. */
void refuse_linger(struct conn *c);

#endif
