/* SPDX-License-Identifier: Apache-2.0 */
/* transport.h - what every request of a worker has in common: who is trusted, without a file.
 *
 * Processes: workers.
 */
#ifndef RTALP_WORKERS_TRANSPORT_H
#define RTALP_WORKERS_TRANSPORT_H

#include <curl/curl.h>
#include <openssl/types.h>

/* These roots and no others; TLS 1.2 at least. */
void transport_trust(CURL *curl, X509_STORE *roots);

#endif
