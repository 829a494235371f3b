/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>

#include "base/macro.h"

#define NAME_MAX_LEN 64

int
str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value)
{
	bool negative = s.len > 0 && s.p[0] == '-';
	size_t i = negative ? 1 : 0;
	int64_t v = 0;

	if (i == s.len)
		return -EINVAL;
	for (; i < s.len; i++) {
		int digit = s.p[i] - '0';

		if (digit < 0 || digit > 9)
			return -EINVAL;
		/* Downwards, because INT64_MIN has no positive counterpart. */
		if (__builtin_mul_overflow(v, 10, &v) || __builtin_sub_overflow(v, digit, &v))
			return -ERANGE;
	}
	if (!negative && __builtin_sub_overflow((int64_t)0, v, &v))
		return -ERANGE;
	if (v < min || v > max)
		return -ERANGE;
	*ret_value = v;
	return 0;
}

size_t
edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1], la = strlen(a), lb = strlen(b);

	if (la > NAME_MAX_LEN || lb > NAME_MAX_LEN)
		return NAME_MAX_LEN;
	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t replace = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = MIN_OF(replace, MIN_OF(row[j - 1], diagonal) + 1);
		}
	}
	return row[lb];
}
