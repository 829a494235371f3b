/* SPDX-License-Identifier: Apache-2.0 */
#include "base/webhook_url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/address.h"
#include "base/str.h"

#define LABEL_MAX 63

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_visible(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text <= ' ' || *text > '~' || *text == '#' || *text == '\\' || *text == '"' || *text == '<' || *text == '>')
			return false;
	return true;
}

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Letters, digits and hyphens, with dots between; the last label is no number. */
static bool
is_name(const char *host)
{
	const char *label = host;

	for (const char *p = host;; p++) {
		if (*p != '.' && *p != '\0') {
			if (!(is_digit(*p) || (*p >= 'a' && *p <= 'z') || *p == '-' || *p == '_'))
				return false;
			continue;
		}
		if (p == label || p - label > LABEL_MAX || *label == '-' || p[-1] == '-')
			return false;
		if (*p == '\0')
			return !is_digit(*label);
		label = p + 1;
	}
}

static bool
take_host(struct str text, bool brackets, struct webhook_url *url)
{
	unsigned char unused[sizeof(struct in6_addr)];

	if (text.len == 0 || text.len >= sizeof url->host)
		return false;
	for (size_t i = 0; i < text.len; i++)
		url->host[i] = small(text.p[i]);
	url->host[text.len] = '\0';
	if (brackets)
		return inet_pton(AF_INET6, url->host, unused) == 1;
	return inet_pton(AF_INET, url->host, unused) == 1 || is_name(url->host);
}

static bool
take_authority(struct str text, struct webhook_url *url)
{
	bool brackets = text.len > 0 && text.p[0] == '[';
	const char *end = brackets ? memchr(text.p, ']', text.len) : memchr(text.p, ':', text.len);
	struct str host, rest;
	int64_t port;

	if (brackets && end == NULL)
		return false;
	if (end == NULL)
		end = text.p + text.len;
	host = (struct str){text.p + brackets, (size_t)(end - text.p) - brackets};
	rest = (struct str){end + brackets, (size_t)(text.p + text.len - end) - brackets};
	if (!take_host(host, brackets, url))
		return false;
	if (rest.len == 0)
		return true;
	if (rest.p[0] != ':' || str_to_i64((struct str){rest.p + 1, rest.len - 1}, 1, UINT16_MAX, &port) < 0)
		return false;
	url->port = (uint16_t)port;
	return true;
}

static bool
port_allowed(const struct webhook_policy *policy, uint16_t port)
{
	for (size_t i = 0; i < policy->port_count; i++)
		if (policy->ports[i] == port)
			return true;
	return false;
}

/* What is an address already can be judged now; what a name leads to is judged when it is connected to. */
static bool
leads_inside(const char *host)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
		return !address_is_public((const struct sockaddr *)&v4, sizeof v4);
	if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1)
		return !address_is_public((const struct sockaddr *)&v6, sizeof v6);
	return strcmp(host, "localhost") == 0;
}

const char *
webhook_url_parse(const char *text, const struct webhook_policy *policy, struct webhook_url *ret_url)
{
	struct webhook_url url = {.tls = strncmp(text, "https://", 8) == 0};
	const char *rest = text + (url.tls ? 8 : 7);

	if (!url.tls && strncmp(text, "http://", 7) != 0)
		return "be an address that begins with https://";
	if (!url.tls && !policy->allow_private)
		return "begin with https://";
	url.port = url.tls ? 443 : 80;
	if (strlen(text) > WEBHOOK_URL_MAX || !is_visible(text) || !take_authority((struct str){rest, strcspn(rest, "/?")}, &url))
		return "be an address such as https://example.org/hook, without user and fragment";
	if (!port_allowed(policy, url.port))
		return "have a port that webhooks.ports allows";
	if (!policy->allow_private && leads_inside(url.host))
		return "lead to the open Internet";
	*ret_url = url;
	return NULL;
}
