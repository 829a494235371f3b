/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/regex_sample.h"

#include <ctype.h>
#include <string.h>

#include "base/macro.h"

#define STEPS_MAX 20000 /* items read, those that are repeated each time */
#define DEPTH_MAX 100
#define MORE_MAX  3     /* repeats besides the least */

struct sampler {
	const char *p, *end;
	struct buf *out;
	uint32_t state;
	unsigned steps, depth;
	bool silent; /* reads, and adds nothing */
	bool lost;
};

static void alternatives(struct sampler *s);

static uint32_t
choose(struct sampler *s, uint32_t count)
{
	s->state = s->state * 1664525u + 1013904223u;
	return count > 1 ? (s->state >> 16) % count : 0;
}

static bool
at(const struct sampler *s, const char *text)
{
	size_t len = strlen(text);

	return (size_t)(s->end - s->p) >= len && memcmp(s->p, text, len) == 0;
}

static bool
take(struct sampler *s, const char *text)
{
	if (!at(s, text))
		return false;
	s->p += strlen(text);
	return true;
}

static void
add(struct sampler *s, const char *text)
{
	if (!s->silent)
		(void)buf_addz(s->out, text);
}

static void
add_code_point(struct sampler *s, unsigned long c)
{
	char utf8[5] = "";

	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return;
	if (c < 0x80) {
		utf8[0] = (char)c;
	} else if (c < 0x800) {
		utf8[0] = (char)(0xc0 | c >> 6);
		utf8[1] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		utf8[0] = (char)(0xe0 | c >> 12);
		utf8[1] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[2] = (char)(0x80 | (c & 0x3f));
	} else {
		utf8[0] = (char)(0xf0 | c >> 18);
		utf8[1] = (char)(0x80 | (c >> 12 & 0x3f));
		utf8[2] = (char)(0x80 | (c >> 6 & 0x3f));
		utf8[3] = (char)(0x80 | (c & 0x3f));
	}
	add(s, utf8);
}

static unsigned long
number(struct sampler *s, unsigned long base)
{
	unsigned long n = 0;

	for (; s->p < s->end && isxdigit((unsigned char)*s->p) && n < 0x1000000; s->p++) {
		unsigned long digit = isdigit((unsigned char)*s->p) ? (unsigned long)(*s->p - '0') : (unsigned long)((*s->p | 0x20) - 'a' + 10);

		if (digit >= base)
			break;
		n = n * base + digit;
	}
	return n;
}

/* Behind "\\x". */
static unsigned long
hexadecimal(struct sampler *s)
{
	const char *end = s->end;
	unsigned long c;

	if (take(s, "{")) {
		c = number(s, 16);
		(void)take(s, "}");
		return c;
	}
	s->end = MIN_OF(s->p + 2, end);
	c = number(s, 16);
	s->end = end;
	return c;
}

/* One of the class that an escape names; NULL: it names none. */
static const char *
of_escaped_class(struct sampler *s, char letter)
{
	static const struct {
		char letter;
		const char *members[3];
	} classes[] = {
	    {'d', {"5", "1", "0"}}, {'w', {"a", "Z", "7"}}, {'s', {" ", " ", "\t"}}, {'h', {" ", " ", "\t"}}, {'D', {"x", "-", " "}},
	    {'W', {"-", " ", "."}}, {'S', {"x", "4", "-"}}, {'H', {"x", "x", "-"}}, {'v', {"\n", "\n", "\n"}}, {'R', {"\n", "\n", "\n"}},
	    {'N', {"x", " ", "1"}}, {'X', {"x", " ", "1"}}, {'V', {"x", " ", "1"}},
	};

	for (size_t i = 0; i < ELEMENTSOF(classes); i++)
		if (classes[i].letter == letter)
			return classes[i].members[choose(s, 3)];
	return NULL;
}

/* Behind "\\p" or "\\P". */
static const char *
of_property(struct sampler *s, bool negated)
{
	bool braces = take(s, "{");
	char major, minor;

	if (take(s, "^"))
		negated = !negated;
	major = s->p < s->end ? *s->p++ : 'L';
	minor = braces && s->p < s->end && *s->p != '}' ? *s->p : '\0';
	while (braces && s->p < s->end && *s->p++ != '}')
		;
	if (negated)
		return major == 'L' ? "5" : "a";
	if (major == 'L')
		return minor == 'u' ? "A" : choose(s, 2) == 0 ? "a" : "é";
	return major == 'N' ? "7" : major == 'Z' ? " " : major == 'S' ? "+" : major == 'P' ? "-" : "a";
}

