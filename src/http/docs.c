/* SPDX-License-Identifier: Apache-2.0 */
#include "http/docs.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "http/answer.h"
#include "http/docs_files.h"
#include "http/resources.h"
#include "http/server_internal.h"

#define POLICY                                                                                                         \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "          \
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

enum { P_VERSION, P_FILE };

static const struct field path_fields[] = {
    [P_VERSION] = {.name = "version", .type = FIELD_CHOICE, .required = true, .choices = docs_versions,
	.summary = "a hash over all files"},
    [P_FILE] = {.name = "file", .type = FIELD_CHOICE, .required = true, .choices = docs_names, .summary = "the file"},
};
const struct schema schema_docs_path = {"DocsPath", NULL, path_fields, ELEMENTSOF(path_fields)};

struct docs {
	struct ready_answer *page;
	struct ready_answer *assets[]; /* docs_file_count */
};

static struct ready_answer *
make_answer(const struct docs_file *f, const char *cache_control)
{
	size_t len = (size_t)((uintptr_t)f->end - (uintptr_t)f->bytes);
	size_t gzip_len = (size_t)((uintptr_t)f->gzip_end - (uintptr_t)f->gzip);
	struct ready_answer *a = answer_of_static(200, f->media, f->bytes, len);
	char tag[ETAG_MAX];

	/* The version is a hash over all of them. */
	snprintf(tag, sizeof tag, "\"%s-%s\"", docs_versions[0], f->name);
	answer_set_tag(a, tag);
	if (gzip_len < len)
		answer_set_static_gzip(a, f->gzip, gzip_len);
	answer_add_header(a, "Cache-Control", cache_control);
	answer_add_header(a, "Referrer-Policy", "no-referrer");
	return a;
}

struct docs *
docs_new(void)
{
	struct docs *d = xcalloc(1, sizeof *d + docs_file_count * sizeof d->assets[0]);

	d->page = make_answer(&docs_page, "no-cache");
	answer_add_header(d->page, "Content-Security-Policy", POLICY);
	for (size_t i = 0; i < docs_file_count; i++)
		d->assets[i] = make_answer(&docs_files[i], "public, max-age=31536000, immutable");
	return d;
}

struct docs *
docs_free(struct docs *d)
{
	if (d == NULL)
		return NULL;
	answer_unref(d->page);
	for (size_t i = 0; i < docs_file_count; i++)
		answer_unref(d->assets[i]);
	free(d);
	return NULL;
}

void
docs_get_page(struct http_request *r)
{
	reply_answer(r, r->server->docs->page);
}

void
docs_get_asset(struct http_request *r)
{
	reply_answer(r, r->server->docs->assets[r->params.v[P_FILE].number]);
}

void
docs_get_root(struct http_request *r)
{
	request_add_header(r, "Location", "/docs");
	request_add_header(r, "Cache-Control", "no-cache");
	reply_empty(r, 307);
}
