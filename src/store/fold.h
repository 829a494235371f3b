/* SPDX-License-Identifier: Apache-2.0 */
/* fold.h - text compared without regard to case, in every script, for the statements of this directory. Threads: any. */
#ifndef RTALP_STORE_FOLD_H
#define RTALP_STORE_FOLD_H

#include "store/sqlite.h"

/* The form in which two spellings that differ in case only are the same bytes. The caller frees. Accepts any bytes. */
char *text_fold(const char *text);
/* Gives the connection text_contains(folded part, text, ...): is the part in any of the texts? Null texts contain nothing. */
int text_fold_register(struct txn *txn);

#endif
