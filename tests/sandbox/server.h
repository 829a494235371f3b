/* SPDX-License-Identifier: Apache-2.0 */
/* server.h - the listening sockets, with and without TLS, and which path goes where. */
#ifndef SANDBOX_SERVER_H
#define SANDBOX_SERVER_H

#include <stdint.h>

#include "sandbox.h"

struct server;

/* Listens on a loopback address. cert and key both NULL: plain HTTP. -EADDRNOTAVAIL for an address that is not loopback,
 * -EBADMSG for a certificate or key that cannot be used, otherwise what the system says. */
int server_new(struct sandbox *sb, const char *address, uint16_t port, const char *cert, const char *key,
               struct server **ret);

/* Ends every connection. */
void server_free(struct server *s);

uint16_t server_port(const struct server *s);

#endif
