/* SPDX-License-Identifier: Apache-2.0 */
#include "certs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define VALID_SECONDS (3650L * 86400L)

static int
set_paths(const char *dir, struct cert_paths *p)
{
	int a = snprintf(p->ca, sizeof(p->ca), "%s/ca.pem", dir);
	int b = snprintf(p->cert, sizeof(p->cert), "%s/server.pem", dir);
	int c = snprintf(p->key, sizeof(p->key), "%s/server.key", dir);

	if (a < 0 || b < 0 || c < 0 || (size_t)a >= sizeof(p->ca) || (size_t)b >= sizeof(p->cert) || (size_t)c >= sizeof(p->key))
		return -ENAMETOOLONG;
	return 0;
}

static bool
set_serial(X509 *x)
{
	unsigned char bytes[16];
	BIGNUM *n;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] &= 0x7f;
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return ok;
}

static bool
add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = ext && X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
	return ok;
}

static bool
set_name(X509 *x, const char *name)
{
	return X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
	                                  (const unsigned char *)name, -1, -1, 0) == 1;
}

/* A certificate with everything but extensions and signature, or NULL. */
static X509 *
new_cert(const char *name, EVP_PKEY *key)
{
	X509 *x = X509_new();

	if (x && X509_set_version(x, X509_VERSION_3) && set_serial(x) && set_name(x, name) && X509_set_pubkey(x, key) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -86400) && X509_gmtime_adj(X509_getm_notAfter(x), VALID_SECONDS))
		return x;
	X509_free(x);
	return NULL;
}

static X509 *
make_ca(EVP_PKEY *key)
{
	X509 *x = new_cert("rtalp-sandbox test authority", key);

	if (x && X509_set_issuer_name(x, X509_get_subject_name(x)) &&
	    add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
	    add_extension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") &&
	    add_extension(x, x, NID_subject_key_identifier, "hash") && X509_sign(x, key, EVP_sha256()))
		return x;
	X509_free(x);
	return NULL;
}

static X509 *
make_leaf(EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key)
{
	X509 *x = new_cert("localhost", key);

	if (x && X509_set_issuer_name(x, X509_get_subject_name(ca)) &&
	    add_extension(x, ca, NID_basic_constraints, "critical,CA:FALSE") &&
	    add_extension(x, ca, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, ca, NID_ext_key_usage, "serverAuth") &&
	    add_extension(x, ca, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
	    add_extension(x, ca, NID_subject_key_identifier, "hash") &&
	    add_extension(x, ca, NID_authority_key_identifier, "keyid") && X509_sign(x, ca_key, EVP_sha256()))
		return x;
	X509_free(x);
	return NULL;
}

static FILE *
create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

static int
write_cert(const char *path, X509 *x)
{
	FILE *f = create(path, 0644);
	int r;

	if (!f)
		return -errno;
	r = PEM_write_X509(f, x) ? 0 : -EIO;
	return fclose(f) == 0 ? r : -EIO;
}

static int
write_key(const char *path, EVP_PKEY *key)
{
	FILE *f = create(path, 0600);
	int r;

	if (!f)
		return -errno;
	r = PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) ? 0 : -EIO;
	return fclose(f) == 0 ? r : -EIO;
}

static int
write_all(const struct cert_paths *paths)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = ca_key ? make_ca(ca_key) : NULL;
	X509 *leaf = ca && key ? make_leaf(key, ca, ca_key) : NULL;
	int r = leaf ? write_key(paths->key, key) : -EIO;

	if (r == 0)
		r = write_cert(paths->cert, leaf);
	if (r == 0)
		r = write_cert(paths->ca, ca);
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	return r;
}

int
certs_make(const char *dir, struct cert_paths *ret)
{
	int r = set_paths(dir, ret);

	if (r < 0)
		return r;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return -errno;
	if (access(ret->ca, R_OK) == 0 && access(ret->cert, R_OK) == 0 && access(ret->key, R_OK) == 0)
		return 0;
	return write_all(ret);
}
