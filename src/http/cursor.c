/* SPDX-License-Identifier: Apache-2.0 */
#include "http/cursor.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "base/buf.h"
#include "http/request.h"

#define VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

void
cursor_format(char list, int64_t a, int64_t b, char ret_text[CURSOR_TEXT_MAX])
{
	char plain[48];
	int n = snprintf(plain, sizeof plain, "%c%" PRIx64 ".%" PRIx64, list, (uint64_t)a, (uint64_t)b);

	sodium_bin2base64(ret_text, CURSOR_TEXT_MAX, (const unsigned char *)plain, (size_t)n, VARIANT);
}

int
cursor_parse(char list, const char *text, int64_t *ret_a, int64_t *ret_b)
{
	char plain[48], again[CURSOR_TEXT_MAX];
	uint64_t a, b;
	size_t len;

	if (sodium_base642bin((unsigned char *)plain, sizeof plain - 1, text, strlen(text), NULL, &len, NULL, VARIANT) < 0)
		return -EINVAL;
	plain[len] = '\0';
	if (plain[0] != list || sscanf(plain + 1, "%" SCNx64 ".%" SCNx64, &a, &b) != 2 || a > INT64_MAX || b > INT64_MAX)
		return -EINVAL;
	cursor_format(list, (int64_t)a, (int64_t)b, again);
	if (strcmp(again, text) != 0)
		return -EINVAL;
	*ret_a = (int64_t)a;
	*ret_b = (int64_t)b;
	return 0;
}

void
cursor_format_word(char list, const char *word, char ret_text[CURSOR_WORD_TEXT_MAX])
{
	char plain[CURSOR_WORD_MAX + 1];
	int n = snprintf(plain, sizeof plain, "%c%s", list, word);

	sodium_bin2base64(ret_text, CURSOR_WORD_TEXT_MAX, (const unsigned char *)plain, (size_t)n, VARIANT);
}

int
cursor_parse_word(char list, const char *text, char ret_word[CURSOR_WORD_MAX])
{
	char plain[CURSOR_WORD_MAX + 1];
	size_t len;

	if (sodium_base642bin((unsigned char *)plain, sizeof plain - 1, text, strlen(text), NULL, &len, NULL, VARIANT) < 0)
		return -EINVAL;
	plain[len] = '\0';
	if (len < 2 || plain[0] != list || strlen(plain) != len)
		return -EINVAL;
	memcpy(ret_word, plain + 1, len);
	return 0;
}

void
cursor_link(struct http_request *r, const char *cursor)
{
	struct buf link = BUF_INIT(8192);
	struct str rest = str_of(r->query_text);

	buf_addf(&link, "<%s?", r->path);
	/* The page may be kept, and given to one whose token does not say whose it is. */
	if (r->user_filled)
		buf_addf(&link, "alp_user_id=%" PRId64 "&", r->caller.alp_user_id);
	while (rest.len > 0) {
		const char *amp = memchr(rest.p, '&', rest.len);
		size_t len = amp != NULL ? (size_t)(amp - rest.p) : rest.len;

		if (len > 0 && !str_starts(rest, STR("cursor=")))
			buf_addf(&link, "%.*s&", (int)len, rest.p);
		len += amp != NULL;
		rest = (struct str){rest.p + len, rest.len - len};
	}
	buf_addf(&link, "cursor=%s>; rel=\"next\"", cursor);
	request_add_header(r, "Link", "%s", link.p);
	buf_release(&link);
}
