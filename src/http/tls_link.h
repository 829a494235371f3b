/* SPDX-License-Identifier: Apache-2.0 */
/* tls_link.h - TLS on one connection, between its bufferevent's buffers and everything above them.
 *
 *     socket -> input -> tls_link_take() -> inbuf          answer -> output -> tls_link_seal() .. tls_link_fill() -> output -> socket
 *
 * The bufferevent stays that of a plain socket, and what goes through its buffers is sealed. libevent's own bufferevent of OpenSSL does not fit
 * here: it hands what was opened to its input buffer, where keys must not lie; stops for good if reading is switched off while OpenSSL
 * holds bytes of a record; and tells of a failed write from inside evbuffer_add(), that is, frees the connection under whoever writes to it.
 * In return everything that asks the socket (what the kernel still holds, who left, a write without a round of the loop) stays as it is.
 *
 * What is to go out is sealed a piece at a time, as the socket takes it: a list of megabytes is there once.
 *
 * Ownership: tls_link_free(), before the buffers go. Threads: the loop's.
 */
#ifndef RTALP_HTTP_TLS_LINK_H
#define RTALP_HTTP_TLS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

struct evbuffer;
struct inbuf;
struct tls;
struct tls_link;

/* At the two ends of a connection that was just accepted. NULL without memory. */
struct tls_link *tls_link_new(struct tls *t, int64_t now_mono_ms, struct evbuffer *input, struct evbuffer *output);
struct tls_link *tls_link_free(struct tls_link *l); /* accepts NULL, returns NULL */

/* Takes everything out of the input and appends what it says to `to`; NULL: nobody wants to know. What TLS itself has to say to that is in the
 * output afterwards. -EPROTO: that is no TLS, or not ours: an alert may be in the output; -ENOTTY: it is HTTP without TLS. Nothing more is
 * taken after an error. */
int tls_link_take(struct tls_link *l, struct inbuf *to) _must_check_;
bool tls_link_is_open(const struct tls_link *l); /* hands were shaken, and nothing went wrong */
bool tls_link_is_resumed(const struct tls_link *l);
bool tls_link_holds(const struct tls_link *l); /* bytes of a record that is not complete */
bool tls_link_has_ended(const struct tls_link *l); /* the client said that it will say no more */

/* Everything in the output that is not sealed yet is to be: the first piece of it is at once. */
void tls_link_seal(struct tls_link *l);
/* Seals more if there is little left in the output. To be called when bytes were taken off it. */
void tls_link_fill(struct tls_link *l);
/* So many bytes left the output: its owner's callback tells, before anything else. */
void tls_link_moved(struct tls_link *l, size_t taken);
/* Sealed at once, behind what there is. */
void tls_link_put(struct tls_link *l, const void *bytes, size_t len);
/* Says that nothing more comes. */
void tls_link_bye(struct tls_link *l);
/* Something failed: the connection is worth nothing any more. */
bool tls_link_is_broken(const struct tls_link *l);

#endif
