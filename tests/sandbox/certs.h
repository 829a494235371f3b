/* SPDX-License-Identifier: Apache-2.0 */
/* certs.h - a certificate authority of our own and a server certificate for localhost, 127.0.0.1 and ::1. */
#ifndef SANDBOX_CERTS_H
#define SANDBOX_CERTS_H

struct cert_paths {
	char ca[512], cert[512], key[512];
};

/* Makes `dir` (0700) with ca.pem, server.pem and server.key in it, unless all three are there. The authority's own key is
 * thrown away. -errno when the directory or a file cannot be made, -ENAMETOOLONG, -EIO when OpenSSL refuses. */
int certs_make(const char *dir, struct cert_paths *ret);

#endif
