/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"

#define CHAIN_MAX    16
#define SESSION_S    7200
#define TICKET_KEYS  80 /* a name, a key for its mark and one for its bytes */

struct tls {
	unsigned refs;
	SSL_CTX *context;
	int64_t expires_ms;
	int64_t fresh_tickets_ms; /* monotonic; 0: those of the beginning */
};

/* --- life --------------------------------------------------------------------------------------------------------------------- */

struct tls *
tls_ref(struct tls *t)
{
	if (t != NULL)
		t->refs++;
	return t;
}

struct tls *
tls_unref(struct tls *t)
{
	if (t == NULL || --t->refs > 0)
		return NULL;
	SSL_CTX_free(t->context);
	free(t);
	return NULL;
}

int64_t
tls_expires_ms(const struct tls *t)
{
	return t->expires_ms;
}

/* --- the certificate and its key ------------------------------------------------------------------------------------------------ */

/* Nobody is there who could be asked. */
static int
no_password(char *text, int size, int writing, void *arg)
{
	bool *asked = arg;

	(void)text;
	(void)size;
	(void)writing;
	*asked = true;
	return -1;
}

static void
note_expiry(struct tls *t, X509 *certificate)
{
	struct tm tm = {0};
	int64_t ms;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
		return;
	ms = (int64_t)timegm(&tm) * 1000;
	if (t->expires_ms == 0 || ms < t->expires_ms)
		t->expires_ms = ms;
}

/* The first is ours. Those behind it become the context's. */
static tls_fault
read_certificates(struct tls *t, FILE *f)
{
	for (int n = 0; n < CHAIN_MAX; n++) {
		X509 *certificate = PEM_read_X509_AUX(f, NULL, NULL, NULL);
		bool taken;

		if (certificate == NULL)
			return n > 0 ? NULL : "there is no certificate in it (PEM)";
		note_expiry(t, certificate);
		taken = n == 0 ? SSL_CTX_use_certificate(t->context, certificate) == 1 : SSL_CTX_add0_chain_cert(t->context, certificate) == 1;
		if (n == 0 || !taken)
			X509_free(certificate);
		if (!taken)
			return "its certificate is refused: it may be too weak";
	}
	return "there are more than 16 certificates in it";
}

static int
use_certificates(struct tls *t, const char *path, tls_fault *ret_fault)
{
	FILE *f = fopen(path, "re");

	if (f == NULL) {
		int r = -errno;

		*ret_fault = strerrordesc_np(-r);
		return r;
	}
	*ret_fault = read_certificates(t, f);
	(void)fclose(f);
	return *ret_fault == NULL ? 0 : -EINVAL;
}

static tls_fault
use_key(struct tls *t, struct str pem)
{
	BIO *bytes = BIO_new_mem_buf(pem.p, (int)pem.len);
	bool asked = false;
	EVP_PKEY *key = bytes != NULL ? PEM_read_bio_PrivateKey(bytes, NULL, no_password, &asked) : NULL;
	tls_fault fault = NULL;

	if (asked)
		fault = "its key is encrypted, and nobody is there to give the password";
	else if (key == NULL)
		fault = "its key is none (PEM)";
	else if (SSL_CTX_use_PrivateKey(t->context, key) != 1 || SSL_CTX_check_private_key(t->context) != 1)
		fault = "its key is that of another certificate";
	EVP_PKEY_free(key);
	BIO_free(bytes);
	return fault;
}

/* --- what is spoken ------------------------------------------------------------------------------------------------------------- */

/* Who offers protocols offers ours, or is told that there is none in common. */
static int
choose_protocol(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_len, const unsigned char *offered, unsigned offered_len, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *name;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&name, ret_len, ours, sizeof ours - 1, offered, offered_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*ret_name = name;
	return SSL_TLSEXT_ERR_OK;
}

/* Plain text does not stay in the library's buffers: a body may hold a key. Nobody has a client speak anew in the middle. */
#define OPTIONS (SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_PRIORITIZE_CHACHA)

static bool
set_up(SSL_CTX *context, int min_version)
{
	static const unsigned char name[] = "rtalpd";

	SSL_CTX_set_options(context, OPTIONS);
	/* An idle connection holds no buffer of 16 KiB each way. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(context, SESSION_S);
	SSL_CTX_set_num_tickets(context, 1);
	SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
	return SSL_CTX_set_session_id_context(context, name, sizeof name - 1) == 1 &&
	    SSL_CTX_set_min_proto_version(context, min_version) == 1 &&
	    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

int
tls_new(const struct tls_options *options, struct tls **ret_tls, tls_fault *ret_fault)
{
	_cleanup_(tls_unrefp) struct tls *t = xcalloc(1, sizeof *t);
	int r;

	t->refs = 1;
	t->context = SSL_CTX_new(TLS_server_method());
	if (t->context == NULL || !set_up(t->context, options->min_version)) {
		*ret_fault = "OpenSSL cannot do what is needed";
		ERR_clear_error();
		return -EINVAL;
	}
	r = use_certificates(t, options->certificate, ret_fault);
	if (r == 0) {
		*ret_fault = use_key(t, options->key);
		r = *ret_fault == NULL ? 0 : -EINVAL;
	}
	ERR_clear_error();
	if (r == 0)
		*ret_tls = TAKE_PTR(t);
	return r;
}

/* Whoever gets at a ticket's key can read what its sessions said, so it does not last. Older tickets are worth nothing then: such a client
 * shakes hands in full. */
static void
renew_tickets(struct tls *t, int64_t now_ms)
{
	unsigned char keys[TICKET_KEYS];

	if (t->fresh_tickets_ms != 0 && now_ms - t->fresh_tickets_ms < TLS_TICKETS_MS)
		return;
	t->fresh_tickets_ms = now_ms;
	if (RAND_priv_bytes(keys, sizeof keys) == 1)
		SSL_CTX_set_tlsext_ticket_keys(t->context, keys, sizeof keys);
	explicit_bzero(keys, sizeof keys);
}

SSL *
tls_session(struct tls *t, int64_t now_mono_ms)
{
	SSL *ssl;

	renew_tickets(t, now_mono_ms);
	ssl = SSL_new(t->context);
	if (ssl != NULL)
		SSL_set_accept_state(ssl);
	return ssl;
}
