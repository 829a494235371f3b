/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/setting_check.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <openssl/prov_ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "alp/alp_options.h"
#include "base/macro.h"
#include "base/str.h"
#include "base/zone.h"
#include "http/listen_unix.h"

#define HOST_MAX     253 /* bytes of a DNS name */
#define WORD_MAX     64
#define PATH_MAX_LEN 256
#define URL_MAX_LEN  1024 /* leaves room for the question that a worker adds */

const struct setting_choice choices_level[] = {
    {"debug", LOG_DEBUG}, {"info", LOG_INFO}, {"notice", LOG_NOTICE}, {"warning", LOG_WARNING}, {"err", LOG_ERR}, {NULL, 0}};

const struct setting_choice choices_cache[] = {{"memory", CACHE_MEMORY}, {"redis", CACHE_REDIS}, {NULL, 0}};
const struct setting_choice choices_tls[] = {{"1.2", TLS1_2_VERSION}, {"1.3", TLS1_3_VERSION}, {NULL, 0}};
const struct setting_choice choices_yes_no[] = {{"no", 0}, {"yes", 1}, {NULL, 0}};
const struct setting_choice choices_paging[] = {
    {"none", ALP_PAGING_NONE}, {"link", ALP_PAGING_LINK}, {"page", ALP_PAGING_PAGE}, {"offset", ALP_PAGING_OFFSET}, {NULL, 0}};

static bool
address_is_loopback(struct str host)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct in_addr v4;
	struct in6_addr v6;

	if (host.len >= sizeof text)
		return false;
	memcpy(text, host.p, host.len);
	if (inet_pton(AF_INET, text, &v4) == 1)
		return (ntohl(v4.s_addr) >> 24) == 127;
	return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static bool
address_valid(struct str host)
{
	char text[INET6_ADDRSTRLEN] = "";
	unsigned char unused[sizeof(struct in6_addr)];

	if (host.len >= sizeof text)
		return false;
	memcpy(text, host.p, host.len);
	return inet_pton(AF_INET, text, unused) == 1 || inet_pton(AF_INET6, text, unused) == 1;
}

static bool
port_valid(const char *text, int64_t lowest)
{
	int64_t port;

	return str_to_i64(str_of(text), lowest, 65535, &port) == 0;
}

const char *
check_port(const char *value)
{
	return port_valid(value, 1) ? NULL : "a port, 1 to 65535";
}

const char *
check_listen(const char *value)
{
	static const char allowed[] = "an address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
	const char *colon = strrchr(value, ':');
	struct str host;

	if (colon == NULL || !port_valid(colon + 1, 0))
		return allowed;
	host = (struct str){.p = value, .len = (size_t)(colon - value)};
	if (host.len >= 2 && host.p[0] == '[' && host.p[host.len - 1] == ']')
		host = (struct str){.p = host.p + 1, .len = host.len - 2};
	else if (memchr(host.p, ':', host.len) != NULL)
		return allowed;
	return address_valid(host) ? NULL : allowed;
}

/* Its bytes, as long as IPv4 or IPv6 ones are; the port is left out. */
static socklen_t
address_bytes(const char *value, unsigned char ret_bytes[sizeof(struct in6_addr)])
{
	char text[INET6_ADDRSTRLEN] = "";
	size_t skip = value[0] == '[';
	size_t len = (size_t)(strrchr(value, ':') - value) - 2 * skip;

	memcpy(text, value + skip, MIN_OF(len, sizeof text - 1));
	if (inet_pton(AF_INET, text, ret_bytes) == 1)
		return sizeof(struct in_addr);
	return inet_pton(AF_INET6, text, ret_bytes) == 1 ? sizeof(struct in6_addr) : 0;
}

bool
listen_address_same(const char *a, const char *b)
{
	unsigned char of_a[sizeof(struct in6_addr)], of_b[sizeof(struct in6_addr)];
	socklen_t len = address_bytes(a, of_a);

	return len > 0 && address_bytes(b, of_b) == len && memcmp(of_a, of_b, len) == 0;
}

/* The length of the host name that begins here, 0 if none does. */
static size_t
host_length(const char *value)
{
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789.-_");

	return len <= HOST_MAX ? len : 0;
}

const char *
check_host(const char *value)
{
	size_t len = host_length(value);

	return len > 0 && value[len] == '\0' ? NULL : "a host name in lower case, without a port";
}

const char *
check_origin(const char *value)
{
	static const char *const schemes[] = {"https://", "http://"};

	for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
		const char *host = value + strlen(schemes[i]);
		size_t len;

		if (!str_starts(str_of(value), str_of(schemes[i])))
			continue;
		len = host_length(host);
		if (len > 0 && (host[len] == '\0' || (host[len] == ':' && port_valid(host + len + 1, 1))))
			return NULL;
	}
	return "a web origin as browsers send it, such as \"https://review.example.org\"";
}

