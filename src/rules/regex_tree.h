/* SPDX-License-Identifier: Apache-2.0 */
/* regex_tree.h - a regular expression of PCRE2 with UTF and UCP as a tree, for whoever reads off it what must stand in a title.
 *
 * Of a character it knows which symbols may stand there: the characters of ASCII, and one for all others. Whatever is not plainly understood
 * makes no tree. Ownership: regex_tree_free() accepts NULL. Pure; any thread.
 */
#ifndef RTALP_RULES_REGEX_TREE_H
#define RTALP_RULES_REGEX_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"

/* A byte outside ASCII is the symbol 1, as the control character is that nobody writes. */
#define SYMBOLS       128
#define SYMBOL_NONE   0 /* in front of a title and behind it */
#define SYMBOL_OTHERS 1

struct symbols {
	uint64_t bits[2];
};

enum node_kind {
	NODE_NOTHING,  /* no width, and nothing is known of what it asks for */
	NODE_CHAR,
	NODE_GROUP,    /* its alternatives are `child` and those that follow */
	NODE_AHEAD,    /* likewise, only looked at */
	NODE_BEHIND,
	NODE_BEGIN,    /* of the title */
	NODE_END,      /* of the title, or before the line feed at its end */
	NODE_SEQUENCE, /* an alternative: its items are `child` and those that follow */
};

struct node {
	enum node_kind kind;
	struct symbols may; /* stand there */
	unsigned least, most;
	const struct node *child, *last_child;
	const struct node *prev, *next;
};

#define NODE_NO_MOST UINT32_MAX

struct regex_tree;

/* NULL: it is not understood. */
struct regex_tree *regex_tree_new(const char *regex, bool caseless);
struct regex_tree *regex_tree_free(struct regex_tree *t);
/* A group that is the whole. */
const struct node *regex_tree_root(const struct regex_tree *t);

DEFINE_POINTER_CLEANUP(struct regex_tree, regex_tree_free, regex_tree_freep)

static inline void
symbols_add(struct symbols *s, unsigned symbol)
{
	s->bits[symbol >> 6] |= UINT64_C(1) << (symbol & 63);
}

static inline bool
symbols_has(const struct symbols *s, unsigned symbol)
{
	return (s->bits[symbol >> 6] >> (symbol & 63) & 1) != 0;
}

static inline unsigned
symbol_of(char byte)
{
	return (unsigned char)byte < 0x80 ? (unsigned char)byte : SYMBOL_OTHERS;
}

#endif
