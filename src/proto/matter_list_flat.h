/* SPDX-License-Identifier: Apache-2.0 */
/* matter_list_flat.h - the flat form of a matter list, shared by the file that builds it and the one that reads it. Private to src/proto.
 *
 * Layout (little-endian): header, matters, names, index, text. In the text stand code, name and client of each matter, in order, then the aliases
 * in the order of their names, each with a NUL behind it. */
#ifndef RTALP_PROTO_MATTER_LIST_FLAT_H
#define RTALP_PROTO_MATTER_LIST_FLAT_H

#include <stdint.h>

#include "base/digest.h"
#include "proto/matter_list.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the flat form is read in place");

#define MATTER_LIST_MAGIC 0x314c544du /* "MTL1" */

struct flat_matters {
	uint32_t magic;
	uint32_t matter_count;
	uint32_t name_count;
	uint32_t index_room; /* a power of two; at least twice name_count */
	uint32_t salt;       /* of the index's hash */
	uint32_t text_bytes;
};

struct flat_text {
	uint32_t offset;
	uint32_t len; /* without the NUL that follows */
};

struct flat_matter {
	struct flat_text code, name, client;
	uint32_t is_open; /* 0 or 1 */
};

struct flat_name {
	struct flat_text text; /* of a code: where its matter has it */
	uint32_t matter;
	uint32_t is_alias; /* 0 or 1 */
};

struct matter_list {
	const struct flat_matters *head;
	const struct flat_matter *matters;
	const struct flat_name *names;
	const uint32_t *index; /* open addressing: name number + 1, or 0 */
	const char *text;
	size_t len;
	bool mapped;
	unsigned words_max;
	bool begins[256];
	char version[DIGEST_HEX_SIZE];
};

/* A name, character for character as names are compared: -1 at its end. */
struct fold {
	struct str rest;
};
int fold_next(struct fold *f);
int fold_compare(struct str a, struct str b);
uint32_t fold_hash(struct str s, uint32_t salt);
unsigned fold_words(struct str s);

bool matter_name_valid(struct str s, size_t max_bytes);
bool matter_has_control(struct str s);

/* Points into the bytes, which are known to be sound and begin at an address for a uint32_t, and learns what is kept beside them. */
struct matter_list *matter_list_from_flat(void *bytes, size_t len);

#endif
