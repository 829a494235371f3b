/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/regex_item.h"

#include <string.h>

#include "base/macro.h"

#define DEPTH_MAX  20
#define REPEAT_MAX 65535
#define CLASS_FEW  16

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
	struct item item = {.kind = ITEM_NOTHING};

	if (end == NULL || *end == '\0')
		return lose(r);
	/* The dollar is the only sign of money in ASCII. */
	if (strncmp(r->p - 1, "p{Sc}", 5) == 0)
		grams_of_not_ascii('$', &item.grams);
	r->p = end + 1;
	return item;
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
		return (struct item){.kind = ITEM_DIGITS, .no_letter = true};
	if (c == 's' || c == 'h' || c == 'v' || c == 'R')
		return (struct item){.kind = ITEM_NOTHING, .no_letter = true};
	if (c == 'b')
		return (struct item){.kind = ITEM_NOTHING, .no_width = true};
	if (c == 'p' || c == 'P')
		return read_property(r);
	if (strchr("DwWSHVXBAZzGK", c) != NULL)
		return (struct item){.kind = ITEM_NOTHING};
	return lose(r);
}

/* Whether what stands here says that there is no letter: "(?!\\p{L})", the end, a space, a mark. */
static bool
is_end(const char *p)
{
	static const char *const forms[] = {"(?!\\p{L})", "\\s"};
	static const char marks[] = " ,:;-=_#@!&~%<>'\"/";

	for (size_t i = 0; i < ELEMENTSOF(forms); i++)
		if (strncmp(p, forms[i], strlen(forms[i])) == 0)
			return strchr("?*{", p[strlen(forms[i])]) == NULL || p[strlen(forms[i])] == '\0';
	if (*p == '$')
		return p[1] == '\0' || p[1] == ')' || p[1] == '|';
	return *p != '\0' && strchr(marks, *p) != NULL && (p[1] == '\0' || strchr("?*{", p[1]) == NULL);
}

/* Whether no letter of ASCII is in the class: only digits, signs and \\s are, with no ranges but of digits. */
static bool
is_class_without_letters(const char *p, const char *end)
{
	if (*p == '^')
		return false;
	for (; p < end; p++) {
		if (*p == '\\') {
			p++;
			if ((is_letter(*p) && *p != 's' && *p != 'd') || is_digit(*p))
				return false;
		} else if (strncmp(p, "0-9", 3) == 0) {
			p += 2;
		} else if (is_letter(*p) || *p == '[' || (*p == '-' && p + 1 < end)) {
			return false;
		}
	}
	return true;
}

static bool
is_class_outside_ascii(const char *p, const char *end)
{
	while (p < end && (unsigned char)*p >= 0x80)
		p++;
	return p == end;
}

/* The characters of ASCII of which a class is one; 0: it is more than a few of them, or something else. */
static size_t
few_of_class(const char *p, const char *end, char few[CLASS_FEW])
{
	size_t count = 0;

	for (; p < end; p++) {
		bool escaped = *p == '\\';

		p += escaped;
		if (count == CLASS_FEW || *p == '[' || (unsigned char)*p >= 0x80 || (escaped && (is_letter(*p) || is_digit(*p))) ||
		    (!escaped && (*p == '^' || (*p == '-' && count > 0 && p + 1 < end))))
			return 0;
		few[count++] = *p;
	}
	return count;
}

/* One of them stands there, at what may be the begin of a word. */
static void
grams_of_few(const struct reader *r, const char *few, size_t count, struct gram_set *ret_set)
{
	struct gram_set one;

	grams_of_text((struct str){few, 1}, r->begins, is_end(r->p), ret_set);
	for (size_t i = 1; i < count; i++) {
		grams_of_text((struct str){few + i, 1}, r->begins, is_end(r->p), &one);
		grams_unite(ret_set, &one);
	}
}

static void
grams_of_others(const char *p, const char *end, struct gram_set *ret_set)
{
	struct gram_set one;

	ret_set->count = 0;
	for (const char *next; p < end; p = next) {
		for (next = p + 1; next < end && ((unsigned char)*next & 0xc0) == 0x80; next++)
			;
		grams_of_text((struct str){p, (size_t)(next - p)}, false, false, &one);
		if (ret_set->count == 0)
			*ret_set = one;
		else
			grams_unite(ret_set, &one);
		if (ret_set->count == 0)
			return;
	}
}

/* What is known of a class that was gone over. A letter in both cases is a letter of a word. */
static struct item
item_of_class(const struct reader *r, const char *inside)
{
	struct item item = {.kind = ITEM_NOTHING, .no_letter = is_class_without_letters(inside, r->p - 1)};
	char few[CLASS_FEW];
	size_t count = few_of_class(inside, r->p - 1, few);

	if (count == 2 && is_letter(few[0]) && (few[0] ^ few[1]) == 0x20)
		return (struct item){.kind = ITEM_BYTES, .bytes = {(char)(few[0] | 0x20)}, .len = 1, .any_case = true};
	if (count > 0)
		grams_of_few(r, few, count, &item.grams);
	else if (!r->caseless && is_class_outside_ascii(inside, r->p - 1))
		grams_of_others(inside, r->p - 1, &item.grams);
	return item;
}

