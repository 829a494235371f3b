/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/upstream.h"

#include <curl/curl.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/util.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/log.h"

#define AGAIN_AFTER_S        60
#define AGAIN_AFTER_FAILED_S 5
#define ADDRESSES_MAX        8

struct upstream {
	struct event_base *base;
	struct evdns_base *dns;
	struct evdns_getaddrinfo_request *asking;
	struct event *again;
	char *host;
	uint16_t port;
	char *addresses;
	bool known;
	upstream_known_fn known_fn;
	void *known_arg;
};

static int
host_of(const char *url, char **ret_host, uint16_t *ret_port)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	CURLUcode c;
	size_t len;

	if (u == NULL)
		return -ENOMEM;
	c = curl_url_set(u, CURLUPART_URL, url, 0);
	if (c == CURLUE_OK)
		c = curl_url_get(u, CURLUPART_HOST, &host, 0);
	if (c == CURLUE_OK)
		c = curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	curl_url_cleanup(u);
	if (c != CURLUE_OK) {
		curl_free(host);
		return -EINVAL;
	}
	*ret_port = (uint16_t)atoi(port); /* libcurl has seen to it that it is one */
	curl_free(port);
	len = strlen(host);
	/* An IPv6 literal comes in brackets. */
	if (len > 2 && host[0] == '[')
		*ret_host = xstrndup(host + 1, len - 2);
	else
		*ret_host = xstrdup(host);
	curl_free(host);
	return 0;
}

static void
add_address(struct buf *b, const struct evutil_addrinfo *ai)
{
	char text[INET6_ADDRSTRLEN];
	const void *address = NULL;

	if (ai->ai_family == AF_INET)
		address = &((const struct sockaddr_in *)(const void *)ai->ai_addr)->sin_addr;
	else if (ai->ai_family == AF_INET6)
		address = &((const struct sockaddr_in6 *)(const void *)ai->ai_addr)->sin6_addr;
	if (address == NULL || evutil_inet_ntop(ai->ai_family, address, text, sizeof text) == NULL)
		return;
	buf_addf(b, "%s%s", b->len > 0 ? "," : "", text);
}

char *
upstream_addresses_text(const struct evutil_addrinfo *list)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(1024);
	int n = 0;

	for (const struct evutil_addrinfo *ai = list; ai != NULL && n < ADDRESSES_MAX; ai = ai->ai_next, n++)
		add_address(&b, ai);
	return b.len > 0 ? buf_take(&b, NULL) : NULL;
}

static void
keep_addresses(struct upstream *u, const struct evutil_addrinfo *list)
{
	char *addresses = upstream_addresses_text(list);

	if (addresses == NULL)
		return;
	free(u->addresses);
	u->addresses = addresses;
	log_event(EV_UPSTREAM_RESOLVED, LOG_STR("HOST", u->host), LOG_STR("ADDRESS", u->addresses));
}

static void
looked_up(int error, struct evutil_addrinfo *list, void *arg)
{
	struct upstream *u = arg;
	struct timeval tv = {.tv_sec = error == 0 ? AGAIN_AFTER_S : AGAIN_AFTER_FAILED_S};

	u->asking = NULL;
	if (error == EVUTIL_EAI_CANCEL)
		return;
	if (error == 0) {
		keep_addresses(u, list);
		evutil_freeaddrinfo(list);
	} else {
		log_event(EV_UPSTREAM_UNRESOLVED, LOG_STR("HOST", u->host), LOG_STR("ERROR", evutil_gai_strerror(error)));
	}
	event_add(u->again, &tv);
	if (!u->known) {
		u->known = true;
		u->known_fn(u->known_arg);
	}
}

static void
look_up(evutil_socket_t fd, short what, void *arg)
{
	struct upstream *u = arg;
	struct evutil_addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP};

	(void)fd;
	(void)what;
	u->asking = evdns_getaddrinfo(u->dns, u->host, NULL, &hints, looked_up, u);
}

int
upstream_new(struct event_base *base, const char *url, upstream_known_fn known, void *arg, struct upstream **ret_upstream)
{
	struct upstream *u;
	char *host = NULL;
	uint16_t port = 0;
	int r = host_of(url, &host, &port);

	if (r < 0)
		return r;
	u = xcalloc(1, sizeof *u);
	u->base = base;
	u->host = host;
	u->port = port;
	u->addresses = xstrdup("");
	u->known_fn = known;
	u->known_arg = arg;
	u->dns = evdns_base_new(base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	/* Without a resolv.conf there are still numbers and the hosts file. */
	if (u->dns == NULL)
		u->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	u->again = event_new(base, -1, 0, look_up, u);
	event_active(u->again, EV_TIMEOUT, 0);
	*ret_upstream = u;
	return 0;
}

struct upstream *
upstream_free(struct upstream *u)
{
	if (u == NULL)
		return NULL;
	event_free(u->again);
	if (u->asking != NULL)
		evdns_getaddrinfo_cancel(u->asking);
	if (u->dns != NULL)
		evdns_base_free(u->dns, 0);
	free(u->addresses);
	free(u->host);
	free(u);
	return NULL;
}

bool
upstream_is_known(const struct upstream *u)
{
	return u->known;
}

uint16_t
upstream_port(const struct upstream *u)
{
	return u->port;
}

const char *
upstream_addresses(const struct upstream *u)
{
	return u->addresses;
}
