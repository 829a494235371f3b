/* SPDX-License-Identifier: Apache-2.0 */
/* tls.h - what the front end shows by TLS: a certificate, its key, and which versions of TLS it speaks.
 *
 * TLS 1.2 with forward secrecy and authenticated ciphers only, or 1.3; HTTP/1.1 by ALPN; sessions are resumed by tickets, whose keys last
 * TLS_TICKETS_MS and never leave this process. A client offers no certificate: who asks is said by tokens.
 *
 * There is no Strict-Transport-Security: it would hold for every port of the host's name, and other services of the firm's may be there.
 *
 * Ownership: tls_unref() for what tls_new() gave; a connection keeps the one it began with. Threads: the loop's.
 */
#ifndef RTALP_HTTP_TLS_H
#define RTALP_HTTP_TLS_H

#include <openssl/types.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

#define TLS_TICKETS_MS ((int64_t)12 * 3600 * 1000)

struct tls;

struct tls_options {
	const char *certificate;       /* a PEM file: ours, then those between it and the root */
	struct str key;                /* in PEM, not encrypted; only read while tls_new() runs */
	int min_version;               /* TLS1_2_VERSION or TLS1_3_VERSION */
};

/* What is wrong, in words that go behind a colon; it stays. */
typedef const char *tls_fault;

/* -EINVAL: *ret_fault says what is wrong; -errno of the file, with *ret_fault. *ret_tls is untouched then. */
int tls_new(const struct tls_options *options, struct tls **ret_tls, tls_fault *ret_fault) _must_check_;
struct tls *tls_ref(struct tls *t);   /* accepts NULL */
struct tls *tls_unref(struct tls *t); /* accepts NULL, returns NULL */
static inline void
tls_unrefp(struct tls **t)
{
	*t = tls_unref(*t);
}

/* Real-time milliseconds: the first of its certificates to expire does so then. */
int64_t tls_expires_ms(const struct tls *t);

/* For tls_link.c: an SSL that accepts, NULL without memory. */
SSL *tls_session(struct tls *t, int64_t now_mono_ms);

#endif
