/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "http/schema.h"

static int
take_number(struct str *s, size_t digits, int64_t max, int64_t *ret)
{
	struct str head = {s->p, digits};

	if (s->len < digits || s->p[0] < '0' || s->p[0] > '9' || str_to_i64(head, 0, max, ret) < 0)
		return -EINVAL;
	*s = (struct str){s->p + digits, s->len - digits};
	return 0;
}

static int
take_char(struct str *s, const char *any)
{
	char c;

	if (s->len == 0 || s->p[0] == '\0' || strchr(any, s->p[0]) == NULL)
		return -EINVAL;
	c = s->p[0];
	*s = (struct str){s->p + 1, s->len - 1};
	return c;
}

/* Digits behind the point; those past milliseconds are cut off. */
static int
take_fraction(struct str *s, int64_t *ret_ms)
{
	int64_t scale = 100;
	size_t n = 0;

	*ret_ms = 0;
	if (take_char(s, ".") < 0)
		return 0;
	for (; n < s->len && s->p[n] >= '0' && s->p[n] <= '9'; n++, scale /= 10)
		*ret_ms += (s->p[n] - '0') * scale;
	*s = (struct str){s->p + n, s->len - n};
	return n > 0 ? 0 : -EINVAL;
}

static int
take_offset(struct str *s, int64_t *ret_minutes)
{
	/* A '+' that a client forgot to encode in a query string arrives as a space. */
	int sign = take_char(s, "Zz+- ");
	int64_t hours, minutes;

	*ret_minutes = 0;
	if (sign < 0)
		return -EINVAL;
	if (sign == 'Z' || sign == 'z')
		return 0;
	if (take_number(s, 2, 23, &hours) < 0 || take_char(s, ":") < 0 || take_number(s, 2, 59, &minutes) < 0)
		return -EINVAL;
	*ret_minutes = (sign == '-' ? -1 : 1) * (hours * 60 + minutes);
	return 0;
}

int
instant_parse(struct str text, int64_t *ret_ms)
{
	int64_t hour, minute, second, fraction, offset;
	struct str rest = text;
	day_t day;

	if (rest.len < 11 || day_parse((struct str){rest.p, 10}, &day) < 0)
		return -EINVAL;
	rest = (struct str){rest.p + 10, rest.len - 10};
	if (take_char(&rest, "Tt ") < 0 || take_number(&rest, 2, 23, &hour) < 0 || take_char(&rest, ":") < 0 ||
	    take_number(&rest, 2, 59, &minute) < 0 || take_char(&rest, ":") < 0 || take_number(&rest, 2, 60, &second) < 0)
		return -EINVAL;
	if (take_fraction(&rest, &fraction) < 0 || take_offset(&rest, &offset) < 0 || rest.len != 0)
		return -EINVAL;
	*ret_ms = ((((int64_t)day * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction;
	return 0;
}