/* Some letters, digits or marks; that of the ten digits is told apart. */
static struct item
read_class(struct reader *r)
{
	const char *inside = r->p + 1;

	if (strncmp(r->p, "[0-9]", 5) == 0) {
		r->p += 5;
		return (struct item){.kind = ITEM_DIGITS, .no_letter = true};
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
	return item_of_class(r, inside);
}

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

/* What stands in a group is matched, or only looked at where it stands, or must not be there. */
enum group_kind { GROUP_MATCHED, GROUP_LOOKED_AT, GROUP_ABSENT };

/* Goes over the beginning of a group. */
static enum group_kind
enter_group(struct reader *r)
{
	if (r->p[1] == '*')
		lose(r);
	if (r->p[1] != '?') {
		r->p++;
		return GROUP_MATCHED;
	}
	if (r->p[2] == '=' || r->p[2] == '!' || (r->p[2] == '<' && (r->p[3] == '=' || r->p[3] == '!'))) {
		bool behind = r->p[2] == '<', absent = r->p[2 + behind] == '!';

		r->p += 3 + behind;
		r->begins = r->begins && !behind;
		return absent ? GROUP_ABSENT : GROUP_LOOKED_AT;
	}
	if (r->p[2] == ':' || r->p[2] == '>') {
		r->p += 3;
		return GROUP_MATCHED;
	}
	if (r->p[2] == '<' || r->p[2] == '\'' || (r->p[2] == 'P' && r->p[3] == '<')) {
		const char *end = strchr(r->p + 3, r->p[2] == '\'' ? '\'' : '>');

		if (end != NULL) {
			r->p = end + 1;
			return GROUP_MATCHED;
		}
	}
	if (skip_options(r) && *r->p == ':') {
		r->p++;
		return GROUP_MATCHED;
	}
	if (*r->p != ')')
		lose(r);
	return GROUP_MATCHED;
}

/* "There is no letter in front", as rules say it. */
static bool
is_begin(const char *p)
{
	static const char *const forms[] = {"(?<!\\p{L})", "(?<![\\p{L}0-9])", "(?<![\\p{L}\\p{N}_])", "(?<!\\w)"};

	for (size_t i = 0; i < ELEMENTSOF(forms); i++)
		if (strncmp(p, forms[i], strlen(forms[i])) == 0)
			return true;
	return false;
}

/* Whether there is an end behind the group whose inside is ahead; reads it on trial. */
static bool
ends_behind_group(struct reader r)
{
	struct gram_set grams;

	r.depth++;
	(void)read_alternatives(&r, &grams);
	return !r.lost && *r.p == ')' && is_end(r.p + 1);
}

static struct item
read_inside(struct reader *r, enum group_kind kind)
{
	struct item item = {.kind = ITEM_GROUP};
	bool ends = r->ends;

	r->ends = kind == GROUP_MATCHED && r->depth < 4 && ends_behind_group(*r);
	r->depth++;
	item.needs = read_alternatives(r, &item.grams);
	r->depth--;
	r->ends = ends;
	return item;
}

static struct item
read_group(struct reader *r)
{
	bool begins = r->begins || is_begin(r->p);
	enum group_kind kind = enter_group(r);
	struct item item;

	if (r->lost || r->depth == DEPTH_MAX)
		return lose(r);
	item = read_inside(r, kind);
	if (*r->p != ')')
		return lose(r);
	r->p++;
	if (kind == GROUP_MATCHED) {
		item.no_letter = r->begins;
		return item;
	}
	r->begins = begins;
	item.no_width = true;
	if (kind == GROUP_LOOKED_AT)
		return item;
	return (struct item){.kind = ITEM_NOTHING, .no_width = true};
}

struct item
regex_item(struct reader *r)
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
		return (struct item){.kind = ITEM_NOTHING, .no_width = *r->p++ != '.'};
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
unsigned
regex_repeat(struct reader *r, bool *ret_exact)
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

static bool
quotes(const char *escape)
{
	return escape[1] == '\0' || escape[1] == 'Q' || escape[1] == 'E';
}

/* NULL where a class within the class might begin. */
static const char *
behind_class(const char *p)
{
	p += p[1] == '^' ? 2 : 1;
	for (bool first = true; *p != ']' || first; first = false) {
		if (*p == '\0' || *p == '[' || (*p == '\\' && quotes(p)))
			return NULL;
		p += *p == '\\' ? 2 : 1;
	}
	return p + 1;
}

/* Behind what stands here and is no group. */
static const char *
behind_character(const char *p)
{
	if (*p == '[')
		return behind_class(p);
	if (*p == '\\')
		return quotes(p) ? NULL : p + 2;
	return p + 1;
}

/* Behind the group that begins here and captures nothing; NULL if it does, or is of a kind that rules seldom have. */
static const char *
behind_plain_group(const char *p)
{
	size_t depth = 0;

	do {
		bool behind = p[0] == '(' && p[1] == '?' && p[2] == '<';

		if (*p == '\0' || (*p == '(' && (p[1] != '?' || p[2 + behind] == '\0' || strchr(behind ? "=!" : ":=!", p[2 + behind]) == NULL)))
			return NULL;
		depth += *p == '(';
		depth -= *p == ')';
		p = behind_character(p);
	} while (p != NULL && depth > 0);
	return p;
}

/* "([0-9]{5})", and so often exactly. */
static size_t
number_group_here(const char *p)
{
	static const char begin[] = "([0-9]{";
	const char *count = p + sizeof begin - 1;

	if (strncmp(p, begin, sizeof begin - 1) != 0 || count[0] < '1' || count[0] > '9' || count[1] != '}' || count[2] != ')' ||
	    (count[3] != '\0' && strchr("?*+{", count[3]) != NULL))
		return 0;
	return (size_t)(count[0] - '0');
}

size_t
regex_number_group(const char *regex)
{
	size_t digits = 0;

	for (const char *p = regex; p != NULL && *p != '|' && *p != ')';) {
		size_t here = number_group_here(p);

		if (*p == '\0')
			return digits;
		if (digits == 0)
			digits = here;
		if (here > 0)
			p += sizeof "([0-9]{5})" - 1;
		else
			p = *p == '(' ? behind_plain_group(p) : behind_character(p);
	}
	return 0;
}
