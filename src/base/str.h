/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - a borrowed run of bytes with its length: no ownership, no terminator promised. Valid as long as what it points into. */
#ifndef RTALP_BASE_STR_H
#define RTALP_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p; /* may be NULL only when len is 0 */
	size_t len;
};

#define STR(literal) ((struct str){.p = "" literal, .len = sizeof(literal) - 1})
#define STR_NONE     ((struct str){.p = NULL, .len = 0})
/* For printf's "%.*s". */
#define STR_ARG(s)   ((int)((s).len)), ((s).p != NULL ? (s).p : "")

static inline struct str
str_of(const char *c)
{
	return (struct str){.p = c, .len = c != NULL ? strlen(c) : 0};
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* Order by bytes, which for UTF-8 is the order of code points. */
static inline int
str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.p, prefix.p, prefix.len) == 0);
}

/* Reads a whole decimal number in [min, max]; nothing else may stand in the string. -EINVAL, or -ERANGE outside the bounds. */
int str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value);

/* How many single-character edits apart two names are, for "did you mean"; of two long ones 64. */
size_t edit_distance(const char *a, const char *b);

/* The last `count` digits of a number, with leading zeros and no NUL. */
static inline void
str_put_digits(char *to, size_t count, unsigned number)
{
	while (count > 0) {
		to[--count] = (char)('0' + number % 10);
		number /= 10;
	}
}

#endif
