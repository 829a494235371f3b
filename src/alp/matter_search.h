/* SPDX-License-Identifier: Apache-2.0 */
/* matter_search.h - finds matters by what people type: code, name and client, in any case, with or without accents, the likeliest first.
 *
 *     b = matter_search_new();  matter_search_add(b, code, name, client, is_open) ...;
 *     n = matter_search(b, STR("smith lea"), found, 100);
 *
 * All words of the query must be there. In this order: the code itself; codes that begin so; names that begin so; all words at beginnings of
 * words; all words somewhere. Of equals open matters go before closed ones, then whoever was added first. A letter or digit alone counts at
 * beginnings of words only.
 *
 * One pass over 32 bytes a matter leaves out nearly all that do not match; only the rest is read.
 *
 * Ownership: texts are copied. Threads: one builds it; then immutable, any number of readers.
 */
#ifndef RTALP_ALP_MATTER_SEARCH_H
#define RTALP_ALP_MATTER_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

#define MATTER_QUERY_MAX   ((size_t)512) /* bytes looked at, once folded */
#define MATTER_QUERY_WORDS ((size_t)8)   /* of it; further ones are not looked at */
#define MATTER_FIELD_MAX   ((size_t)1024) /* bytes of a field that are searched */

struct matter_search;

struct matter_search *matter_search_new(void);
struct matter_search *matter_search_free(struct matter_search *s); /* accepts NULL */
DEFINE_POINTER_CLEANUP(struct matter_search, matter_search_free, matter_search_freep)
void matter_search_add(struct matter_search *s, const char *code, const char *name, const char *client, bool is_open);
/* At most `max` numbers of matters, as they were added from 0 on, the likeliest first. A query without words finds nothing. */
size_t matter_search(const struct matter_search *s, struct str query, uint32_t *ret_found, size_t max);
size_t matter_search_size(const struct matter_search *s); /* memory held, in bytes */

#endif