const char *
check_socket(const char *value)
{
	return value[0] == '\0' || (check_path(value) == NULL && strlen(value) <= UNIX_PATH_MAX_BYTES) ?
		   NULL :
		   "an absolute path of a socket of at most 107 bytes, or empty";
}

const char *
check_path(const char *value)
{
	return value[0] == '/' && value[strlen(value) - 1] != '/' ? NULL : "an absolute path of a file";
}

const char *
check_path_or_none(const char *value)
{
	return value[0] == '\0' || check_path(value) == NULL ? NULL : "an absolute path of a file, or empty";
}

static bool
url_part_is(CURLU *url, CURLUPart part, const char *wanted)
{
	char *text = NULL;
	bool same = curl_url_get(url, part, &text, 0) == CURLUE_OK && strcmp(text, wanted) == 0;

	curl_free(text);
	return same;
}

static bool
url_has(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

static bool
url_host_is_loopback(CURLU *url)
{
	char *host = NULL;
	struct str h;
	bool loopback = false;

	if (curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK) {
		h = str_of(host);
		if (h.len >= 2 && h.p[0] == '[')
			h = (struct str){.p = h.p + 1, .len = h.len - 2};
		loopback = strcmp(host, "localhost") == 0 || address_is_loopback(h);
	}
	curl_free(host);
	return loopback;
}

/* libcurl takes port 0 for one that can be connected to. */
static bool
url_port_valid(CURLU *url)
{
	char *port = NULL;
	bool valid = curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK && port_valid(port, 1);

	curl_free(port);
	return valid;
}

/* A key travels with this address: in the clear only where nobody else can listen. */
static bool
url_allowed(CURLU *url)
{
	static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD};

	for (size_t i = 0; i < ELEMENTSOF(unwanted); i++)
		if (url_has(url, unwanted[i]))
			return false;
	if (!url_port_valid(url))
		return false;
	return url_part_is(url, CURLUPART_SCHEME, "https") ||
	    (url_part_is(url, CURLUPART_SCHEME, "http") && url_host_is_loopback(url));
}

const char *
check_url(const char *value)
{
	CURLU *url = curl_url();
	bool allowed;

	/* An empty query or fragment is none to libcurl, but what the workers add would still become part of it. */
	allowed = url != NULL && strlen(value) <= URL_MAX_LEN && strpbrk(value, "?#") == NULL &&
	    curl_url_set(url, CURLUPART_URL, value, 0) == CURLUE_OK && url_allowed(url);
	curl_url_cleanup(url);
	return allowed ? NULL :
			 "an https address of at most 1024 bytes, without user, password, query, fragment or port 0 "
			 "(http only to a loopback host)";
}

const char *
check_url_or_none(const char *value)
{
	return value[0] == '\0' ? NULL : check_url(value);
}

#define PHRASES_MAX 1000

const char *
check_phrases(const char *value)
{
	return strlen(value) <= PHRASES_MAX ? NULL : "at most 1000 bytes";
}

const char *
check_word(const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.[]";
	size_t len = strspn(value, letters);

	return len > 0 && len <= WORD_MAX && value[len] == '\0' ? NULL : "1 to 64 letters, digits or one of \"_-.[]\"";
}

const char *
check_word_or_none(const char *value)
{
	return value[0] == '\0' || check_word(value) == NULL ? NULL : "empty, or 1 to 64 letters, digits or one of \"_-.[]\"";
}

/* {id} stands there once, or not at all. */
static bool
alp_path_valid(const char *value, bool with_id)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-.~%?=&,";
	size_t len = strlen(value);
	const char *id = strstr(value, "{id}");

	if (value[0] != '/' || len > PATH_MAX_LEN || with_id != (id != NULL))
		return false;
	if (id == NULL)
		return strspn(value, letters) == len;
	return strspn(value, letters) == (size_t)(id - value) && strspn(id + 4, letters) == strlen(id + 4);
}

const char *
check_alp_path(const char *value)
{
	return alp_path_valid(value, false) ? NULL : "a path such as \"/matters\", perhaps with a query";
}

const char *
check_alp_path_id(const char *value)
{
	return alp_path_valid(value, true) ? NULL : "a path with {id} in it, such as \"/matters/{id}/outcomes\"";
}

const char *
check_zone(const char *value)
{
	return zone_valid(value) ? NULL : "a name of the time zone database, such as \"Australia/Sydney\"";
}

const char *
check_redis(const char *value)
{
	static const char allowed[] = "a numeric address and a port, such as \"127.0.0.1:6379\" or \"[::1]:6379\", or the path of a socket";

	if (value[0] == '/')
		return strlen(value) < sizeof((struct sockaddr_un *)NULL)->sun_path ? NULL : allowed;
	return check_listen(value) == NULL && strcmp(strrchr(value, ':'), ":0") != 0 ? NULL : allowed;
}

const char *
check_redis_prefix(const char *value)
{
	size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_:.");

	return value[len] == '\0' && len <= 64 ? NULL : "at most 64 letters, digits and any of - _ : .";
}
