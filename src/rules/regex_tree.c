/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/regex_tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"

#define DEPTH_MAX  20
#define NUMBER_MAX 65535

struct regex_tree {
	struct arena *nodes;
	struct node *root;
};

struct parser {
	const char *p;
	struct arena *nodes;
	bool caseless, lost;
	unsigned depth;
};

/* What a character may be, and what it is in any case: the rest of which is what a negation may be. */
struct class {
	struct symbols may, must;
};

static struct node *parse_alternatives(struct parser *r, enum node_kind kind);

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

static struct node *
new_node(struct parser *r, enum node_kind kind)
{
	struct node *n = arena_alloc(r->nodes, 1, sizeof *n);

	*n = (struct node){.kind = kind, .least = 1, .most = 1};
	return n;
}

static struct node *
lose(struct parser *r)
{
	r->lost = true;
	return new_node(r, NODE_NOTHING);
}

static void
append(struct node *parent, struct node *last, struct node *child)
{
	child->prev = last;
	if (last != NULL)
		last->next = child;
	else
		parent->child = child;
	parent->last_child = child;
}

static void
add_range(struct class *c, uint32_t first, uint32_t last)
{
	for (uint32_t i = first; i <= last && i < SYMBOLS; i++) {
		symbols_add(&c->may, i);
		symbols_add(&c->must, i);
	}
	if (last >= SYMBOLS)
		symbols_add(&c->may, SYMBOL_OTHERS);
}

static void
add_all(struct class *c)
{
	c->may = (struct symbols){{UINT64_MAX, UINT64_MAX}};
}

static void
negate(struct class *c)
{
	struct class was = *c;

	for (int i = 0; i < 2; i++) {
		c->may.bits[i] = ~was.must.bits[i];
		c->must.bits[i] = ~was.may.bits[i];
	}
	c->may.bits[0] |= 1u << SYMBOL_OTHERS;
	c->must.bits[0] &= ~(UINT64_C(1) << SYMBOL_OTHERS);
}

static void
unite(struct class *c, const struct class *other)
{
	for (int i = 0; i < 2; i++) {
		c->may.bits[i] |= other->may.bits[i];
		c->must.bits[i] |= other->must.bits[i];
	}
}

static void
add_both_cases(struct symbols *s, unsigned letter)
{
	symbols_add(s, letter);
	symbols_add(s, letter ^ 0x20);
}

/* A few characters outside ASCII are letters of it in another case. */
static void
add_other_case(struct class *c)
{
	bool others = symbols_has(&c->may, SYMBOL_OTHERS);

	for (unsigned i = 'a'; i <= 'z'; i++) {
		bool may = symbols_has(&c->may, i) || symbols_has(&c->may, i ^ 0x20);

		if (symbols_has(&c->must, i) || symbols_has(&c->must, i ^ 0x20))
			add_both_cases(&c->must, i);
		if (may)
			symbols_add(&c->may, SYMBOL_OTHERS);
		if (may || others)
			add_both_cases(&c->may, i);
	}
}

static void
add_text(struct class *c, const char *ranges)
{
	for (; ranges[0] != '\0'; ranges += 2)
		add_range(c, (unsigned char)ranges[0], (unsigned char)ranges[1]);
}

/* What of ASCII has the property; of those outside nothing is said. */
static void
read_property(struct parser *r, bool negated, struct class *ret_class)
{
	static const struct {
		const char *name, *ranges;
	} known[] = {
	    {"L}", "azAZ"}, {"Latin}", "azAZ"}, {"Lu}", "AZ"}, {"Ll}", "az"}, {"N}", "09"}, {"Nd}", "09"},
	    {"M}", ""}, {"Greek}", ""}, {"Cyrillic}", ""}, {"Han}", ""}, {"Sc}", "$$"},
	};
	const char *name = r->p + 1, *end = strchr(r->p, '}');

	if (*r->p != '{' || end == NULL) {
		r->lost = true;
		return;
	}
	r->p = end + 1;
	for (size_t i = 0; i < ELEMENTSOF(known); i++) {
		if (strncmp(name, known[i].name, strlen(known[i].name)) != 0)
			continue;
		add_text(ret_class, known[i].ranges);
		symbols_add(&ret_class->may, SYMBOL_OTHERS);
		if (negated)
			negate(ret_class);
		return;
	}
	add_all(ret_class);
}

