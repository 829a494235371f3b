/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/transport.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"

#define RESOLVE_MAX_BYTES ((size_t)2048)

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

/* host:port:address,address with brackets around IPv6, as CURLOPT_RESOLVE wants it. */
static int
resolve_entry(const char *host, uint16_t port, struct str addresses, struct buf *entry)
{
	size_t count = 0;

	buf_addf(entry, "%s:%u:", host, (unsigned)port);
	while (addresses.len > 0) {
		const char *comma = memchr(addresses.p, ',', addresses.len);
		size_t len = comma != NULL ? (size_t)(comma - addresses.p) : addresses.len;
		_cleanup_free_ char *one = xstrndup(addresses.p, len);
		struct in6_addr ignored;
		bool v6 = inet_pton(AF_INET6, one, &ignored) == 1;

		if (!v6 && inet_pton(AF_INET, one, &ignored) != 1)
			return -EINVAL;
		buf_addf(entry, v6 ? "%s[%s]" : "%s%s", count++ > 0 ? "," : "", one);
		addresses.p += len + (comma != NULL);
		addresses.len -= len + (comma != NULL);
	}
	return count == 0 ? -EINVAL : entry->error;
}

int
transport_addresses(CURL *curl, const char *host, uint16_t port, struct str addresses, struct curl_slist **ret_list)
{
	_cleanup_(buf_release) struct buf entry = BUF_INIT(RESOLVE_MAX_BYTES);
	struct curl_slist *list;

	if (resolve_entry(host, port, addresses, &entry) < 0)
		return -EINVAL;
	list = curl_slist_append(NULL, entry.p);
	if (list == NULL)
		return -ENOMEM;
	curl_easy_setopt(curl, CURLOPT_RESOLVE, list);
	*ret_list = list;
	return 0;
}
