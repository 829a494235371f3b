/* SPDX-License-Identifier: Apache-2.0 */
#include "store/matter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/fold.h"
#include "store/words.h"

void
matter_row_release(struct matter_row *row)
{
	free(row->code);
	free(row->name);
	free(row->client);
	for (size_t i = 0; i < row->alias_count; i++)
		free(row->aliases[i]);
	free(row->aliases);
	*row = (struct matter_row){0};
}

void
matter_page_release(struct matter_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		matter_row_release(&page->rows[i]);
	free(page->rows);
	*page = (struct matter_page){0};
}

struct matter_row *
matter_page_add(struct matter_page *page)
{
	page->rows = array_grow(page->rows, page->count, sizeof *page->rows);
	page->rows[page->count] = (struct matter_row){.is_open = true};
	return &page->rows[page->count++];
}

int
txn_matter_listing(struct txn *txn, struct matter_import *ret_listing)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_LISTING_GET);
	int r = query_one(&q);

	*ret_listing = (struct matter_import){0};
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ret_listing->listing = column_i64(&q);
	column_text_into(&q, ret_listing->version, sizeof ret_listing->version);
	ret_listing->matters = column_i64(&q);
	ret_listing->changed_ms = column_i64(&q);
	ret_listing->of_alp = column_i64(&q) != 0;
	return 0;
}

/* --- replacing ------------------------------------------------------------------------------------------------------------ */

static int
put_row(struct txn *txn, const struct matter_row *row, int64_t listing, int64_t now_ms)
{
	_cleanup_free_ char *key = words_key(row->client);
	_query_ struct query q = query_begin(txn, ST_MATTER_PUT);
	int r;

	bind_text(&q, row->code);
	bind_text(&q, row->name);
	bind_text(&q, row->client);
	bind_text(&q, key);
	bind_i64(&q, row->is_open);
	bind_i64(&q, listing);
	bind_i64(&q, now_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
add_alias(struct txn *txn, const char *code, const char *alias)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_ALIAS_ADD);
	int r;

	bind_text(&q, code);
	bind_text(&q, alias);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
delete_aliases(struct txn *txn)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_ALIAS_DELETE_ALL);
	int r = query_run(&q);

	return r < 0 ? r : 0;
}

static int
delete_unlisted(struct txn *txn, int64_t listing)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_DELETE_UNLISTED);
	int r;

	bind_i64(&q, listing);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static int
put_listing(struct txn *txn, const struct matter_import *listing)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_LISTING_PUT);
	int r;

	bind_i64(&q, listing->listing);
	bind_text(&q, listing->version);
	bind_i64(&q, listing->matters);
	bind_i64(&q, listing->changed_ms);
	bind_i64(&q, listing->of_alp);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_matters_replace(struct txn *txn, const struct matter_page *page, const char *version, bool of_alp, int64_t now_ms,
    struct matter_import *ret_listing)
{
	struct matter_import listing;
	int r = txn_matter_listing(txn, &listing);

	if (r == 0)
		r = delete_aliases(txn);
	if (r < 0)
		return r;
	listing.listing++;
	listing.matters = (int64_t)page->count;
	listing.changed_ms = now_ms;
	listing.of_alp = of_alp;
	(void)snprintf(listing.version, sizeof listing.version, "%s", version);
	for (size_t i = 0; i < page->count; i++) {
		const struct matter_row *row = &page->rows[i];

		r = put_row(txn, row, listing.listing, now_ms);
		for (size_t k = 0; k < row->alias_count && r == 0; k++)
			r = add_alias(txn, row->code, row->aliases[k]);
		if (r < 0)
			return r;
	}
	r = delete_unlisted(txn, listing.listing);
	if (r == 0)
		r = put_listing(txn, &listing);
	if (r == 0)
		*ret_listing = listing;
	return r;
}

/* --- reading -------------------------------------------------------------------------------------------------------------- */

static int
load_aliases(struct txn *txn, struct matter_row *row)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_ALIASES);
	int r;

	bind_text(&q, row->code);
	while ((r = query_step(&q)) > 0) {
		row->aliases = array_grow(row->aliases, row->alias_count, sizeof *row->aliases);
		row->aliases[row->alias_count++] = column_text(&q);
	}
	return r;
}

static int
load_rows(struct query *q, struct matter_page *page)
{
	int r;

	while ((r = query_step(q)) > 0) {
		struct matter_row *row = matter_page_add(page);

		row->code = column_text(q);
		row->name = column_text(q);
		row->client = column_text(q);
		row->is_open = column_bool(q);
		row->updated_ms = column_i64(q);
	}
	return r;
}

int
txn_matters_page(struct txn *txn, const char *after_code, const char *text, int64_t limit, struct matter_page *ret_page)
{
	_cleanup_free_ char *part = text != NULL ? text_fold(text) : NULL;
	_cleanup_(matter_page_release) struct matter_page page = {0};
	int r = 0;

	{
		_query_ struct query q = query_begin(txn, part != NULL ? ST_MATTER_SEARCH : ST_MATTER_LIST);

		bind_text(&q, after_code);
		if (part != NULL)
			bind_text(&q, part);
		bind_i64(&q, limit > 0 ? limit : -1);
		r = load_rows(&q, &page);
	}
	for (size_t i = 0; i < page.count && r == 0; i++)
		r = load_aliases(txn, &page.rows[i]);
	if (r < 0)
		return r;
	*ret_page = page;
	page = (struct matter_page){0};
	return 0;
}

int
txn_client_known(struct txn *txn, const char *key)
{
	_query_ struct query q = query_begin(txn, ST_CLIENT_KNOWN);

	bind_text(&q, key);
	return query_step(&q);
}

int
txn_matter_open(struct txn *txn, const char *name)
{
	_query_ struct query q = query_begin(txn, ST_MATTER_OPEN);
	int r;

	bind_text(&q, name);
	r = query_step(&q);
	return r > 0 ? column_bool(&q) : r;
}
