/* SPDX-License-Identifier: Apache-2.0 */
/* alp_page.c - the pages of a list: where the next one is, and whether together they are a list that held still while it was read. */
#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alp/alp_internal.h"
#include "alp/json_text.h"
#include "base/alloc.h"
#include "base/hash.h"

#define ID_MAX ((size_t)256)

void
alp_pages_init(struct alp_pages *pages, const struct alp_options *options, size_t max_bytes)
{
	*pages = (struct alp_pages){.options = options, .items = BUF_INIT(max_bytes)};
	buf_addc(&pages->items, '[');
}

void
alp_pages_release(struct alp_pages *pages)
{
	buf_release(&pages->items);
	free(pages->ids);
	*pages = (struct alp_pages){0};
}

/* --- what came ------------------------------------------------------------------------------------------------------------------ */

/* Whatever else is told of the list lies around it. */
static bool
find_list(const struct alp_options *options, struct str body, struct str *ret_list)
{
	if (options->items_field[0] == '\0')
		*ret_list = body;
	else if (!json_text_member(body, options->items_field, ret_list))
		return false;
	return json_text_is_array(*ret_list);
}

static void
note_id(struct alp_pages *pages, struct str item)
{
	_cleanup_(buf_release) struct buf id = BUF_INIT(ID_MAX);
	struct str value;

	if (!json_text_member(item, pages->options->id_field, &value) || json_text_add_string(value, &id) < 0)
		return;
	if ((pages->id_count & (pages->id_count - 1)) == 0)
		pages->ids = xreallocarray(pages->ids, MAX_OF(pages->id_count * 2, (size_t)1), sizeof *pages->ids);
	pages->ids[pages->id_count++] = hash_of(buf_str(&id));
}

static void
add_item(struct alp_pages *pages, struct str item)
{
	if (pages->item_count++ > 0)
		buf_addc(&pages->items, ',');
	buf_add_str(&pages->items, item);
	note_id(pages, item);
}

static int
add_items(struct alp_pages *pages, struct str list, size_t *ret_count)
{
	struct str item;
	size_t count = 0;

	for (; json_text_next(&list, &item); count++) {
		if (!json_text_is_object(item))
			return -EBADMSG;
		add_item(pages, item);
	}
	*ret_count = count;
	return pages->items.error;
}

int
alp_pages_add(struct alp_pages *pages, const struct web_answer *page, size_t *ret_count)
{
	struct str body = buf_str(&page->body), list;
	uint64_t hash;
	size_t count = 0;
	int r;

	if (json_text_check(body) < 0 || !find_list(pages->options, body, &list))
		return -EBADMSG;
	r = add_items(pages, list, &count);
	if (r < 0)
		return r;
	if (pages->page_count == 0) {
		memcpy(pages->etag, page->etag, sizeof pages->etag);
		pages->more_hinted = page->link_next != NULL;
	}
	hash = hash_of(list);
	if (count > 0 && pages->page_count > 0 && hash == pages->last_page)
		pages->contradicts = true;
	pages->last_page = hash;
	pages->page_count++;
	pages->full_pages += count > 0;
	*ret_count = count;
	return 0;
}

/* --- where the next one is -------------------------------------------------------------------------------------------------------- */

static void
add_parameter(struct buf *url, const char *name, int64_t number)
{
	if (name[0] != '\0')
		buf_addf(url, "%c%s=%lld", memchr(url->p, '?', url->len) != NULL ? '&' : '?', name, (long long)number);
}

static char *
numbered_url(const struct alp_pages *pages, const char *url)
{
	const struct alp_options *o = pages->options;
	struct buf b = BUF_INIT(ALP_URL_MAX);

	buf_addz(&b, url);
	if (o->page_size > 0 && o->paging != ALP_PAGING_NONE)
		add_parameter(&b, o->size_parameter, o->page_size);
	if (o->paging == ALP_PAGING_PAGE)
		add_parameter(&b, o->page_parameter, o->first_page + (int64_t)pages->page_count);
	else if (o->paging == ALP_PAGING_OFFSET)
		add_parameter(&b, o->offset_parameter, (int64_t)pages->item_count);
	return buf_take(&b, NULL);
}

