/* SPDX-License-Identifier: Apache-2.0 */
/* nasty_titles.h - the longest titles that are tried, made of what patterns eat: long runs of it, with what they wait for missing or late.
 *
 * nasty_title(n) is the n-th of NASTY_TITLES; nasty_example(n, text) one of NASTY_EXAMPLES made of some text that a pattern nearly matches.
 */
#ifndef RTALP_TESTS_NASTY_TITLES_H
#define RTALP_TESTS_NASTY_TITLES_H

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/macro.h"
#include "rules/rules.h"

static const char *const nasty_heads[] = {"", "12345", "Portal", "[", "(", "https://"};
static const char *const nasty_bodies[] = {
    "a", "A", "1", " ", "-", "_", ".", "/", "(", "[", ":", "=", "\t", "\n", "a ", "a.", "a-", "1 ", "1.", "1-", "1/", "12345 ", "12345_", " 12345", "_12345",
    "(12345", "[1234", "a1", " - ", "é", "é ", "e\u0301", "\u0301", "電", "電12345", "\U0001F600", "\u200b", "\u3000", "ſ", "\u212a", "١٢٣٤٥", "ﬀ", "Ⅻ", "\u2028",
    "x@", "no. ", "#", "$1", "10.", ".pdf", ".docx ", " unread)", "- Google Chrome – ", "page 1 of ", "ab", "aab", "invoice ", "tel ", "2025-07-01 ",
    "com/", "&code=", "eyJ", "Bearer ", "Aa1_-",
};
static const char *const nasty_tails[] = {"", "!", "\nb", "12345", ".pdf", "]", ")", " - Read-Only", "z\u3000"};
#define NASTY_TITLES (ELEMENTSOF(nasty_heads) * ELEMENTSOF(nasty_bodies) * ELEMENTSOF(nasty_tails))

static inline struct str
nasty_fill(char out[RULES_TITLE_MAX], struct str head, struct str body, struct str tail)
{
	size_t len = 0;

	memcpy(out, head.p, head.len);
	for (len = head.len; body.len > 0 && len + body.len + tail.len <= RULES_TITLE_MAX; len += body.len)
		memcpy(out + len, body.p, body.len);
	memcpy(out + len, tail.p, tail.len);
	return (struct str){out, len + tail.len};
}

static inline struct str
nasty_title(size_t n, char out[RULES_TITLE_MAX])
{
	const char *head = nasty_heads[n % ELEMENTSOF(nasty_heads)];
	const char *body = nasty_bodies[n / ELEMENTSOF(nasty_heads) % ELEMENTSOF(nasty_bodies)];
	const char *tail = nasty_tails[n / ELEMENTSOF(nasty_heads) / ELEMENTSOF(nasty_bodies)];

	return nasty_fill(out, str_of(head), str_of(body), str_of(tail));
}

/* The text over and over; without its end, or its beginning; and runs in front of it and behind. */
#define NASTY_EXAMPLES (5 + 2 * ELEMENTSOF(nasty_bodies))
static inline struct str
nasty_example(size_t n, struct str text, char out[RULES_TITLE_MAX])
{
	struct str first = text, last = text;

	while (first.len > 0 && ((unsigned char)first.p[--first.len] & 0xc0) == 0x80)
		;
	do
		last = (struct str){last.p + (last.len > 0), last.len - (last.len > 0)};
	while (last.len > 0 && ((unsigned char)last.p[0] & 0xc0) == 0x80);
	switch (n) {
	case 0:
		return nasty_fill(out, STR(""), text, STR(""));
	case 1:
		return nasty_fill(out, STR(""), first, STR("!"));
	case 2:
		return nasty_fill(out, STR(""), last, text);
	case 3:
		return nasty_fill(out, text, first, last);
	case 4:
		return nasty_fill(out, STR(" "), last, STR("\n"));
	default:
		n -= 5;
		if (n < ELEMENTSOF(nasty_bodies))
			return nasty_fill(out, text, str_of(nasty_bodies[n]), first);
		return nasty_fill(out, STR(""), str_of(nasty_bodies[n - ELEMENTSOF(nasty_bodies)]), text);
	}
}

#endif
