/* SPDX-License-Identifier: Apache-2.0 */
/* docs.h - the page at /docs that shows the contract and tries it out, from files inside the program.
 *
 * The page itself is asked for anew each time; what it is made of has a hash in its address and is kept for ever. It may load from here and
 * from nowhere else, and no other page may frame it.
 *
 * Ownership: as their names say. Threads: the loop's.
 */
#ifndef RTALP_HTTP_DOCS_H
#define RTALP_HTTP_DOCS_H

struct docs;
struct http_request;
struct schema;

struct docs *docs_new(void);
struct docs *docs_free(struct docs *docs); /* accepts NULL, returns NULL */

extern const struct schema schema_docs_path;
void docs_get_page(struct http_request *r);
void docs_get_asset(struct http_request *r);
/* GET /, until there is a page of its own. */
void docs_get_root(struct http_request *r);

#endif
