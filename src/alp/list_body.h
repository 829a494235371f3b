/* SPDX-License-Identifier: Apache-2.0 */
/* list_body.h - one of ALP's lists as it came, all pages of it, and where in it what is.
 *
 * The bytes are a JSON array of objects and go to clients untouched. Read once, they are looked up by id; a list of matters is searched besides
 * and its matters told to the rules.
 *
 * Invariants: immutable once it was made, but for its count.
 * Ownership: counted; texts are borrowed from it. The bytes have a count of their own, so that an answer that is being sent needs no list. Threads:
 * one makes it; counts are the loop's.
 */
#ifndef RTALP_ALP_LIST_BODY_H
#define RTALP_ALP_LIST_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alp/alp.h"
#include "base/macro.h"
#include "base/str.h"

#define LIST_BODY_MAX ((size_t)64 * 1024 * 1024)

struct list_body;

/* How ALP names what we read: members of its objects, "client.name" being one of an object inside. Of an object where a text is due its "name". */
struct list_words {
	const char *id, *code, *name, *client, *status;
	const char *const *closed; /* values of `status` that mean closed, in any case; NULL-ended */
};

struct shared_bytes {
	unsigned refs;
	size_t len;
	char *p;
};
struct shared_bytes *shared_bytes_ref(struct shared_bytes *b);
struct shared_bytes *shared_bytes_unref(struct shared_bytes *b); /* accepts NULL */

/* What others make of the bytes once, where the list is made, such as an answer with its gzip form; freed with the list. May take a count of the
 * bytes. NULL: nothing. */
struct list_dress {
	void *(*make)(struct shared_bytes *bytes);
	void (*release)(void *dress);
};

/* Takes `bytes` over, also when it fails. -EBADMSG: no JSON array of objects; -E2BIG. Any thread. */
int list_body_new(enum alp_list list, const struct list_words *words, const struct list_dress *dress, char *bytes, size_t len,
    struct list_body **ret_body) _must_check_;
struct list_body *list_body_ref(struct list_body *b);
struct list_body *list_body_unref(struct list_body *b); /* accepts NULL */
DEFINE_POINTER_CLEANUP(struct list_body, list_body_unref, list_body_unrefp)

struct str list_body_bytes(const struct list_body *b);
const char *list_body_digest(const struct list_body *b); /* of these bytes (digest.h) */
void *list_body_dress(const struct list_body *b);
size_t list_body_size(const struct list_body *b); /* memory held, in bytes; what the dress takes is counted as the bytes once more */

size_t list_body_count(const struct list_body *b);
struct str list_body_item(const struct list_body *b, size_t i); /* one object, as it came */
const char *list_body_id(const struct list_body *b, size_t i);  /* "": it has none that is one */
/* -1: no object has that id. */
int64_t list_body_find(const struct list_body *b, const char *id);

struct list_matter {
	const char *code, *name, *client; /* "": it has none */
	bool is_open;
};
/* Of a list of matters. */
const struct list_matter *list_body_matter(const struct list_body *b, size_t i);
/* The likeliest first (matter_search.h); of another list nothing. */
size_t list_body_search(const struct list_body *b, struct str query, uint32_t *ret_found, size_t max);

#endif
