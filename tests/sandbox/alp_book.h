/* SPDX-License-Identifier: Apache-2.0 */
/* alp_book.h - the time entries that this ALP holds: the truth against which a client's is measured.
 *
 * Nothing is ever taken out of it: what is deleted stays with that status. Ids go up from ALP_FIRST_ENTRY. Ownership: the book owns its
 * entries; pointers are good as long as it is.
 */
#ifndef SANDBOX_ALP_BOOK_H
#define SANDBOX_ALP_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alp_config.h"
#include "buf.h"

#define ALP_FIRST_ENTRY 500001
#define ALP_KEY_MAX 256

enum alp_status { ALP_OPEN, ALP_INVOICED, ALP_WRITTEN_OFF, ALP_DELETED, ALP_STATUSES };

/* What came in a request. */
struct alp_post {
	int64_t component, user, units, rate, billable_type, gst_type;
	int32_t date;
	char *description, *notes, *reference; /* "" where there was none */
	char key[ALP_KEY_MAX];                 /* Idempotency-Key; "": none */
};
void alp_post_release(struct alp_post *post);

struct alp_held {
	int64_t id;
	struct alp_post as;    /* with what ALP made of it: units may have been rounded */
	enum alp_status status;
	int64_t wall_ms;       /* when it was asked for */
	int64_t exists_ms;     /* monotonic: made later than asked for */
	int64_t listed_ms;     /* monotonic: listed later than made */
	unsigned asked;        /* posts that came with its key */
};

struct alp_book;

struct alp_book *alp_book_new(void);
struct alp_book *alp_book_free(struct alp_book *book);
void alp_book_clear(struct alp_book *book);

/* Takes the texts of `post` over. */
struct alp_held *alp_book_add(struct alp_book *book, struct alp_post *post, int64_t exists_ms, int64_t listed_ms);

size_t alp_book_count(const struct alp_book *book);
struct alp_held *alp_book_at(struct alp_book *book, size_t i);
struct alp_held *alp_book_find(struct alp_book *book, int64_t id); /* or NULL */
struct alp_held *alp_book_of_key(struct alp_book *book, const char *key); /* the first of that key, or NULL */

const char *alp_status_name(enum alp_status status);
int alp_status_parse(const char *name, enum alp_status *ret); /* -EINVAL */

/* The entry as ALP tells it, by the names of the configuration. */
void alp_held_write(const struct alp_held *held, const struct alp_config *c, struct buf *out);

#endif
