/* SPDX-License-Identifier: Apache-2.0 */
/* posting_row.h - a row of `postings` as the engine gives it, for the files that read them. Threads: the store's. */
#ifndef RTALP_STORE_POSTING_ROW_H
#define RTALP_STORE_POSTING_ROW_H

#include "store/posting.h"
#include "store/sqlite.h"

/* By POSTING_COLUMNS, from the next column on. */
void posting_read(struct query *q, struct posting_row *p);

#endif
