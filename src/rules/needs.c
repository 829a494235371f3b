/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/needs.h"

#include <string.h>

#include "base/macro.h"

#define DEPTH_MAX  20
#define REPEAT_MAX 65535

void
shape_read(struct str title, struct shape *ret_shape)
{
	struct shape s = {.len = title.len};
	unsigned run = 0, longest = 0;

	for (size_t i = 0; i < title.len; i++) {
		unsigned char c = (unsigned char)title.p[i];

		byte_set_add(&s.bytes, c);
		run = (unsigned)(c - '0') < 10 || c >= 0x80 ? run + 1 : 0;
		longest = MAX_OF(longest, run);
	}
	s.digits = longest;
	*ret_shape = s;
}

/* Reading goes from item to item. What is known of the text behind the last one: a run of literal bytes, a run of digits. */
struct reader {
	const char *p;
	bool caseless;
	bool lost; /* something is not understood: nothing is needed */
	unsigned depth;
};

struct reading {
	struct needs needs;
	char run[NEEDS_LITERAL_MAX];
	size_t run_len;
	unsigned digits;
};

struct item {
	enum { ITEM_NOTHING, ITEM_BYTES, ITEM_DIGITS, ITEM_GROUP } kind;
	char bytes[4];
	size_t len;
	struct needs needs; /* of a group */
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static struct item
lose(struct reader *r)
{
	r->lost = true;
	return (struct item){.kind = ITEM_NOTHING};
}

static struct item
item_of_char(uint32_t c)
{
	struct item item = {.kind = ITEM_BYTES};

	if (c < 0x80) {
		item.bytes[item.len++] = (char)c;
	} else if (c < 0x800) {
		item.bytes[item.len++] = (char)(0xc0 | c >> 6);
		item.bytes[item.len++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		item.bytes[item.len++] = (char)(0xe0 | c >> 12);
		item.bytes[item.len++] = (char)(0x80 | (c >> 6 & 0x3f));
		item.bytes[item.len++] = (char)(0x80 | (c & 0x3f));
	} else {
		item.kind = ITEM_NOTHING;
	}
	return item;
}

/* A character as it stands there, of one to four bytes. */
static struct item
read_plain(struct reader *r)
{
	struct item item = {.kind = ITEM_BYTES};

	do
		item.bytes[item.len++] = *r->p++;
	while (((unsigned char)*r->p & 0xc0) == 0x80 && item.len < sizeof item.bytes);
	return item;
}

static int
hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* Behind "\x". */
static struct item
read_hex(struct reader *r)
{
	bool braces = *r->p == '{';
	uint32_t c = 0;
	int digits = 0;

	r->p += braces;
	for (; hex_value(*r->p) >= 0 && digits < (braces ? 6 : 2); digits++)
		c = c << 4 | (uint32_t)hex_value(*r->p++);
	if (digits == 0 || (braces && *r->p != '}'))
		return lose(r);
	r->p += braces;
	return item_of_char(c);
}

/* Behind "\p" or "\P". */
static struct item
read_property(struct reader *r)
{
	const char *end = *r->p == '{' ? strchr(r->p, '}') : r->p;

	if (end == NULL || *end == '\0')
		return lose(r);
	r->p = end + 1;
	return (struct item){.kind = ITEM_NOTHING};
}

static struct item
read_escape(struct reader *r)
{
	static const char controls[] = "t\tn\nr\rf\fe\033a\a";
	char c = *++r->p;

	if (c == '\0')
		return lose(r);
	if (!is_letter(c) && !is_digit(c))
		return read_plain(r);
	r->p++;
	for (size_t i = 0; i + 1 < sizeof controls; i += 2)
		if (controls[i] == c)
			return item_of_char((unsigned char)controls[i + 1]);
	if (c == 'x')
		return read_hex(r);
	if (c == 'd')
		return (struct item){.kind = ITEM_DIGITS};
	if (c == 'p' || c == 'P')
		return read_property(r);
	if (strchr("DwWsShHvVRXbBAZzGK", c) != NULL)
		return (struct item){.kind = ITEM_NOTHING};
	return lose(r);
}

/* A class; only that of the ten digits is told apart. */
static struct item
read_class(struct reader *r)
{
	if (strncmp(r->p, "[0-9]", 5) == 0) {
		r->p += 5;
		return (struct item){.kind = ITEM_DIGITS};
	}
	r->p += r->p[1] == '^' ? 2 : 1;
	for (bool first = true; *r->p != ']' || first; first = false) {
		if (*r->p == '\0' || (*r->p == '\\' && (r->p[1] == '\0' || r->p[1] == 'Q' || r->p[1] == 'E')))
			return lose(r);
		if (*r->p == '[' && (r->p[1] == ':' || r->p[1] == '.' || r->p[1] == '=')) {
			size_t name = strspn(r->p + 2, "^abcdefghijklmnopqrstuvwxyz");

			if (r->p[2 + name] != r->p[1] || r->p[3 + name] != ']')
				return lose(r);
			r->p += 4 + name;
			continue;
		}
		r->p += *r->p == '\\' ? 2 : 1;
	}
	r->p++;
	return (struct item){.kind = ITEM_NOTHING};
}

static struct needs read_alternatives(struct reader *r);

/* "(?i)" and its like, that hold until their group ends: taken as if they held everywhere. */
static bool
skip_options(struct reader *r)
{
	const char *p = r->p + 2;

	while (*p != '\0' && strchr("imsnJU-", *p) != NULL)
		p++;
	if (p == r->p + 2 || (*p != ')' && *p != ':'))
		return false;
	r->p = p;
	return true;
}

/* Goes over the beginning of a group. False for one whose insides need not be in the text. */
static bool
enter_group(struct reader *r)
{
	if (r->p[1] == '*')
		lose(r);
	if (r->p[1] != '?') {
		r->p++;
		return true;
	}
	if (r->p[2] == '=' || r->p[2] == '!' || (r->p[2] == '<' && (r->p[3] == '=' || r->p[3] == '!'))) {
		r->p += r->p[2] == '<' ? 4 : 3;
		return false;
	}
	if (r->p[2] == ':' || r->p[2] == '>') {
		r->p += 3;
		return true;
	}
	if (r->p[2] == '<' || r->p[2] == '\'' || (r->p[2] == 'P' && r->p[3] == '<')) {
		const char *end = strchr(r->p + 3, r->p[2] == '\'' ? '\'' : '>');

		if (end != NULL) {
			r->p = end + 1;
			return true;
		}
	}
	if (skip_options(r) && *r->p == ':') {
		r->p++;
		return true;
	}
	if (*r->p != ')')
		lose(r);
	return true;
}

static struct item
read_group(struct reader *r)
{
	struct item item = {.kind = ITEM_GROUP};
	bool counts = enter_group(r);

	if (r->lost || r->depth == DEPTH_MAX)
		return lose(r);
	r->depth++;
	item.needs = read_alternatives(r);
	r->depth--;
	if (*r->p != ')')
		return lose(r);
	r->p++;
	return counts ? item : (struct item){.kind = ITEM_NOTHING};
}

static struct item
read_item(struct reader *r)
{
	switch (*r->p) {
	case '\\':
		return read_escape(r);
	case '[':
		return read_class(r);
	case '(':
		return read_group(r);
	case '^':
	case '$':
	case '.':
		r->p++;
		return (struct item){.kind = ITEM_NOTHING};
	default:
		return read_plain(r);
	}
}

static unsigned
read_number(struct reader *r)
{
	unsigned n = 0;

	while (is_digit(*r->p) && n <= REPEAT_MAX)
		n = n * 10 + (unsigned)(*r->p++ - '0');
	return n;
}

/* "{2}", "{2,}", "{2,5}": how often at least. Spaces and "{,5}" mean one thing or the other, depending on PCRE2's version. */
static unsigned
read_braces(struct reader *r, bool *ret_exact)
{
	unsigned least;

	r->p++;
	if (!is_digit(*r->p))
		r->lost = true;
	least = read_number(r);
	*ret_exact = *r->p == '}';
	if (*r->p == ',') {
		r->p++;
		(void)read_number(r);
	}
	if (*r->p != '}')
		r->lost = true;
	r->p += !r->lost;
	return least;
}

/* How often the item before stands there at least; exactly so often, or maybe more. */
static unsigned
read_repeat(struct reader *r, bool *ret_exact)
{
	unsigned least = 1;

	*ret_exact = false;
	if (*r->p == '{') {
		least = read_braces(r, ret_exact);
	} else if (*r->p == '*' || *r->p == '?') {
		least = 0;
		r->p++;
	} else if (*r->p == '+') {
		r->p++;
	} else {
		*ret_exact = true;
		return 1;
	}
	if (!r->lost && (*r->p == '?' || *r->p == '+'))
		r->p++;
	/* What is repeated as a whole, the repetition too, is a thing that nobody writes. */
	if (!r->lost && *r->p != '\0' && strchr("{*+?", *r->p) != NULL)
		r->lost = true;
	return least;
}

static void
end_run(struct reading *g)
{
	if (g->run_len > g->needs.literal_len) {
		memcpy(g->needs.literal, g->run, g->run_len);
		g->needs.literal_len = g->run_len;
	}
	g->run_len = 0;
}

static void
end_digits(struct reading *g)
{
	g->needs.digits = MAX_OF(g->needs.digits, g->digits);
	g->digits = 0;
}

/* In any case, a letter may stand there as another one; outside ASCII nobody knows how many bytes that has. */
static bool
stands_for_itself(const struct reader *r, const struct item *item)
{
	return !r->caseless || (item->len == 1 && !is_letter(item->bytes[0]) && (unsigned char)item->bytes[0] < 0x80);
}

static void
need_bytes(const struct reader *r, struct reading *g, const struct item *item, bool once)
{
	if (item->len == 1 && is_digit(item->bytes[0]))
		g->digits++;
	else
		end_digits(g);
	if (!stands_for_itself(r, item)) {
		end_run(g);
		return;
	}
	for (size_t i = 0; i < item->len; i++)
		byte_set_add(&g->needs.bytes, (unsigned char)item->bytes[i]);
	if (g->run_len + item->len > sizeof g->run)
		end_run(g);
	memcpy(g->run + g->run_len, item->bytes, item->len);
	g->run_len += item->len;
	if (!once)
		end_run(g);
}

static void
need_group(struct reading *g, const struct needs *inner)
{
	for (int i = 0; i < 4; i++)
		g->needs.bytes.bits[i] |= inner->bytes.bits[i];
	g->needs.digits = MAX_OF(g->needs.digits, inner->digits);
	if (inner->literal_len > g->needs.literal_len) {
		memcpy(g->needs.literal, inner->literal, inner->literal_len);
		g->needs.literal_len = inner->literal_len;
	}
}

static void
read_repeated_item(struct reader *r, struct reading *g)
{
	struct item item = read_item(r);
	bool exact = true;
	unsigned least = r->lost ? 0 : read_repeat(r, &exact);

	if (item.kind == ITEM_DIGITS) {
		end_run(g);
		g->digits += least;
		return;
	}
	if (item.kind == ITEM_BYTES && least > 0) {
		need_bytes(r, g, &item, exact && least == 1);
		return;
	}
	end_run(g);
	end_digits(g);
	if (item.kind == ITEM_GROUP && least > 0)
		need_group(g, &item.needs);
}

static struct needs
read_sequence(struct reader *r)
{
	struct reading g = {.run_len = 0};

	while (!r->lost && *r->p != '\0' && *r->p != '|' && *r->p != ')')
		read_repeated_item(r, &g);
	end_run(&g);
	end_digits(&g);
	return g.needs;
}

/* Of two alternatives only what both need. */
static struct needs
in_common(const struct needs *a, const struct needs *b)
{
	struct needs n = {.digits = MIN_OF(a->digits, b->digits)};

	for (int i = 0; i < 4; i++)
		n.bytes.bits[i] = a->bytes.bits[i] & b->bytes.bits[i];
	return n;
}

static struct needs
read_alternatives(struct reader *r)
{
	struct needs n = read_sequence(r);

	while (!r->lost && *r->p == '|') {
		struct needs other;

		r->p++;
		other = read_sequence(r);
		n = in_common(&n, &other);
	}
	return n;
}

/* Whether some "(?i)" may be in it. One that is none, as in a class, does no harm. */
static bool
may_switch_case(const char *regex)
{
	for (const char *p = strstr(regex, "(?"); p != NULL; p = strstr(p + 1, "(?")) {
		size_t options = strspn(p + 2, "imsnJUx-^");

		if (memchr(p + 2, 'i', options) != NULL)
			return true;
	}
	return false;
}

struct needs
needs_of_regex(const char *regex, bool caseless)
{
	struct reader r = {.p = regex, .caseless = caseless || may_switch_case(regex)};
	struct needs n = read_alternatives(&r);

	if (r.lost || *r.p != '\0')
		return (struct needs){.len = 0};
	if (n.literal_len < 2)
		n.literal_len = 0;
	return n;
}
