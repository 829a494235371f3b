/* SPDX-License-Identifier: Apache-2.0 */
/* Where messages may be sent to. What is taken, libcurl reads as the same host, port and scheme: else the address that was judged is not the one that is
 * connected to. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/webhook_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
hold(bool true_of_it)
{
	if (!true_of_it)
		abort();
}

/* An address may be written in more than one way. */
static void
same_address(char *theirs, const char *ours)
{
	unsigned char a[16], b[16];

	theirs[strlen(theirs) - 1] = '\0';
	hold(inet_pton(AF_INET6, theirs + 1, a) == 1 && inet_pton(AF_INET6, ours, b) == 1 && memcmp(a, b, sizeof a) == 0);
}

static void
same_part(CURLU *url, CURLUPart part, const char *ours)
{
	char *theirs = NULL;

	hold(curl_url_get(url, part, &theirs, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0) == CURLUE_OK);
	if (theirs[0] == '[')
		same_address(theirs, ours);
	else
		hold(strcasecmp(theirs, ours) == 0);
	curl_free(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct webhook_policy policy = {.allow_private = true, .ports = {80, 443, 8443}, .port_count = 3};
	struct webhook_url taken;
	_cleanup_free_ char *text = NULL, *port = NULL;
	CURLU *url;

	if (memchr(data, '\0', size) != NULL || size > 4096)
		return 0;
	text = xstrndup((const char *)data, size);
	if (webhook_url_parse(text, &policy, &taken) != NULL)
		return 0;
	url = curl_url();
	hold(url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK);
	same_part(url, CURLUPART_HOST, taken.host);
	same_part(url, CURLUPART_SCHEME, taken.tls ? "https" : "http");
	port = xasprintf("%u", (unsigned)taken.port);
	same_part(url, CURLUPART_PORT, port);
	curl_url_cleanup(url);
	return 0;
}
