/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/transport.h"

#include <openssl/ssl.h>

/* Only with CAINFO and CAPATH set to NULL does libcurl leave this store as it is; see the design's list of traps. */
static CURLcode
use_roots(CURL *curl, void *context, void *roots)
{
	(void)curl;
	SSL_CTX_set1_cert_store((SSL_CTX *)context, roots);
	SSL_CTX_set_min_proto_version((SSL_CTX *)context, TLS1_2_VERSION);
	return CURLE_OK;
}

void
transport_trust(CURL *curl, X509_STORE *roots)
{
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_CA_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, use_roots);
	curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, roots);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
}
