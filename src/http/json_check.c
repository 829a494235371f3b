/* SPDX-License-Identifier: Apache-2.0 */
#include "http/json_check.h"

#include <errno.h>

#include "base/utf8.h"

struct cursor {
	const char *p, *end;
	unsigned depth;
};

static bool check_value(struct cursor *c);

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

static bool
take(struct cursor *c, char wanted)
{
	if (c->p == c->end || *c->p != wanted)
		return false;
	c->p++;
	return true;
}

static bool
take_word(struct cursor *c, struct str word)
{
	if (!str_starts((struct str){c->p, (size_t)(c->end - c->p)}, word))
		return false;
	c->p += word.len;
	return true;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
check_escape(struct cursor *c)
{
	if (c->p == c->end || *c->p == '\0' || strchr("\"\\/bfnrtu", *c->p) == NULL)
		return false;
	if (*c->p++ != 'u')
		return true;
	for (int i = 0; i < 4; i++, c->p++)
		if (c->p == c->end || !is_hex(*c->p))
			return false;
	return true;
}

static bool
check_string(struct cursor *c)
{
	if (!take(c, '"'))
		return false;
	while (c->p < c->end && (unsigned char)*c->p >= ' ') {
		if (take(c, '"'))
			return true;
		if (*c->p++ == '\\' && !check_escape(c))
			return false;
	}
	return false;
}

static bool
check_digits(struct cursor *c)
{
	const char *first = c->p;

	while (c->p < c->end && *c->p >= '0' && *c->p <= '9')
		c->p++;
	return c->p > first;
}

static bool
check_number(struct cursor *c)
{
	take(c, '-');
	if (!take(c, '0') && !check_digits(c))
		return false;
	if (take(c, '.') && !check_digits(c))
		return false;
	if (take(c, 'e') || take(c, 'E')) {
		if (!take(c, '+'))
			take(c, '-');
		return check_digits(c);
	}
	return true;
}

static bool
check_member(struct cursor *c)
{
	skip_space(c);
	if (!check_string(c))
		return false;
	skip_space(c);
	return take(c, ':') && check_value(c);
}

static bool
check_list(struct cursor *c, char close, bool (*check_item)(struct cursor *c))
{
	if (++c->depth > JSON_DEPTH_MAX)
		return false;
	skip_space(c);
	if (!take(c, close)) {
		do {
			if (!check_item(c))
				return false;
		} while (take(c, ','));
		if (!take(c, close))
			return false;
	}
	c->depth--;
	return true;
}

static bool
check_scalar(struct cursor *c)
{
	if (c->p < c->end && *c->p == '"')
		return check_string(c);
	return take_word(c, STR("true")) || take_word(c, STR("false")) || take_word(c, STR("null")) || check_number(c);
}

static bool
check_value(struct cursor *c)
{
	bool good;

	skip_space(c);
	if (take(c, '{'))
		good = check_list(c, '}', check_member);
	else if (take(c, '['))
		good = check_list(c, ']', check_value);
	else
		good = check_scalar(c);
	if (good)
		skip_space(c);
	return good;
}

int
json_check(struct str text, size_t *ret_position)
{
	struct cursor c = {.p = text.p, .end = text.p + text.len};

	if (check_value(&c) && c.p == c.end)
		return utf8_valid(text) ? 0 : -EILSEQ;
	*ret_position = (size_t)(c.p - text.p);
	return -EBADMSG;
}
