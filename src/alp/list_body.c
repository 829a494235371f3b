/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/list_body.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alp/json_text.h"
#include "alp/matter_search.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"

struct item {
	size_t at, len;
	const char *id;
};

struct list_body {
	unsigned refs;
	enum alp_list list;
	struct shared_bytes *bytes;
	struct item *items;
	size_t count, capacity;
	uint32_t *by_id;
	struct list_matter *matters;    /* NULL but for matters */
	struct matter_search *search;   /* likewise */
	struct arena *texts;
	size_t text_bytes;
	struct buf text;                /* while it is read */
	const struct list_dress *dress; /* NULL: none */
	void *dressed;
	char digest[DIGEST_HEX_SIZE];
};

/* --- counts ------------------------------------------------------------------------------------------------------------------ */

struct shared_bytes *
shared_bytes_ref(struct shared_bytes *b)
{
	b->refs++;
	return b;
}

struct shared_bytes *
shared_bytes_unref(struct shared_bytes *b)
{
	if (b != NULL && --b->refs == 0) {
		free(b->p);
		free(b);
	}
	return NULL;
}

static struct shared_bytes *
share(char *bytes, size_t len)
{
	struct shared_bytes *b = xcalloc(1, sizeof *b);

	*b = (struct shared_bytes){.refs = 1, .p = bytes, .len = len};
	return b;
}

struct list_body *
list_body_ref(struct list_body *b)
{
	b->refs++;
	return b;
}

struct list_body *
list_body_unref(struct list_body *b)
{
	if (b == NULL || --b->refs > 0)
		return NULL;
	if (b->dressed != NULL)
		b->dress->release(b->dressed);
	shared_bytes_unref(b->bytes);
	matter_search_free(b->search);
	arena_free(b->texts);
	free(b->items);
	free(b->by_id);
	free(b->matters);
	free(b);
	return NULL;
}

/* --- members of an object ------------------------------------------------------------------------------------------------------ */

#define TEXT_MAX ((size_t)64 * 1024) /* of one; a longer one is none */

/* "client.name": the member `name` of the member `client`. */
static bool
member(struct str object, const char *path, struct str *ret_value)
{
	char name[128];
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		if ((size_t)snprintf(name, sizeof name, "%.*s", (int)(dot - path), path) >= sizeof name || !json_text_member(object, name, &object))
			return false;
		path = dot + 1;
	}
	return json_text_member(object, path, ret_value);
}

/* A text, a number as it is written, true or false; of an object its name. Into `to`, which is empty then if it is none of these. */
static void
read_text(struct str object, const char *path, struct buf *to)
{
	struct str value;

	buf_clear(to);
	if (!member(object, path, &value) || (json_text_is_object(value) && !json_text_member(value, "name", &value)))
		return;
	if (str_eq(value, STR("true")) || str_eq(value, STR("false")))
		(void)buf_add_str(to, value);
	else if (json_text_add_string(value, to) < 0)
		buf_clear(to);
}

/* One with a NUL in it ends there. */
static const char *
keep_text(struct list_body *b, struct str object, const char *path)
{
	read_text(object, path, &b->text);
	if (b->text.len == 0 || buf_addc(&b->text, '\0') < 0)
		return "";
	b->text_bytes += strlen(b->text.p) + 1;
	return arena_text(b->texts, b->text.p);
}

static const char *
keep_id(struct list_body *b, struct str object, const char *path)
{
	struct str value;

	if (!member(object, path, &value) || json_text_is_object(value))
		return "";
	read_text(object, path, &b->text);
	return b->text.len < ALP_ID_MAX ? keep_text(b, object, path) : "";
}

static bool
is_closed(struct list_body *b, struct str object, const struct list_words *words)
{
	read_text(object, words->status, &b->text);
	for (const char *const *w = words->closed; w != NULL && *w != NULL; w++)
		if (strlen(*w) == b->text.len && strncasecmp(*w, b->text.p, b->text.len) == 0)
			return true;
	return false;
}

static void
take_matter(struct list_body *b, struct str object, const struct list_words *words)
{
	struct list_matter m = {
	    .code = keep_text(b, object, words->code),
	    .name = keep_text(b, object, words->name),
	    .client = keep_text(b, object, words->client),
	    .is_open = !is_closed(b, object, words),
	};

	b->matters[b->count] = m;
	matter_search_add(b->search, m.code, m.name, m.client, m.is_open);
}

