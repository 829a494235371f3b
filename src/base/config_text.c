/* SPDX-License-Identifier: Apache-2.0 */
#include "base/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/macro.h"

/* Nine digits always fit into 32 bits, and so do 0x and seven. */
#define SHORT_NUMBER 9
#define DIGITS       "0123456789"
#define HEX_DIGITS   DIGITS "abcdefABCDEF"

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

static bool
is_hex(const char *p)
{
	return p[0] == '0' && (p[1] == 'x' || p[1] == 'X') && isxdigit((unsigned char)p[2]);
}

/* The length of the whole number that begins here, 0 if none does. What is glued to its end is to libconfig the next word. */
static size_t
number_length(const char *p)
{
	size_t n = is_hex(p) ? 2 + strspn(p + 2, HEX_DIGITS) : strspn(p, DIGITS);

	if (n == 0 || p[n] == '.' || (!is_hex(p) && (p[n] == 'e' || p[n] == 'E')))
		return 0;
	return n + strspn(p + n, "L");
}

/* What does not even fit 64 bits becomes the largest number that does, which no setting takes; libconfig would wrap some of them. */
static void
add_number(struct buf *out, const char *p)
{
	unsigned long long number = strtoull(p, NULL, is_hex(p) ? 16 : 10);

	buf_addf(out, "%lldL", (long long)MIN_OF(number, (unsigned long long)INT64_MAX));
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
		return "there is no @include; one file holds everything";
	return NULL;
}

int
config_text_prepare(const char *text, struct buf *out, int *ret_line, const char **ret_wrong)
{
	for (const char *p = text; *p != '\0';) {
		size_t len = opaque_length(p);
		const char *wrong = judge(p, len);
		size_t number = len == 0 ? number_length(p) : 0;

		if (wrong != NULL) {
			*ret_line = line_of(text, p);
			*ret_wrong = wrong;
			return -EINVAL;
		}
		if (len == 0)
			len = number > 0 ? number : token_length(p);
		if (number > SHORT_NUMBER)
			add_number(out, p);
		else
			buf_add(out, p, len);
		p += len;
	}
	return out->error;
}

int
config_text_bound(const char *text, size_t max_settings, int *ret_line, const char **ret_wrong)
{
	size_t count[CONFIG_TEXT_DEPTH_MAX] = {0}, depth = 0;

	for (const char *p = text; *p != '\0';) {
		size_t opaque = opaque_length(p);

		*ret_wrong = NULL;
		if (opaque > 0) {
			p += opaque;
			continue;
		}
		if ((*p == '=' || *p == ':') && ++count[depth] > max_settings)
			*ret_wrong = "there are too many settings in one group";
		if (strchr("{([", *p) != NULL && ++depth < CONFIG_TEXT_DEPTH_MAX)
			count[depth] = 0;
		if (depth == CONFIG_TEXT_DEPTH_MAX)
			*ret_wrong = "groups and lists stand too deep in each other";
		if (*ret_wrong != NULL) {
			*ret_line = line_of(text, p);
			return -EINVAL;
		}
		if (strchr("})]", *p) != NULL && depth > 0)
			depth--;
		p++;
	}
	return 0;
}
