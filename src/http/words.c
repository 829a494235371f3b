/* SPDX-License-Identifier: Apache-2.0 */
#include "http/words.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

struct str
words_trim(struct str s)
{
	while (s.len > 0 && is_space(s.p[0]))
		s = (struct str){s.p + 1, s.len - 1};
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct str
words_next(struct str *rest, char separator)
{
	struct str part = *rest;
	bool quoted = false;
	size_t i = 0;

	for (; i < part.len && (quoted || part.p[i] != separator); i++) {
		if (quoted && part.p[i] == '\\' && i + 1 < part.len)
			i++;
		else if (part.p[i] == '"')
			quoted = !quoted;
	}
	*rest = i < part.len ? (struct str){part.p + i + 1, part.len - i - 1} : STR_NONE;
	part.len = i;
	return words_trim(part);
}

bool
words_same(struct str s, const char *word)
{
	return s.len == strlen(word) && (s.len == 0 || strncasecmp(s.p, word, s.len) == 0);
}

int
words_weight(struct str text)
{
	static const int weights[] = {100, 10, 1};
	int q;

	if (text.len < 1 || text.len > 5 || (text.p[0] != '0' && text.p[0] != '1') || (text.len > 1 && text.p[1] != '.'))
		return -1;
	q = text.p[0] == '1' ? WEIGHT_ONE : 0;
	for (size_t i = 2; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9')
			return -1;
		q += (text.p[i] - '0') * weights[i - 2];
	}
	return q <= WEIGHT_ONE ? q : -1;
}
