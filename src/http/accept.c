/* SPDX-License-Identifier: Apache-2.0 */
#include "http/accept.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"

static struct str
trimmed(struct str s)
{
	while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = (struct str){s.p + 1, s.len - 1};
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* Up to the separator, which may stand in a quoted string without being one. */
static struct str
next_part(struct str *rest, char separator)
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
	return trimmed(part);
}

/* A qvalue in thousandths; -1 if it is none. */
static int
quality(struct str s)
{
	static const int weights[] = {100, 10, 1};
	int q;

	if (s.len < 1 || s.len > 5 || (s.p[0] != '0' && s.p[0] != '1') || (s.len > 1 && s.p[1] != '.'))
		return -1;
	q = s.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		q += (s.p[i] - '0') * weights[i - 2];
	}
	return q <= 1000 ? q : -1;
}

struct match {
	int exactness; /* 0: no range fits; 1: any type; 2: this type, any subtype; 3: this one */
	int q;         /* thousandths */
};

static int
exactness(struct str range, const char *offer)
{
	size_t type = (size_t)(strchr(offer, '/') - offer) + 1;

	if (range.len == 3 && memcmp(range.p, "*/*", 3) == 0)
		return 1;
	if (range.len == type + 1 && range.p[type] == '*' && strncasecmp(range.p, offer, type) == 0)
		return 2;
	return range.len == strlen(offer) && strncasecmp(range.p, offer, range.len) == 0 ? 3 : 0;
}

static void
take_range(struct str range, const char *offer, struct match *best)
{
	int exact = exactness(next_part(&range, ';'), offer), q = 1000;

	while (range.len > 0 && q >= 0) {
		struct str parameter = next_part(&range, ';');

		if (parameter.len >= 2 && strncasecmp(parameter.p, "q=", 2) == 0)
			q = quality((struct str){parameter.p + 2, parameter.len - 2});
	}
	/* The most exact range decides, whatever its quality. */
	if (q >= 0 && exact > best->exactness)
		*best = (struct match){exact, q};
}

static struct match
match_of(const struct head *head, const char *offer, bool *ret_asked)
{
	struct match best = {0};

	for (size_t i = 0; i < head->header_count; i++) {
		struct str rest = head->headers[i].value;

		if (head->headers[i].name.len != 6 || strncasecmp(head->headers[i].name.p, "Accept", 6) != 0)
			continue;
		while (rest.len > 0) {
			struct str range = next_part(&rest, ',');

			*ret_asked = *ret_asked || memchr(range.p, '/', range.len) != NULL;
			take_range(range, offer, &best);
		}
	}
	return best;
}

int
accept_choose(const struct head *head, const char *const *offers, size_t count)
{
	struct match best = {0};
	int chosen = -ENOENT;
	bool asked = false;

	for (size_t i = 0; i < count; i++) {
		struct match m = match_of(head, offers[i], &asked);

		if (m.q > best.q || (m.q == best.q && m.q > 0 && m.exactness > best.exactness)) {
			best = m;
			chosen = (int)i;
		}
	}
	return asked ? chosen : 0;
}
