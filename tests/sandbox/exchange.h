/* SPDX-License-Identifier: Apache-2.0 */
/* exchange.h - one request and the answer to it, sent as honestly or as badly as asked.
 *
 * Whoever answers fills in `reply` and calls exchange_send() once; afterwards the exchange belongs to this file, which frees it
 * when the answer is out or the client gone. Nothing here blocks: waits are timers.
 */
#ifndef SANDBOX_EXCHANGE_H
#define SANDBOX_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <event2/http.h>

#include "reply.h"
#include "sandbox.h"

struct exchange;

/* Starts one for a request that just came in. */
struct exchange *exchange_new(struct sandbox *sb, struct evhttp_request *req);

struct sandbox *exchange_sandbox(const struct exchange *x);
struct evhttp_request *exchange_request(const struct exchange *x);
struct reply *exchange_reply(struct exchange *x);
uint64_t exchange_connection(const struct exchange *x);
bool exchange_is_tls(const struct exchange *x);

/* Counts the exchange as a request for data, of that account (0: of an unknown key), for the stats. */
void exchange_set_user(struct exchange *x, uint32_t user);

/* Counts it as a request to ALP. */
void exchange_set_alp(struct exchange *x);

void exchange_send(struct exchange *x);

/* Status, type, and the body's text in one go. */
void exchange_send_text(struct exchange *x, int status, const char *type, const char *text);

/* The connection is going: ends the exchange without another word. For peers.c. */
void exchange_abort(struct exchange *x);

#endif
