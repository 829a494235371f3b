/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/json_text.h"

#include <errno.h>

#include "base/json_check.h"

struct cursor {
	const char *p, *end;
};

static struct cursor
cursor_of(struct str text)
{
	return (struct cursor){.p = text.p, .end = text.len > 0 ? text.p + text.len : text.p};
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
skip_space(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
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

int
json_text_check(struct str text)
{
	static const struct json_limits limits = {.depth = JSON_TEXT_DEPTH_MAX};
	size_t position;

	return json_check(text, &limits, &position);
}

/* --- walking what was checked -------------------------------------------------------------------------------------------- */

struct str
json_text_trim(struct str text)
{
	while (text.len > 0 && is_space(text.p[0]))
		text = (struct str){text.p + 1, text.len - 1};
	while (text.len > 0 && is_space(text.p[text.len - 1]))
		text.len--;
	return text;
}

static bool
begins_with(struct str value, char c)
{
	value = json_text_trim(value);
	return value.len > 0 && value.p[0] == c;
}

bool
json_text_is_array(struct str value)
{
	return begins_with(value, '[');
}

bool
json_text_is_object(struct str value)
{
	return begins_with(value, '{');
}

static void
pass_string(struct cursor *c)
{
	for (c->p++; c->p < c->end && *c->p != '"'; c->p++)
		if (*c->p == '\\')
			c->p++;
	c->p++;
}

/* Brackets are balanced, so their kinds need no telling apart. */
static struct str
pass_value(struct cursor *c)
{
	const char *begin;
	size_t depth = 0;

	skip_space(c);
	begin = c->p;
	do {
		if (*c->p == '"') {
			pass_string(c);
			continue;
		}
		if (*c->p == '[' || *c->p == '{')
			depth++;
		else if (*c->p == ']' || *c->p == '}')
			depth--;
		c->p++;
	} while (c->p < c->end && (depth > 0 || strchr(",]}", *c->p) == NULL));
	return json_text_trim((struct str){begin, (size_t)(c->p - begin)});
}

/* Behind the bracket or the comma; false: the closing one follows. */
static bool
at_item(struct cursor *c, char open)
{
	skip_space(c);
	if (!take(c, open))
		take(c, ',');
	skip_space(c);
	return c->p < c->end && *c->p != ']' && *c->p != '}';
}

bool
json_text_next(struct str *rest, struct str *ret_item)
{
	struct cursor c = cursor_of(*rest);
	bool more = at_item(&c, '[');

	if (more)
		*ret_item = pass_value(&c);
	*rest = (struct str){c.p, (size_t)(c.end - c.p)};
	return more;
}

/* --- texts and numbers ------------------------------------------------------------------------------------------------------ */

static void
add_character(struct buf *to, uint32_t u)
{
	if (u < 0x80) {
		buf_addc(to, (char)u);
		return;
	}
	if (u < 0x800) {
		buf_addc(to, (char)(0xc0 | (u >> 6)));
	} else {
		if (u < 0x10000) {
			buf_addc(to, (char)(0xe0 | (u >> 12)));
		} else {
			buf_addc(to, (char)(0xf0 | (u >> 18)));
			buf_addc(to, (char)(0x80 | ((u >> 12) & 0x3f)));
		}
		buf_addc(to, (char)(0x80 | ((u >> 6) & 0x3f)));
	}
	buf_addc(to, (char)(0x80 | (u & 0x3f)));
}

static void
add_escape(struct buf *to, struct str *s)
{
	static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
	const char *letter;

	if (s->p[1] == 'u') {
		uint32_t u = json_take_unit(s);

		/* Nobody means it, and it would end the text for whoever reads it as C does. */
		add_character(to, u != 0 ? u : 0xfffd);
		return;
	}
	letter = strchr(letters, s->p[1]);
	buf_addc(to, letter != NULL ? meant[letter - letters] : s->p[1]);
	*s = (struct str){s->p + 2, s->len - 2};
}

/* Between the quotes. */
static int
add_decoded(struct buf *to, struct str s)
{
	while (s.len > 0) {
		const char *escape = memchr(s.p, '\\', s.len);
		size_t plain = escape != NULL ? (size_t)(escape - s.p) : s.len;

		buf_add(to, s.p, plain);
		s = (struct str){s.p + plain, s.len - plain};
		if (s.len > 0)
			add_escape(to, &s);
	}
	return to->error;
}

int
json_text_add_string(struct str value, struct buf *to)
{
	value = json_text_trim(value);
	if (value.len >= 2 && value.p[0] == '"')
		return add_decoded(to, (struct str){value.p + 1, value.len - 2});
	if (value.len > 0 && (value.p[0] == '-' || (value.p[0] >= '0' && value.p[0] <= '9')))
		return buf_add_str(to, value);
	return -ENODATA;
}

static bool
name_is(struct str quoted, const char *name)
{
	struct buf decoded = BUF_INIT(256);
	bool same;

	if (memchr(quoted.p, '\\', quoted.len) == NULL)
		return str_eq((struct str){quoted.p + 1, quoted.len - 2}, str_of(name));
	same = json_text_add_string(quoted, &decoded) == 0 && str_eq(buf_str(&decoded), str_of(name));
	buf_release(&decoded);
	return same;
}

bool
json_text_member(struct str object, const char *name, struct str *ret_value)
{
	struct cursor c = cursor_of(object);
	bool found = false;

	if (!json_text_is_object(object))
		return false;
	while (at_item(&c, '{')) {
		const char *begin = c.p;
		struct str quoted, value;

		pass_string(&c);
		quoted = (struct str){begin, (size_t)(c.p - begin)};
		skip_space(&c);
		take(&c, ':');
		value = pass_value(&c);
		if (name_is(quoted, name)) {
			*ret_value = value;
			found = true;
		}
	}
	return found;
}

/* The digits of a number as it is written, and where its point lies: value = digits x 10^exponent. */
struct decimal {
	bool negative;
	char digits[32]; /* leading zeros left out */
	size_t count;
	int64_t exponent;
};

static bool
add_digit(struct decimal *d, char c)
{
	if (d->count == 0 && c == '0')
		return true;
	if (d->count == sizeof d->digits)
		return false;
	d->digits[d->count++] = c;
	return true;
}

static bool
read_decimal(struct str s, struct decimal *d)
{
	bool behind_point = false;
	size_t i = 0;

	if (s.len > 0 && s.p[0] == '-') {
		d->negative = true;
		i++;
	}
	for (; i < s.len && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
		if (s.p[i] == '.') {
			behind_point = true;
			continue;
		}
		if (!add_digit(d, s.p[i]))
			return false;
		d->exponent -= behind_point;
	}
	if (i < s.len) {
		struct str power = {s.p + i + 1, s.len - i - 1};
		int64_t e;

		if (power.len > 0 && power.p[0] == '+')
			power = (struct str){power.p + 1, power.len - 1};
		if (str_to_i64(power, -64, 64, &e) < 0)
			return false;
		d->exponent += e;
	}
	return true;
}

static int
decimal_to_i64(struct decimal *d, int64_t *ret_number)
{
	char text[40];
	size_t len = 0;

	while (d->exponent < 0 && d->count > 0 && d->digits[d->count - 1] == '0') {
		d->count--;
		d->exponent++;
	}
	if (d->count == 0)
		d->exponent = 0;
	if (d->exponent < 0 || d->exponent > 18)
		return -ENODATA;
	if (d->negative && d->count > 0)
		text[len++] = '-';
	if (d->count + (size_t)d->exponent > 19)
		return -ENODATA;
	memcpy(text + len, d->count > 0 ? d->digits : "0", MAX_OF(d->count, 1u));
	len += MAX_OF(d->count, 1u);
	for (; d->exponent > 0; d->exponent--)
		text[len++] = '0';
	/* INT64_MIN is what "absent" is written as elsewhere. */
	return str_to_i64((struct str){text, len}, -INT64_MAX, INT64_MAX, ret_number) < 0 ? -ENODATA : 0;
}

static bool
is_whole_text(struct str s)
{
	size_t i = s.len > 0 && s.p[0] == '-';

	if (i == s.len)
		return false;
	for (; i < s.len; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

int
json_text_to_i64(struct str value, int64_t *ret_number)
{
	struct decimal d = {0};

	value = json_text_trim(value);
	if (value.len >= 2 && value.p[0] == '"') {
		value = (struct str){value.p + 1, value.len - 2};
		if (!is_whole_text(value))
			return -ENODATA;
	} else if (value.len == 0 || (value.p[0] != '-' && (value.p[0] < '0' || value.p[0] > '9'))) {
		return -ENODATA;
	}
	return read_decimal(value, &d) ? decimal_to_i64(&d, ret_number) : -ENODATA;
}