static void
take_item(struct list_body *b, struct str object, const struct list_words *words)
{
	if (b->count == b->capacity) {
		b->capacity = MAX_OF(b->capacity * 2, (size_t)64);
		b->items = xreallocarray(b->items, b->capacity, sizeof *b->items);
		if (b->search != NULL)
			b->matters = xreallocarray(b->matters, b->capacity, sizeof *b->matters);
	}
	b->items[b->count] = (struct item){.at = (size_t)(object.p - b->bytes->p), .len = object.len, .id = keep_id(b, object, words->id)};
	if (b->search != NULL)
		take_matter(b, object, words);
	b->count++;
}

static int
read_body(struct list_body *b, const struct list_words *words)
{
	struct str rest = {b->bytes->p, b->bytes->len}, item;

	if (json_text_check(rest) < 0 || !json_text_is_array(json_text_trim(rest)))
		return -EBADMSG;
	rest = json_text_trim(rest);
	while (json_text_next(&rest, &item)) {
		if (!json_text_is_object(item))
			return -EBADMSG;
		take_item(b, item, words);
	}
	return 0;
}

static int
by_id(const void *x, const void *y, void *items)
{
	const struct item *i = items;
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
	int c = strcmp(i[a].id, i[b].id);

	return c != 0 ? c : a < b ? -1 : a > b;
}

static void
sort_ids(struct list_body *b)
{
	b->by_id = xcalloc(b->count + 1, sizeof *b->by_id);
	for (size_t i = 0; i < b->count; i++)
		b->by_id[i] = (uint32_t)i;
	qsort_r(b->by_id, b->count, sizeof *b->by_id, by_id, b->items);
}

int
list_body_new(enum alp_list list, const struct list_words *words, const struct list_dress *dress, char *bytes, size_t len, struct list_body **ret_body)
{
	_cleanup_(list_body_unrefp) struct list_body *b = xcalloc(1, sizeof *b);
	int r;

	*b = (struct list_body){.refs = 1, .list = list, .dress = dress, .bytes = share(bytes, len), .texts = arena_new(), .text = BUF_INIT(TEXT_MAX)};
	if (len > LIST_BODY_MAX)
		return -E2BIG;
	if (list == ALP_MATTERS)
		b->search = matter_search_new();
	r = read_body(b, words);
	buf_release(&b->text);
	if (r < 0)
		return r;
	sort_ids(b);
	digest_hex(list_body_bytes(b), b->digest);
	if (dress != NULL)
		b->dressed = dress->make(b->bytes);
	*ret_body = TAKE_PTR(b);
	return 0;
}

/* --- looking ------------------------------------------------------------------------------------------------------------------ */

struct str
list_body_bytes(const struct list_body *b)
{
	return (struct str){b->bytes->p, b->bytes->len};
}

const char *
list_body_digest(const struct list_body *b)
{
	return b->digest;
}

void *
list_body_dress(const struct list_body *b)
{
	return b->dressed;
}

size_t
list_body_size(const struct list_body *b)
{
	return sizeof *b + b->bytes->len * (b->dressed != NULL ? 2 : 1) + b->capacity * (sizeof *b->items + (b->matters != NULL ? sizeof *b->matters : 0)) +
	    b->count * sizeof *b->by_id + b->text_bytes + (b->search != NULL ? matter_search_size(b->search) : 0);
}

size_t
list_body_count(const struct list_body *b)
{
	return b->count;
}

struct str
list_body_item(const struct list_body *b, size_t i)
{
	return (struct str){b->bytes->p + b->items[i].at, b->items[i].len};
}

const char *
list_body_id(const struct list_body *b, size_t i)
{
	return b->items[i].id;
}

int64_t
list_body_find(const struct list_body *b, const char *id)
{
	size_t low = 0, high = b->count;

	if (id[0] == '\0')
		return -1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(b->items[b->by_id[middle]].id, id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < b->count && strcmp(b->items[b->by_id[low]].id, id) == 0 ? (int64_t)b->by_id[low] : -1;
}

const struct list_matter *
list_body_matter(const struct list_body *b, size_t i)
{
	return &b->matters[i];
}

size_t
list_body_search(const struct list_body *b, struct str query, uint32_t *ret_found, size_t max)
{
	return b->search != NULL ? matter_search(b->search, query, ret_found, max) : 0;
}
