/* SPDX-License-Identifier: Apache-2.0 */
/* learn.h - what is remembered of a confirmation, for later suggestions to the same person (suggest.h).
 *
 * By what the machine called the work, not the person: later work is looked up by what the machine calls it.
 *
 * Threads: the store's.
 */
#ifndef RTALP_APP_LEARN_H
#define RTALP_APP_LEARN_H

#include "store/entry.h"
#include "store/store.h"

#define CLIENT_WORDS_MAX 8 /* of longer names the title is not searched */
#define LESSONS_MAX      20000 /* of one user; the oldest go */

/* In the transaction that confirms, once it is sure to: what the entry taught before is taken back, and it teaches its matter, if it has one. */
int txn_learn(struct txn *txn, const struct entry_row *entry);
/* In the one that takes the confirmation back. */
int txn_unlearn(struct txn *txn, const struct entry_row *entry);

/* What is the same for all versions of a document: its title's words without those that have digits (codes, dates, versions), and without the words
 * that belong to such ones ("version 3", "12 March"). "" if nothing is left. The caller frees. */
char *learn_document_words(const char *title);

#endif