/* One member behind a backslash; the character it stands for, or 0 if it added one of a class, or nothing. */
static unsigned long
escape(struct sampler *s)
{
	char c = *s->p++;
	const char *member = c == 'p' || c == 'P' ? of_property(s, c == 'P') : of_escaped_class(s, c);
	static const char controls[] = "t\tn\nr\rf\fe\033a\a";
	const char *control = memchr(controls, c, sizeof controls - 1);

	if (member != NULL) {
		add(s, member);
		return 0;
	}
	if (c == 'x')
		return hexadecimal(s);
	if (control != NULL && (control - controls) % 2 == 0)
		return (unsigned char)control[1];
	if (isalnum((unsigned char)c)) {
		s->lost = s->lost || strchr("bBAzZGKE", c) == NULL;
		return 0;
	}
	return (unsigned char)c;
}

/* A class between brackets is read member by member; which are added is chosen afterwards. */
struct members {
	unsigned char listed[256]; /* the ASCII of it */
	char texts[64][5];
	size_t count;
};

static void
members_add(struct members *m, struct str text)
{
	if (text.len == 0 || text.len > 4)
		return;
	if (text.len == 1)
		m->listed[(unsigned char)text.p[0]] = 1;
	if (m->count == ELEMENTSOF(m->texts))
		return;
	memcpy(m->texts[m->count], text.p, text.len);
	m->texts[m->count++][text.len] = '\0';
}

/* The next member, added to a buffer of its own. */
static struct str
member(struct sampler *s, struct buf *one)
{
	struct buf *out = s->out;
	bool silent = s->silent;
	const char *from = s->p;

	buf_clear(one);
	s->out = one;
	s->silent = false;
	if (take(s, "[:")) {
		add(s, at(s, "digit") || at(s, "xdigit") ? "5" : at(s, "space") || at(s, "blank") ? " " : at(s, "punct") ? "-" : at(s, "upper") ? "A" : "a");
		while (s->p < s->end && !take(s, ":]"))
			s->p++;
	} else if (take(s, "\\") && s->p < s->end) {
		add_code_point(s, escape(s));
	} else {
		do
			s->p++;
		while (s->p < s->end && ((unsigned char)*s->p & 0xc0) == 0x80);
		(void)buf_add(one, from, (size_t)(s->p - from));
	}
	s->out = out;
	s->silent = silent;
	return buf_str(one);
}

static void
list_range(struct members *m, struct str from, struct str to)
{
	members_add(m, to);
	for (unsigned c = from.len == 1 && to.len == 1 ? (unsigned char)from.p[0] : 256; c < 256 && to.len == 1 && c <= (unsigned char)to.p[0]; c++)
		m->listed[c] = 1;
}

static void
list_escaped_class(struct members *m, const char *from)
{
	for (int c = 1; c < 128; c++)
		if ((from[1] == 'd' && isdigit(c)) || (from[1] == 's' && isspace(c)) || (from[1] == 'w' && (isalnum(c) || c == '_')))
			m->listed[c] = 1;
}

/* Behind "[". */
static void
class(struct sampler *s)
{
	_cleanup_(buf_release) struct buf one = BUF_INIT(8), last = BUF_INIT(8);
	static const char *const others[] = {"a", "1", " ", "-", "Z", "_", ".", "x", "+", "7", "/", "\n"};
	struct members m = {.count = 0};
	bool negated = take(s, "^");

	for (bool first = true; s->p < s->end && (first || *s->p != ']'); first = false) {
		const char *from = s->p;
		struct str text = member(s, &one);

		members_add(&m, text);
		if (from[0] == '\\' && s->p - from == 2)
			list_escaped_class(&m, from);
		else if (at(s, "-") && s->end - s->p > 1 && s->p[1] != ']') {
			s->p++;
			list_range(&m, text, member(s, &last));
		}
	}
	(void)take(s, "]");
	if (!negated && m.count > 0)
		add(s, m.texts[choose(s, (uint32_t)m.count)]);
	for (size_t i = choose(s, 4); negated && i < ELEMENTSOF(others); i++) {
		if (m.listed[(unsigned char)others[i][0]])
			continue;
		add(s, others[i]);
		return;
	}
}

