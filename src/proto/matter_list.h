/* SPDX-License-Identifier: Apache-2.0 */
/* matter_list.h - the firm's matters, and the other names they go by, as one flat buffer.
 *
 * The store makes it, the process worker maps it, the rules ask it which matter a word of a title is. It holds no pointers, so it can be sent as
 * a sealed memory file. The same matters give the same bytes in whatever order they were added.
 *
 * Names are codes and aliases. Two are the same name if they differ only in the case of ASCII letters, or in how many spaces and underscores
 * stand between their words ("Smith v Jones", "smith_v_jones"). A name leads to one matter: a code goes before an alias, and an alias of two
 * matters leads to none.
 *
 * Invariants, checked once by matter_list_parse() and matter_list_map() and relied on by everything after:
 *   - every string lies inside the buffer, ends at a NUL inside it and is valid UTF-8 without NUL; its length is in the range below
 *   - matters are sorted by their codes, names as they are compared; no two are equal; each name is found by the index
 *   - looking a name up passes at most MATTER_INDEX_RUN_MAX places of the index, whatever the name
 *
 * Ownership: a struct matter_list owns its memory or mapping; matter_list_free() accepts NULL. Threads: immutable; any number of readers.
 */
#ifndef RTALP_PROTO_MATTER_LIST_H
#define RTALP_PROTO_MATTER_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"
#include "base/str.h"

#define MATTER_LIST_MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define MATTER_LIST_MAX        ((size_t)200000)
#define MATTER_ALIASES_MAX     ((size_t)32) /* of one matter */
#define MATTER_CODE_MAX        ((size_t)64) /* bytes, as all of these */
#define MATTER_ALIAS_MAX       ((size_t)128)
#define MATTER_TEXT_MAX        ((size_t)512) /* a name or a client */
#define MATTER_NAME_WORDS_MAX  8u
#define MATTER_INDEX_RUN_MAX   1024u

struct matter_list;
struct matter_list_builder;

struct matter_view { /* strings are borrowed from the list and NUL-terminated */
	struct str code;
	struct str name;   /* may be empty, as may be the client */
	struct str client;
	bool is_open;      /* a closed matter is listed as well */
};

struct matter_name {
	struct str text; /* borrowed from the list, NUL-terminated */
	size_t matter;   /* for matter_list_at() */
	bool is_alias;
};

struct matter_list_builder *matter_list_builder_new(void);
struct matter_list_builder *matter_list_builder_free(struct matter_list_builder *b);

/* Adds one matter. -ERANGE for a code or alias that is empty or too long, begins or ends with a space or an underscore, or is of more than
 * MATTER_NAME_WORDS_MAX words, for a name or client that is too long, for too many aliases, and for a control character in any; -EILSEQ for a string
 * that is not clean UTF-8; -E2BIG past a cap. The builder is unchanged then. */
int matter_list_builder_add(struct matter_list_builder *b, const struct matter_view *matter, const struct str *aliases,
			    size_t alias_count) _must_check_;

/* Sorts and finishes; the builder is empty afterwards. -EEXIST if a code was added twice, -E2BIG past MATTER_LIST_MAX_BYTES. */
int matter_list_build(struct matter_list_builder *b, struct matter_list **ret_list) _must_check_;
struct matter_list *matter_list_free(struct matter_list *list);

size_t matter_list_count(const struct matter_list *list);
struct matter_view matter_list_at(const struct matter_list *list, size_t i); /* in the order of their codes */
size_t matter_list_name_count(const struct matter_list *list);
struct matter_name matter_list_name(const struct matter_list *list, size_t i); /* in the order they are compared in */

/* The name that `text` is. */
bool matter_list_find(const struct matter_list *list, struct str text, struct matter_name *ret_name);
/* Of how many words the longest name is, as its spaces and underscores part them; 0 in an empty list. */
unsigned matter_list_words_max(const struct matter_list *list);
/* False only if no name begins with that byte: cheap to ask of every word of a title. */
bool matter_list_may_begin(const struct matter_list *list, char c);

/* BLAKE2b-128 of the flat bytes, in hexadecimal. */
const char *matter_list_version(const struct matter_list *list);

/* The flat bytes, valid as long as the list. */
struct str matter_list_bytes(const struct matter_list *list);
/* Copies and checks bytes that were stored. -EBADMSG if an invariant fails. */
int matter_list_parse(struct str bytes, struct matter_list **ret_list) _must_check_;
/* A sealed memory file holding the bytes, to be sent to a peer. */
int matter_list_to_fd(const struct matter_list *list);
/* Maps what a peer sent; nothing in it is trusted. The descriptor may be closed afterwards. -EBADMSG if an invariant fails. */
int matter_list_map(int fd, struct matter_list **ret_list) _must_check_;

DEFINE_POINTER_CLEANUP(struct matter_list, matter_list_free, matter_list_freep)
DEFINE_POINTER_CLEANUP(struct matter_list_builder, matter_list_builder_free, matter_list_builder_freep)

#endif
