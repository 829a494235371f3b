/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/tls_rehearsal.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/* Both sides are done after three; a side that still waits then will wait for ever. */
#define TURNS_MAX 8

DEFINE_POINTER_CLEANUP(EVP_PKEY, EVP_PKEY_free, EVP_PKEY_freep)
DEFINE_POINTER_CLEANUP(X509, X509_free, X509_freep)
DEFINE_POINTER_CLEANUP(SSL_CTX, SSL_CTX_free, SSL_CTX_freep)
DEFINE_POINTER_CLEANUP(SSL, SSL_free, SSL_freep)

static X509 *
self_signed(EVP_PKEY *key)
{
	X509 *x = X509_new();

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && X509_set_pubkey(x, key) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -60) != NULL && X509_gmtime_adj(X509_getm_notAfter(x), 60) != NULL &&
	    X509_sign(x, key, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}

/* What one side writes the other reads; each side owns its end. */
static bool
join(SSL *client, SSL *server)
{
	BIO *left, *right;

	if (BIO_new_bio_pair(&left, 0, &right, 0) != 1)
		return false;
	SSL_set_bio(client, left, left);
	SSL_set_bio(server, right, right);
	SSL_set_connect_state(client);
	SSL_set_accept_state(server);
	return true;
}

static bool
exchange(SSL *client, SSL *server)
{
	char byte = 'x';

	for (int i = 0; i < TURNS_MAX; i++) {
		int c = SSL_do_handshake(client), s = SSL_do_handshake(server);

		if (c == 1 && s == 1)
			return SSL_write(server, &byte, 1) == 1 && SSL_read(client, &byte, 1) == 1;
	}
	return false;
}

static bool
rehearse(void)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = EVP_EC_gen("P-256");
	_cleanup_(X509_freep) X509 *cert = key != NULL ? self_signed(key) : NULL;
	_cleanup_(SSL_CTX_freep) SSL_CTX *ours = SSL_CTX_new(TLS_client_method());
	_cleanup_(SSL_CTX_freep) SSL_CTX *theirs = SSL_CTX_new(TLS_server_method());
	_cleanup_(SSL_freep) SSL *client = NULL, *server = NULL;

	if (cert == NULL || ours == NULL || theirs == NULL)
		return false;
	if (SSL_CTX_use_certificate(theirs, cert) != 1 || SSL_CTX_use_PrivateKey(theirs, key) != 1)
		return false;
	client = SSL_new(ours);
	server = SSL_new(theirs);
	return client != NULL && server != NULL && join(client, server) && exchange(client, server);
}

int
tls_rehearse(void)
{
	bool ok = rehearse();

	ERR_clear_error();
	return ok ? 0 : -EIO;
}
