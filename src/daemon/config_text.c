/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>

/* Nine digits always fit into 32 bits. */
#define SHORT_DIGITS 9

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.' || c == '*';
}

/* The length of the string or comment that begins here; 0 if none does. A string without an end lacks its closing quote. */
static size_t
opaque_length(const char *p)
{
	const char *q = p;

	if (*p == '"') {
		for (q++; *q != '\0' && *q != '"'; q++)
			if (*q == '\\' && q[1] != '\0')
				q++;
		return *q == '"' ? (size_t)(q - p) + 1 : 1;
	}
	if (*p == '#' || (*p == '/' && p[1] == '/'))
		return strcspn(p, "\n");
	if (*p == '/' && p[1] == '*') {
		q = strstr(p + 2, "*/");
		return q != NULL ? (size_t)(q - p) + 2 : strlen(p);
	}
	return 0;
}

/* The length of the word or number that begins here; at least 1. */
static size_t
token_length(const char *p)
{
	size_t n = 0;

	while (is_word(p[n]))
		n++;
	return n > 0 ? n : 1;
}

static int
line_of(const char *text, const char *at)
{
	int line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

/* What must not come before libconfig: NULL, or words for people. */
static const char *
judge(const char *p, size_t opaque)
{
	if (*p == '"' && (opaque < 2 || p[opaque - 1] != '"'))
		return "this text in quotes has no end";
	if (*p == '@')
		return "there is no @include; one file holds every setting";
	return NULL;
}

int
config_text_prepare(const char *text, struct buf *out, int *ret_line, const char **ret_wrong)
{
	for (const char *p = text; *p != '\0';) {
		size_t len = opaque_length(p);
		const char *wrong = judge(p, len);
		bool opaque = len > 0;

		if (wrong != NULL) {
			*ret_line = line_of(text, p);
			*ret_wrong = wrong;
			return -EINVAL;
		}
		if (!opaque)
			len = token_length(p);
		buf_add(out, p, len);
		if (!opaque && len > SHORT_DIGITS && strspn(p, "0123456789") == len)
			buf_addc(out, 'L');
		p += len;
	}
	return out->error;
}
