/* SPDX-License-Identifier: Apache-2.0 */
/* tls_rehearsal.h - one TLS handshake in the spawner's memory, with itself.
 *
 * OpenSSL 3 looks up each cipher, digest and key type among its providers at its first use and keeps what it found for the process.
 * Done once before the first fork, no worker looks anything up: a twelfth of the processor time of a job's workers. No network, no file;
 * the key and certificate of the other side are made for the occasion and thrown away.
 */
#ifndef RTALP_WORKERS_TLS_REHEARSAL_H
#define RTALP_WORKERS_TLS_REHEARSAL_H

#include "base/macro.h"

/* -EIO if the handshake did not succeed. */
int tls_rehearse(void) _must_check_;

#endif
