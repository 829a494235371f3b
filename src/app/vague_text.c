/* SPDX-License-Identifier: Apache-2.0 */
#include "app/vague_text.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

#define AROUND " \t\r\n."

static struct str
trimmed(const char *p, size_t len)
{
	while (len > 0 && strchr(AROUND, *p) != NULL) {
		p++;
		len--;
	}
	while (len > 0 && strchr(AROUND, p[len - 1]) != NULL)
		len--;
	return (struct str){p, len};
}

static size_t
blanks(struct str s, size_t at)
{
	size_t n = 0;

	while (at + n < s.len && strchr(" \t\r\n", s.p[at + n]) != NULL)
		n++;
	return n;
}

static bool
is_same(struct str a, struct str b)
{
	size_t i = 0, k = 0;

	while (i < a.len && k < b.len) {
		size_t in_a = blanks(a, i), in_b = blanks(b, k);

		if ((in_a > 0) != (in_b > 0) || (in_a == 0 && strncasecmp(a.p + i, b.p + k, 1) != 0))
			return false;
		i += in_a > 0 ? in_a : 1;
		k += in_b > 0 ? in_b : 1;
	}
	return i == a.len && k == b.len;
}

bool
text_is_vague(const char *phrases, const char *text)
{
	struct str said = trimmed(text, strlen(text));

	while (*phrases != '\0') {
		size_t len = strcspn(phrases, ",");
		struct str phrase = trimmed(phrases, len);

		if (phrase.len > 0 && is_same(phrase, said))
			return true;
		phrases += len + (phrases[len] == ',');
	}
	return false;
}
