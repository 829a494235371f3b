/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#include "base/macro.h"

/* --- the base --------------------------------------------------------------------------------------------------------------- */

static bool
is_loopback(const char *host)
{
	struct in_addr v4;

	/* libcurl resolves localhost to loopback itself, whatever the resolver says. */
	if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return inet_pton(AF_INET, host, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

static bool
has_part(CURLU *u, CURLUPart part)
{
	char *text = NULL;
	bool has = curl_url_get(u, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return has;
}

static int
judge(CURLU *u, enum url_privacy *ret_privacy)
{
	char *scheme = NULL, *host = NULL;
	int r = -EINVAL;

	if (has_part(u, CURLUPART_USER) || has_part(u, CURLUPART_PASSWORD) || has_part(u, CURLUPART_QUERY) ||
	    has_part(u, CURLUPART_FRAGMENT))
		return -EINVAL;
	if (curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)) {
		*ret_privacy = strcmp(scheme, "https") == 0 || is_loopback(host) ? URL_PRIVATE : URL_OPEN;
		r = 0;
	}
	curl_free(scheme);
	curl_free(host);
	return r;
}

int
url_check(const char *base, struct buf *ret_base, enum url_privacy *ret_privacy)
{
	CURLU *u = curl_url();
	char *text = NULL;
	int r = -EINVAL;

	/* As libcurl understands it, not as it is written: 127.1 and 2130706433 are the same host. */
	if (u != NULL && curl_url_set(u, CURLUPART_URL, base, 0) == CURLUE_OK && judge(u, ret_privacy) == 0 &&
	    curl_url_get(u, CURLUPART_URL, &text, 0) == CURLUE_OK) {
		size_t len = strlen(text);

		while (len > 0 && text[len - 1] == '/')
			len--;
		r = buf_add(ret_base, text, len);
	}
	curl_free(text);
	curl_url_cleanup(u);
	return r;
}

/* --- queries ---------------------------------------------------------------------------------------------------------------- */

static bool
is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("-._~", c) != NULL;
}

void
url_add(struct buf *path, const char *name, const char *value)
{
	bool first = path->len == 0 || memchr(path->p, '?', path->len) == NULL;

	buf_addf(path, "%c%s=", first ? '?' : '&', name);
	for (; *value != '\0'; value++) {
		if (is_plain(*value))
			buf_addc(path, *value);
		else
			buf_addf(path, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

void
url_add_number(struct buf *path, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, value);
	url_add(path, name, text);
}

/* --- Link ------------------------------------------------------------------------------------------------------------------- */

/* From just behind the '>' to the comma that ends this link; a quoted string may hold one. */
static size_t
parameters_length(const char *p)
{
	bool quoted = false;
	size_t n = 0;

	for (; p[n] != '\0' && (quoted || p[n] != ','); n++) {
		if (p[n] == '\\' && quoted && p[n + 1] != '\0')
			n++;
		else if (p[n] == '"')
			quoted = !quoted;
	}
	return n;
}

static bool
word_is_next(struct str words)
{
	while (words.len > 0) {
		const char *space = memchr(words.p, ' ', words.len);
		size_t len = space != NULL ? (size_t)(space - words.p) : words.len;

		if (len == 4 && strncasecmp(words.p, "next", 4) == 0)
			return true;
		len += space != NULL;
		words = (struct str){words.p + len, words.len - len};
	}
	return false;
}

static bool
is_next(struct str parameters)
{
	const char *p = parameters.p, *end = p + parameters.len;

	while (p < end) {
		const char *value;

		while (p < end && (*p == ';' || *p == ' ' || *p == '\t'))
			p++;
		value = memchr(p, '=', (size_t)(end - p));
		if (value == NULL)
			return false;
		if (value - p == 3 && strncasecmp(p, "rel", 3) == 0) {
			bool quoted = value + 1 < end && value[1] == '"';
			const char *from = value + 1 + (quoted ? 1 : 0), *to = from;

			while (to < end && *to != (quoted ? '"' : ';'))
				to++;
			return word_is_next((struct str){from, (size_t)(to - from)});
		}
		/* Over the value, which may be quoted and hold a semicolon. */
		for (p = value + 1; p < end && *p != ';'; p++)
			if (*p == '"')
				for (p++; p < end && *p != '"'; p++)
					;
	}
	return false;
}

int
url_next(const char *link, struct buf *ret_path)
{
	while (*link != '\0') {
		const char *from = strchr(link, '<'), *to = from != NULL ? strchr(from, '>') : NULL;
		size_t len;

		if (to == NULL)
			return -ENOENT;
		len = parameters_length(to + 1);
		if (is_next((struct str){to + 1, len})) {
			if (from[1] != '/' || from[2] == '/')
				return -EBADMSG;
			return buf_add(ret_path, from + 1, (size_t)(to - from - 1));
		}
		link = to + 1 + len + (to[1 + len] == ',' ? 1 : 0);
	}
	return -ENOENT;
}