/* How many alternatives there are up to the end of the group. */
static uint32_t
count_alternatives(const struct sampler *s)
{
	uint32_t count = 1;
	unsigned depth = 0;

	for (const char *p = s->p; p < s->end; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '[')
			for (p += p + 1 < s->end && p[1] == '^' ? 2 : 1; p + 1 < s->end && p[1] != ']'; p++)
				p += *p == '\\';
		else if (*p == '(')
			depth++;
		else if (*p == ')' && depth-- == 0)
			break;
		else if (*p == '|' && depth == 0)
			count++;
	}
	return count;
}

static void
skip_past(struct sampler *s, char c)
{
	while (s->p < s->end && *s->p++ != c)
		;
}

/* Behind "(": what kind of group it is. */
static void
group(struct sampler *s)
{
	bool silent = s->silent;

	if (at(s, "?#") || at(s, "*")) {
		skip_past(s, ')');
		return;
	}
	if (take(s, "?=") || take(s, "?!") || take(s, "?<=") || take(s, "?<!"))
		s->silent = true;
	else if (take(s, "?P<") || take(s, "?<"))
		skip_past(s, '>');
	else if (take(s, "?'"))
		skip_past(s, '\'');
	else if (!take(s, "?>") && !take(s, "?|") && take(s, "?"))
		while (s->p < s->end && *s->p != ')' && *s->p++ != ':')
			;
	if (s->depth++ == DEPTH_MAX)
		s->lost = true;
	else
		alternatives(s);
	s->depth--;
	(void)take(s, ")");
	s->silent = silent;
}

/* One item, without how often it stands there. */
static void
item(struct sampler *s)
{
	if (++s->steps > STEPS_MAX)
		s->lost = true;
	if (s->lost)
		return;
	if (take(s, "\\")) {
		if (s->p < s->end)
			add_code_point(s, escape(s));
	} else if (take(s, "[")) {
		class(s);
	} else if (take(s, "(")) {
		group(s);
	} else if (take(s, ".")) {
		add(s, choose(s, 2) == 0 ? "x" : " ");
	} else if (!take(s, "^") && !take(s, "$")) {
		const char *from = s->p++;

		while (s->p < s->end && ((unsigned char)*s->p & 0xc0) == 0x80)
			s->p++;
		if (!s->silent)
			(void)buf_add(s->out, from, (size_t)(s->p - from));
	}
}

static void
repeat(struct sampler *s, unsigned long *least, unsigned long *most)
{
	const char *from = s->p;

	*least = *most = 1;
	if (take(s, "*")) {
		*least = 0;
		*most = MORE_MAX;
	} else if (take(s, "+")) {
		*most = 1 + MORE_MAX;
	} else if (take(s, "?")) {
		*least = 0;
	} else if (at(s, "{") && s->end - s->p > 1 && isdigit((unsigned char)s->p[1])) {
		s->p++;
		*least = *most = number(s, 10);
		if (take(s, ","))
			*most = at(s, "}") ? *least + MORE_MAX : MIN_OF(number(s, 10), *least + MORE_MAX);
		skip_past(s, '}');
	}
	if (s->p != from && !take(s, "+"))
		(void)take(s, "?");
}

static void
sequence(struct sampler *s)
{
	while (s->p < s->end && *s->p != '|' && *s->p != ')' && !s->lost) {
		const char *from = s->p, *behind;
		unsigned long least, most, times;
		bool silent = s->silent;

		/* Read once to see how often it is wanted. */
		s->silent = true;
		item(s);
		s->silent = silent;
		repeat(s, &least, &most);
		behind = s->p;
		times = silent ? 0 : least + choose(s, (uint32_t)(MAX_OF(most, least) - least + 1));
		for (; times > 0 && !s->lost && s->out->error == 0; times--) {
			s->p = from;
			item(s);
		}
		s->p = behind;
	}
}

static void
alternatives(struct sampler *s)
{
	uint32_t count = count_alternatives(s), chosen = choose(s, count);
	bool silent = s->silent;

	for (uint32_t i = 0; i < count && !s->lost; i++) {
		s->silent = silent || i != chosen;
		sequence(s);
		if (i + 1 < count)
			(void)take(s, "|");
	}
	s->silent = silent;
}

bool
regex_sample(const char *regex, uint32_t seed, struct buf *out)
{
	struct sampler s = {.p = regex, .end = regex + strlen(regex), .out = out, .state = seed * 2654435761u + 1};

	alternatives(&s);
	return !s.lost && s.p == s.end;
}
