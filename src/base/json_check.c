/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_check.h"

#include <assert.h>
#include <errno.h>

#include "base/utf8.h"

struct cursor {
	const char *p, *end;
	const struct json_limits *limits;
	unsigned depth;
	bool repeated; /* ... is what is wrong */
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

/* --- names -------------------------------------------------------------------------------------------------------------- */

struct names {
	struct str seen[JSON_MEMBERS_MAX]; /* as they are written, between the quotes */
	size_t count;
};

static uint32_t
hex_value(const char *p)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v * 16 + (uint32_t)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return v;
}

static bool
is_unit(struct str s, uint32_t first, uint32_t last)
{
	return s.len >= 6 && s.p[0] == '\\' && s.p[1] == 'u' && hex_value(s.p + 2) >= first && hex_value(s.p + 2) <= last;
}

/* U+FFFD is what json-c makes of it, too. */
uint32_t
json_take_unit(struct str *s)
{
	struct str rest = {s->p + 6, s->len - 6};
	uint32_t unit = hex_value(s->p + 2);

	if (is_unit(*s, 0xd800, 0xdbff) && is_unit(rest, 0xdc00, 0xdfff)) {
		unit = 0x10000 + ((unit & 0x3ff) << 10) + (hex_value(rest.p + 2) & 0x3ff);
		rest = (struct str){rest.p + 6, rest.len - 6};
	} else if (is_unit(*s, 0xd800, 0xdfff)) {
		unit = 0xfffd;
	}
	*s = rest;
	return unit;
}

/* The next byte of it, when a checked name is decoded to UTF-8; bytes of an escaped character are left for later in *pending. */
struct decoder {
	struct str rest;
	unsigned char pending[4];
	size_t left;
};

static void
put_character(struct decoder *d, uint32_t u)
{
	size_t more = u < 0x80 ? 0 : u < 0x800 ? 1 : u < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};

	/* Last byte first: they are taken from the end. */
	for (size_t i = 0; i < more; i++, u >>= 6)
		d->pending[i] = (unsigned char)(0x80 | (u & 0x3f));
	d->pending[more] = (unsigned char)(lead[more] | u);
	d->left = more + 1;
}

/* -1: it is over. */
static int
next_byte(struct decoder *d)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter;
	char c;

	if (d->left == 0 && d->rest.len == 0)
		return -1;
	if (d->left == 0 && d->rest.p[0] == '\\' && d->rest.p[1] == 'u')
		put_character(d, json_take_unit(&d->rest));
	if (d->left > 0)
		return d->pending[--d->left];
	c = d->rest.p[0];
	if (c == '\\') {
		letter = strchr(letters, d->rest.p[1]);
		c = letter != NULL ? meant[letter - letters] : d->rest.p[1];
		d->rest = (struct str){d->rest.p + 1, d->rest.len - 1};
	}
	d->rest = (struct str){d->rest.p + 1, d->rest.len - 1};
	return (unsigned char)c;
}

static bool
same_name(struct str a, struct str b)
{
	struct decoder x = {.rest = a}, y = {.rest = b};
	int byte;

	if (memchr(a.p, '\\', a.len) == NULL && memchr(b.p, '\\', b.len) == NULL)
		return str_eq(a, b);
	do {
		byte = next_byte(&x);
		if (byte != next_byte(&y))
			return false;
	} while (byte >= 0);
	return true;
}

static bool
has_nul(struct str name)
{
	struct decoder d = {.rest = name};
	int byte;

	while ((byte = next_byte(&d)) > 0)
		continue;
	return byte == 0;
}

/* The cursor stays where the name begins if it will not do. */
static bool
check_new_name(struct cursor *c, struct names *names)
{
	const char *begin = c->p;
	struct str name;

	if (!check_string(c))
		return false;
	name = (struct str){begin + 1, (size_t)(c->p - begin) - 2};
	for (size_t i = 0; i < names->count && !c->repeated; i++)
		c->repeated = same_name(names->seen[i], name);
	if (c->repeated || names->count == c->limits->members || has_nul(name)) {
		c->p = begin;
		return false;
	}
	names->seen[names->count++] = name;
	return true;
}

/* --- values ------------------------------------------------------------------------------------------------------------- */

static bool
check_member(struct cursor *c, struct names *names)
{
	skip_space(c);
	if (names != NULL ? !check_new_name(c, names) : !check_string(c))
		return false;
	skip_space(c);
	return take(c, ':') && check_value(c);
}

static bool
check_members(struct cursor *c)
{
	do {
		if (!check_member(c, NULL))
			return false;
	} while (take(c, ','));
	return true;
}

static bool
check_different_members(struct cursor *c)
{
	struct names names;

	names.count = 0;
	do {
		if (!check_member(c, &names))
			return false;
	} while (take(c, ','));
	return true;
}

static bool
check_elements(struct cursor *c)
{
	do {
		if (!check_value(c))
			return false;
	} while (take(c, ','));
	return true;
}

static bool
check_list(struct cursor *c, char close, bool (*check_items)(struct cursor *c))
{
	if (++c->depth > c->limits->depth)
		return false;
	skip_space(c);
	if (!take(c, close) && (!check_items(c) || !take(c, close)))
		return false;
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
		good = check_list(c, '}', c->limits->members > 0 ? check_different_members : check_members);
	else if (take(c, '['))
		good = check_list(c, ']', check_elements);
	else
		good = check_scalar(c);
	if (good)
		skip_space(c);
	return good;
}

int
json_check(struct str text, const struct json_limits *limits, size_t *ret_position)
{
	struct cursor c = {.p = text.p, .end = text.len > 0 ? text.p + text.len : text.p, .limits = limits};

	assert(limits->members <= JSON_MEMBERS_MAX);
	if (check_value(&c) && c.p == c.end)
		return utf8_valid(text) ? 0 : -EILSEQ;
	*ret_position = (size_t)(c.p - text.p);
	return c.repeated ? -ENOTUNIQ : -EBADMSG;
}