char *
alp_pages_first_url(const struct alp_pages *pages, const char *url)
{
	return numbered_url(pages, url);
}

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part)
{
	char *x = NULL, *y = NULL;
	bool same = curl_url_get(a, part, &x, CURLU_DEFAULT_PORT) == CURLUE_OK &&
	    curl_url_get(b, part, &y, CURLU_DEFAULT_PORT) == CURLUE_OK && strcasecmp(x, y) == 0;

	curl_free(x);
	curl_free(y);
	return same;
}

/* The key goes there, too. */
static int
resolve_link(const char *current, const char *link, char **ret_url)
{
	CURLU *from = curl_url(), *to = curl_url();
	char *url = NULL;
	int r = -EPROTO;

	if (from != NULL && to != NULL && curl_url_set(from, CURLUPART_URL, current, 0) == CURLUE_OK &&
	    curl_url_set(to, CURLUPART_URL, current, 0) == CURLUE_OK &&
	    curl_url_set(to, CURLUPART_URL, link, CURLU_URLENCODE) == CURLUE_OK && same_part(from, to, CURLUPART_SCHEME) &&
	    same_part(from, to, CURLUPART_HOST) && same_part(from, to, CURLUPART_PORT) &&
	    curl_url_get(to, CURLUPART_URL, &url, 0) == CURLUE_OK && strlen(url) < ALP_URL_MAX && strcmp(url, current) != 0) {
		*ret_url = xstrdup(url);
		r = 1;
	}
	curl_free(url);
	curl_url_cleanup(from);
	curl_url_cleanup(to);
	return r;
}

int
alp_pages_next(const struct alp_pages *pages, const char *url, const char *current, const char *link_next, size_t last_count, char **ret_url)
{
	switch (pages->options->paging) {
	case ALP_PAGING_NONE:
		/* It says itself that this is not all. */
		return link_next != NULL ? -EPROTO : 0;
	case ALP_PAGING_LINK:
		return link_next != NULL ? resolve_link(current, link_next, ret_url) : 0;
	case ALP_PAGING_PAGE:
	case ALP_PAGING_OFFSET:
		/* A page may be shorter than asked for without being the last: only an empty one is. */
		if (last_count == 0)
			return 0;
		*ret_url = numbered_url(pages, url);
		return 1;
	}
	return -EPROTO;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

void
alp_pages_close(struct alp_pages *pages)
{
	buf_addc(&pages->items, ']');
	if (pages->id_count > 0)
		qsort(pages->ids, pages->id_count, sizeof *pages->ids, compare_ids);
	for (size_t i = 1; i < pages->id_count; i++)
		if (pages->ids[i] == pages->ids[i - 1])
			pages->contradicts = true;
}

bool
alp_pages_same_ids(const struct alp_pages *a, const struct alp_pages *b)
{
	return a->item_count == b->item_count && a->id_count == b->id_count &&
	    (a->id_count == 0 || memcmp(a->ids, b->ids, a->id_count * sizeof *a->ids) == 0);
}

/* A full page stays the same when another one comes behind it. Without knowing what a page holds, a number that pages are likely to have is
 * taken for a full one. */
bool
alp_pages_etag_holds(const struct alp_pages *pages)
{
	const struct alp_options *o = pages->options;

	if (pages->etag[0] == '\0' || pages->full_pages > 1 || pages->more_hinted)
		return false;
	if (o->paging == ALP_PAGING_NONE)
		return true;
	if (o->page_size > 0 && pages->item_count >= (size_t)o->page_size)
		return false;
	return pages->item_count % 10 != 0 && pages->item_count % 8 != 0 && pages->item_count % 25 != 0;
}
