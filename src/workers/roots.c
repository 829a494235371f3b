/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/roots.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

static const char *
system_bundle(void)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	const char *const places[] = {
	    info->age >= CURLVERSION_SEVENTH ? info->cainfo : NULL,
	    "/etc/ssl/certs/ca-certificates.crt",
	    "/etc/pki/tls/certs/ca-bundle.crt",
	    X509_get_default_cert_file(),
	};

	for (size_t i = 0; i < ELEMENTSOF(places); i++)
		if (places[i] != NULL && access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* Only libcurl's OpenSSL flavour takes a store from us; another would trust nobody, at every job anew. */
static bool
curl_takes_a_store(void)
{
	const char *backend = curl_version_info(CURLVERSION_NOW)->ssl_version;

	return backend != NULL && strncmp(backend, "OpenSSL/", strlen("OpenSSL/")) == 0;
}

/* Reads the whole file at once; a directory or the default paths would be looked up at the first handshake, inside the sandbox. */
int
roots_load(const char *ca_file, X509_STORE **ret_store, uint32_t *ret_count)
{
	const char *path = ca_file != NULL ? ca_file : system_bundle();
	X509_STORE *store;
	int count;

	if (!curl_takes_a_store())
		return -ENOTSUP;
	if (path == NULL)
		return -ENOENT;
	store = X509_STORE_new();
	if (store == NULL)
		return -ENOMEM;
	if (X509_STORE_load_file(store, path) != 1) {
		ERR_clear_error();
		X509_STORE_free(store);
		return -EBADMSG;
	}
	count = sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
	ERR_clear_error();
	*ret_store = store;
	*ret_count = count > 0 ? (uint32_t)count : 0;
	return 0;
}
