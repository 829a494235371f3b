/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_book.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "calendar.h"
#include "clock.h"
#include "render.h"

/* A power of two; chains of entries by their key. */
#define BUCKETS 16384

struct slot {
	struct alp_held held;
	struct slot *next; /* of the same bucket, newer first */
};

struct alp_book {
	struct slot **slots;
	size_t count, cap;
	struct slot *buckets[BUCKETS];
};

static const char *const status_names[ALP_STATUSES] = { "open", "invoiced", "written_off", "deleted" };

void
alp_post_release(struct alp_post *post)
{
	free(post->description);
	free(post->notes);
	free(post->reference);
	*post = (struct alp_post){ .component = 0 };
}

struct alp_book *
alp_book_new(void)
{
	return xcalloc(1, sizeof(struct alp_book));
}

void
alp_book_clear(struct alp_book *book)
{
	size_t i;

	for (i = 0; i < book->count; i++) {
		alp_post_release(&book->slots[i]->held.as);
		free(book->slots[i]);
	}
	book->count = 0;
	memset(book->buckets, 0, sizeof(book->buckets));
}

struct alp_book *
alp_book_free(struct alp_book *book)
{
	if (!book)
		return NULL;
	alp_book_clear(book);
	free(book->slots);
	free(book);
	return NULL;
}

static size_t
bucket_of(const char *key)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *key; key++)
		h = (h ^ (unsigned char)*key) * UINT64_C(1099511628211);
	return (size_t)(h ^ h >> 32) & (BUCKETS - 1);
}

struct alp_held *
alp_book_add(struct alp_book *book, struct alp_post *post, int64_t exists_ms, int64_t listed_ms)
{
	struct slot *s = xcalloc(1, sizeof(*s)), **bucket = &book->buckets[bucket_of(post->key)];

	s->held = (struct alp_held){ .id = ALP_FIRST_ENTRY + (int64_t)book->count, .as = *post, .wall_ms = clock_wall_ms(),
		.exists_ms = exists_ms, .listed_ms = listed_ms, .asked = 1 };
	*post = (struct alp_post){ .component = 0 };
	s->next = *bucket;
	*bucket = s;
	book->slots = xgrow(book->slots, &book->cap, book->count, sizeof(*book->slots));
	book->slots[book->count++] = s;
	return &s->held;
}

size_t
alp_book_count(const struct alp_book *book)
{
	return book->count;
}

struct alp_held *
alp_book_at(struct alp_book *book, size_t i)
{
	return &book->slots[i]->held;
}

struct alp_held *
alp_book_find(struct alp_book *book, int64_t id)
{
	return id >= ALP_FIRST_ENTRY && id - ALP_FIRST_ENTRY < (int64_t)book->count ? alp_book_at(book, (size_t)(id - ALP_FIRST_ENTRY)) : NULL;
}

struct alp_held *
alp_book_of_key(struct alp_book *book, const char *key)
{
	struct alp_held *found = NULL;
	struct slot *s;

	for (s = *key ? book->buckets[bucket_of(key)] : NULL; s; s = s->next)
		if (strcmp(s->held.as.key, key) == 0)
			found = &s->held;
	return found;
}

const char *
alp_status_name(enum alp_status status)
{
	return status_names[status];
}

int
alp_status_parse(const char *name, enum alp_status *ret)
{
	int i;

	for (i = 0; i < ALP_STATUSES; i++) {
		if (strcmp(status_names[i], name) == 0) {
			*ret = (enum alp_status)i;
			return 0;
		}
	}
	return -EINVAL;
}

static void
write_text(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, ",\"%s\":", name);
	render_json_text(out, text_of(value), ESCAPE_RAILS, false);
}

void
alp_held_write(const struct alp_held *held, const struct alp_config *c, struct buf *out)
{
	const struct alp_post *p = &held->as;
	const char *quote = c->text_ids ? "\"" : "";
	char date[DATE_LEN + 1];

	date_format(p->date, date);
	buf_printf(out, "{\"%s\":%s%" PRId64 "%s,\"discriminator\":\"MatterComponentTimeEntry\"", c->id, quote, held->id, quote);
	buf_printf(out, ",\"matter_component_id\":%" PRId64 ",\"matter_id\":%" PRId64 ",\"user_id\":%" PRId64 ",\"date\":\"%s\"", p->component,
	           p->component / 100, p->user, date);
	buf_printf(out, ",\"units\":%" PRId64 ",\"rate\":%" PRId64 ",\"billable_type\":%" PRId64 ",\"gst_type\":%" PRId64, p->units, p->rate,
	           p->billable_type, p->gst_type);
	write_text(out, "description", p->description);
	write_text(out, "notes", p->notes);
	if (*c->reference)
		write_text(out, c->reference, p->reference);
	write_text(out, c->status, status_names[held->status]);
	/* Of no meaning to anybody: a client hands it on untouched. */
	buf_printf(out, ",\"x_amount\":%" PRId64 ".50,\"x_created\":%" PRId64 "}", p->units * p->rate / 10, held->wall_ms);
}
