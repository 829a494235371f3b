/* SPDX-License-Identifier: Apache-2.0 */
/* matter.h - the firm's matters, inside a transaction: a list that is replaced as a whole, and read by page.
 *
 * What process workers get is the flat form of the same list (proto/matter_list.h); its version stands beside the tables and tells whether an
 * import changed anything. A matter keeps its updated_ms through an import that says nothing new of it.
 *
 * Ownership: matter_page_release() accepts a zeroed one. Threads: the store's.
 */
#ifndef RTALP_STORE_MATTER_H
#define RTALP_STORE_MATTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

struct matter_row {
	char *code, *name, *client; /* name and client may be empty */
	char **aliases;
	size_t alias_count;
	bool is_open;
	int64_t updated_ms;
};

struct matter_page {
	struct matter_row *rows;
	size_t count;
};
void matter_row_release(struct matter_row *row);
void matter_page_release(struct matter_page *page);

/* Adds a row that the caller fills. */
struct matter_row *matter_page_add(struct matter_page *page);
struct matter_import {
	int64_t listing;     /* 0: no list was ever imported */
	char version[64];
	int64_t matters;
	int64_t changed_ms;
	bool of_alp;         /* ALP's list, or imported by somebody */
};
/* Zeroed if there never was one. */
int txn_matter_listing(struct txn *txn, struct matter_import *ret_listing);
/* Puts the list in the place of whatever there was. */
int txn_matters_replace(struct txn *txn, const struct matter_page *page, const char *version, bool of_alp, int64_t now_ms,
    struct matter_import *ret_listing);

/* Matters by code, after that one; "" is before the first. text: NULL, or a part of code, name or client, in any case. limit 0: all. */
int txn_matters_page(struct txn *txn, const char *after_code, const char *text, int64_t limit, struct matter_page *ret_page);

/* Does a client of the list have these words (words.h)? 1: one does; 0: none. */
int txn_client_known(struct txn *txn, const char *key);
/* The matter that goes by that code or alias, in any case: 1: is open; 0: is closed, or there is none. */
int txn_matter_open(struct txn *txn, const char *name);

#endif