static uint32_t
read_hex(struct parser *r)
{
	bool braces = *r->p == '{';
	uint32_t value = 0;
	int count = 0;

	r->p += braces;
	for (; count < (braces ? 6 : 2); count++, r->p++) {
		char c = *r->p;

		if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f'))
			break;
		value = value << 4 | (uint32_t)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	if (count == 0 || (braces && *r->p != '}'))
		r->lost = true;
	else
		r->p += braces;
	return value;
}

/* "\\s" and its like, at the letter. False if it is none. */
static bool
read_kind_of_character(struct parser *r, struct class *ret_class)
{
	static const struct {
		char letter;
		const char *ranges;
	} known[] = {{'d', "09"}, {'s', "\t\r  "}, {'w', "azAZ09__"}, {'h', "\t\t  "}, {'v', "\n\r"}};
	char c = *r->p;

	if (c == 'p' || c == 'P') {
		r->p++;
		read_property(r, c == 'P', ret_class);
		return true;
	}
	for (size_t i = 0; i < ELEMENTSOF(known); i++) {
		if ((c | 0x20) != known[i].letter)
			continue;
		add_text(ret_class, known[i].ranges);
		symbols_add(&ret_class->may, SYMBOL_OTHERS);
		if (c != known[i].letter)
			negate(ret_class);
		r->p++;
		return true;
	}
	return false;
}

/* One character as it is, at its first byte or behind the backslash. */
static uint32_t
read_one(struct parser *r, bool escaped)
{
	static const char controls[] = "t\tn\nr\rf\fe\033a\a";
	char c = *r->p;

	if (c == '\0') {
		r->lost = true;
		return 0;
	}
	r->p++;
	if ((unsigned char)c >= 0x80) {
		while (((unsigned char)*r->p & 0xc0) == 0x80)
			r->p++;
		return SYMBOLS;
	}
	if (!escaped || (!is_letter(c) && !is_digit(c)))
		return (unsigned char)c;
	if (c == 'x')
		return read_hex(r);
	for (size_t i = 0; i + 1 < sizeof controls; i += 2)
		if (controls[i] == c)
			return (unsigned char)controls[i + 1];
	r->lost = true;
	return 0;
}

static void
read_class_item(struct parser *r, struct class *c)
{
	bool escaped = *r->p == '\\';
	uint32_t first, last;

	if (r->p[0] == '[' && (r->p[1] == ':' || r->p[1] == '.' || r->p[1] == '=')) {
		r->lost = true;
		return;
	}
	r->p += escaped;
	if (escaped && read_kind_of_character(r, c)) {
		if (*r->p == '-' && r->p[1] != ']')
			r->lost = true;
		return;
	}
	first = last = read_one(r, escaped);
	if (r->p[0] == '-' && r->p[1] != ']' && r->p[1] != '\0') {
		r->p++;
		escaped = *r->p == '\\';
		r->p += escaped;
		last = read_one(r, escaped);
	}
	add_range(c, first, last);
}

static void
read_class(struct parser *r, struct class *ret_class)
{
	bool negated = r->p[1] == '^';

	r->p += 1 + negated;
	for (bool first = true; !r->lost && (*r->p != ']' || first); first = false) {
		struct class item = {0};

		if (*r->p == '\0') {
			r->lost = true;
			return;
		}
		read_class_item(r, &item);
		unite(ret_class, &item);
	}
	r->p++;
	if (r->caseless)
		add_other_case(ret_class);
	if (negated)
		negate(ret_class);
}

static struct node *
node_of_class(struct parser *r, const struct class *c)
{
	struct node *n = new_node(r, NODE_CHAR);

	n->may = c->may;
	return n;
}

static struct node *
parse_escape(struct parser *r)
{
	struct class c = {0};

	r->p++;
	if (*r->p == 'b' || *r->p == 'B' || *r->p == 'A' || *r->p == 'z' || *r->p == 'Z')
		return new_node(r, *r->p++ == 'A' ? NODE_BEGIN : (r->p[-1] | 0x20) == 'z' ? NODE_END : NODE_NOTHING);
	if (!read_kind_of_character(r, &c)) {
		uint32_t one = read_one(r, true);

		add_range(&c, one, one);
		if (r->caseless)
			add_other_case(&c);
	}
	return node_of_class(r, &c);
}

/* What is absent says nothing. */
static struct node *
parse_group(struct parser *r)
{
	enum node_kind kind = NODE_GROUP;
	bool absent = false, caseless = r->caseless;
	struct node *n;

	r->p++;
	if (*r->p == '*' || r->depth == DEPTH_MAX)
		return lose(r);
	if (*r->p == '?') {
		bool behind = r->p[1] == '<' && (r->p[2] == '=' || r->p[2] == '!');
		char c = r->p[1 + behind];

		if (c == '=' || c == '!') {
			absent = c == '!';
			kind = behind ? NODE_BEHIND : NODE_AHEAD;
		} else if (c == '<' || c == '\'' || (c == 'P' && r->p[2] == '<')) {
			const char *end = strpbrk(r->p + 3, ">'");

			if (end == NULL)
				return lose(r);
			r->p = end - 1;
		} else if (c == 'i' && r->p[2] == ':') {
			r->caseless = true;
			r->p++;
		} else if (c != ':' && c != '>') {
			return lose(r);
		}
		r->p += 2 + behind;
	}
	r->depth++;
	n = parse_alternatives(r, kind);
	r->depth--;
	r->caseless = caseless;
	if (r->lost || *r->p != ')')
		return lose(r);
	r->p++;
	return absent ? new_node(r, NODE_NOTHING) : n;
}

static struct node *
parse_character(struct parser *r)
{
	struct class c = {0};

	if (*r->p == '[') {
		read_class(r, &c);
	} else if (*r->p == '.') {
		r->p++;
		add_all(&c);
	} else if (strchr("*+?{", *r->p) != NULL) {
		return lose(r);
	} else {
		uint32_t one = read_one(r, false);

		add_range(&c, one, one);
		if (r->caseless)
			add_other_case(&c);
	}
	return node_of_class(r, &c);
}

static struct node *
parse_item(struct parser *r)
{
	switch (*r->p) {
	case '\\':
		return parse_escape(r);
	case '(':
		return parse_group(r);
	case '^':
		r->p++;
		return new_node(r, NODE_BEGIN);
	case '$':
		r->p++;
		return new_node(r, NODE_END);
	default:
		return parse_character(r);
	}
}

static unsigned
read_number(struct parser *r)
{
	unsigned n = 0;

	if (!is_digit(*r->p))
		r->lost = true;
	while (is_digit(*r->p) && n <= NUMBER_MAX)
		n = n * 10 + (unsigned)(*r->p++ - '0');
	return n;
}

static void
parse_braces(struct parser *r, struct node *n)
{
	r->p++;
	n->least = n->most = read_number(r);
	if (*r->p == ',') {
		r->p++;
		n->most = *r->p == '}' ? NODE_NO_MOST : read_number(r);
	}
	if (*r->p == '}')
		r->p++;
	else
		r->lost = true;
}

static void
parse_repeat(struct parser *r, struct node *n)
{
	if (*r->p == '\0' || strchr("*+?{", *r->p) == NULL)
		return;
	if (*r->p == '{') {
		parse_braces(r, n);
	} else {
		n->least = *r->p == '+';
		n->most = *r->p == '?' ? 1 : NODE_NO_MOST;
		r->p++;
	}
	if (*r->p == '?' || *r->p == '+')
		r->p++;
	if (*r->p != '\0' && strchr("*+?{", *r->p) != NULL)
		r->lost = true;
}

static struct node *
parse_sequence(struct parser *r)
{
	struct node *n = new_node(r, NODE_SEQUENCE), *last = NULL;

	while (!r->lost && *r->p != '\0' && *r->p != '|' && *r->p != ')') {
		struct node *item = parse_item(r);

		if (!r->lost)
			parse_repeat(r, item);
		append(n, last, item);
		last = item;
	}
	return n;
}

static struct node *
parse_alternatives(struct parser *r, enum node_kind kind)
{
	struct node *n = new_node(r, kind), *last = NULL;

	do {
		struct node *sequence;

		r->p += last != NULL;
		sequence = parse_sequence(r);
		append(n, last, sequence);
		last = sequence;
	} while (!r->lost && *r->p == '|');
	return n;
}

struct regex_tree *
regex_tree_new(const char *regex, bool caseless)
{
	_cleanup_(regex_tree_freep) struct regex_tree *t = xcalloc(1, sizeof *t);
	struct parser r = {.p = regex, .caseless = caseless};

	t->nodes = r.nodes = arena_new();
	t->root = parse_alternatives(&r, NODE_GROUP);
	return r.lost || *r.p != '\0' ? NULL : TAKE_PTR(t);
}

struct regex_tree *
regex_tree_free(struct regex_tree *t)
{
	if (t == NULL)
		return NULL;
	arena_free(t->nodes);
	free(t);
	return NULL;
}

const struct node *
regex_tree_root(const struct regex_tree *t)
{
	return t->root;
}
