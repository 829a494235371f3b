/* SPDX-License-Identifier: Apache-2.0 */
/* transport.h - what every request of a worker has in common: who is trusted, and where a host is, without a file or a name server.
 *
 * Processes: workers.
 */
#ifndef RTALP_WORKERS_TRANSPORT_H
#define RTALP_WORKERS_TRANSPORT_H

#include <curl/curl.h>
#include <openssl/types.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

/* These roots and no others; TLS 1.2 at least. */
void transport_trust(CURL *curl, X509_STORE *roots);

/* The host is at one of these numeric addresses, comma separated. -EINVAL if one is none, or none is there. The list stays the caller's, until after
 * the handle's end. */
int transport_addresses(CURL *curl, const char *host, uint16_t port, struct str addresses, struct curl_slist **ret_list) _must_check_;

#endif
