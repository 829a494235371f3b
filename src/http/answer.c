/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"

#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "http/coding.h"

#define HEADERS_MAX 8

struct form {
	const char *bytes;
	size_t len;
	char *owned; /* NULL: the bytes are static */
	char tag[ANSWER_TAG_MAX]; /* empty: none */
};

struct ready_answer {
	unsigned refs;
	int status;
	char *content_type;
	struct {
		const char *name;
		char *value;
	} headers[HEADERS_MAX];
	size_t header_count;
	struct form plain, gzip; /* gzip.bytes NULL: there is no such form */
	bool pack_tried;
	void (*release)(void *arg); /* of shared bytes; else NULL */
	void *release_arg;
};

static struct ready_answer *
make(int status, const char *content_type, struct form plain)
{
	struct ready_answer *a = xcalloc(1, sizeof *a);

	a->refs = 1;
	a->status = status;
	a->content_type = content_type != NULL ? xstrdup(content_type) : NULL;
	a->plain = plain;
	return a;
}

struct ready_answer *
answer_new(int status, const char *content_type, char *bytes, size_t len)
{
	return make(status, content_type, (struct form){.bytes = bytes, .len = len, .owned = bytes});
}

struct ready_answer *
answer_of_static(int status, const char *content_type, const void *bytes, size_t len)
{
	return make(status, content_type, (struct form){.bytes = bytes, .len = len});
}

struct ready_answer *
answer_of_shared(int status, const char *content_type, const char *bytes, size_t len, void (*release)(void *arg), void *arg)
{
	struct ready_answer *a = make(status, content_type, (struct form){.bytes = bytes, .len = len});

	a->release = release;
	a->release_arg = arg;
	return a;
}

bool
answer_is_shared(const struct ready_answer *a)
{
	return a->release != NULL;
}

static void
tag_gzip(struct ready_answer *a)
{
	size_t len = strlen(a->plain.tag);

	if (len >= 2)
		snprintf(a->gzip.tag, sizeof a->gzip.tag, "%.*s-gz\"", (int)len - 1, a->plain.tag);
}

void
answer_set_static_gzip(struct ready_answer *a, const void *bytes, size_t len)
{
	a->gzip = (struct form){.bytes = bytes, .len = len};
	a->pack_tried = true;
	tag_gzip(a);
}

void
answer_add_header(struct ready_answer *a, const char *name, const char *value)
{
	if (a->header_count == HEADERS_MAX)
		abort(); /* a caller's mistake, found by whatever test first sends it */
	a->headers[a->header_count].name = name;
	a->headers[a->header_count++].value = xstrdup(value);
}

void
answer_set_tag(struct ready_answer *a, const char *tag)
{
	snprintf(a->plain.tag, sizeof a->plain.tag, "%s", tag);
	tag_gzip(a);
}

void
answer_tag_bytes(struct ready_answer *a)
{
	char tag[ETAG_MAX];

	etag_bytes((struct str){a->plain.bytes, a->plain.len}, tag);
	answer_set_tag(a, tag);
}

bool
answer_pack(struct ready_answer *a)
{
	if (!a->pack_tried) {
		a->gzip.owned = coding_gzip((struct str){a->plain.bytes, a->plain.len}, &a->gzip.len);
		a->gzip.bytes = a->gzip.owned;
	}
	a->pack_tried = true;
	return a->gzip.bytes != NULL;
}

struct ready_answer *
answer_ref(struct ready_answer *a)
{
	a->refs++;
	return a;
}

struct ready_answer *
answer_unref(struct ready_answer *a)
{
	if (a == NULL || --a->refs > 0)
		return NULL;
	for (size_t i = 0; i < a->header_count; i++)
		free(a->headers[i].value);
	free(a->plain.owned);
	free(a->gzip.owned);
	free(a->content_type);
	if (a->release != NULL)
		a->release(a->release_arg);
	free(a);
	return NULL;
}

int
answer_status(const struct ready_answer *a)
{
	return a->status;
}

const char *
answer_content_type(const struct ready_answer *a)
{
	return a->content_type;
}

static const struct form *
form_of(const struct ready_answer *a, bool gzip)
{
	return gzip ? &a->gzip : &a->plain;
}

size_t
answer_length(const struct ready_answer *a, bool gzip)
{
	return form_of(a, gzip)->len;
}

bool
answer_packs(const struct ready_answer *a)
{
	return a->gzip.bytes != NULL || a->plain.len >= GZIP_MIN_BYTES;
}

bool
answer_is_packed(const struct ready_answer *a)
{
	return a->gzip.bytes != NULL;
}

bool
answer_pack_tried(const struct ready_answer *a)
{
	return a->pack_tried;
}

const char *
answer_tag(const struct ready_answer *a, bool gzip)
{
	return a->plain.tag[0] != '\0' ? form_of(a, gzip)->tag : NULL;
}

const char *
answer_tag_named(const struct ready_answer *a, struct str if_none_match, bool gzip)
{
	if (a->plain.tag[0] == '\0')
		return NULL;
	if (etag_none_match(if_none_match, form_of(a, gzip)->tag))
		return form_of(a, gzip)->tag;
	return etag_none_match(if_none_match, form_of(a, !gzip)->tag) ? form_of(a, !gzip)->tag : NULL;
}

const char *
answer_header(const struct ready_answer *a, size_t i, const char **ret_value)
{
	if (i >= a->header_count)
		return NULL;
	*ret_value = a->headers[i].value;
	return a->headers[i].name;
}

size_t
answer_size(const struct ready_answer *a)
{
	size_t size = sizeof *a + (a->plain.owned != NULL ? a->plain.len : 0) + (a->gzip.owned != NULL ? a->gzip.len : 0);

	for (size_t i = 0; i < a->header_count; i++)
		size += strlen(a->headers[i].value) + 1;
	return size;
}

static void
on_sent(const void *bytes, size_t len, void *answer)
{
	(void)bytes;
	(void)len;
	answer_unref(answer);
}

void
answer_append(struct ready_answer *a, bool gzip, struct evbuffer *out)
{
	const struct form *f = form_of(a, gzip);

	if (f->len > 0 && evbuffer_add_reference(out, f->bytes, f->len, on_sent, answer_ref(a)) < 0)
		answer_unref(a);
}
