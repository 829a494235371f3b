/* SPDX-License-Identifier: Apache-2.0 */
/* learned.h - what a person's confirmations teach for suggestions to that person, inside a transaction.
 *
 * A confirmed entry with a matter leaves one lesson a key: of a document, of a client, of an application. Their sums by key and matter are what
 * suggestions are made of; they change with the lessons, in the same transaction.
 *
 * Invariants:
 *   - every statement here is bound to one user: nobody's lessons are ever read for somebody else
 *   - an entry teaches one matter at a time
 *
 * Ownership: learned_list_release(), learned_keys_release() accept zeroed ones. Threads: the store's.
 */
#ifndef RTALP_STORE_LEARNED_H
#define RTALP_STORE_LEARNED_H

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/* The numbers are stored. */
enum lesson_kind { LESSON_DOCUMENT = 1, LESSON_CLIENT, LESSON_APPLICATION };

struct lesson {
	int64_t entry_id;
	enum lesson_kind kind;
	const char *key;    /* not empty */
	const char *matter; /* not empty */
	int64_t seconds;    /* confirmed */
	int64_t at_ms;
};
/* Without effect if the entry has taught that key. */
int txn_lesson_add(struct txn *txn, int64_t alp_user_id, const struct lesson *lesson);
/* What that entry taught is forgotten. */
int txn_lessons_take_back(struct txn *txn, int64_t alp_user_id, int64_t entry_id);
/* The oldest entries' lessons are forgotten until there are at most `max`. */
int txn_lessons_bound(struct txn *txn, int64_t alp_user_id, int64_t max);
/* All of them. */
int txn_learned_forget(struct txn *txn, int64_t alp_user_id);

struct learned_row {
	char *matter;
	int64_t times, seconds;
	int64_t last_ms;
};
struct learned_list {
	struct learned_row *rows;
	size_t count;
};
void learned_list_release(struct learned_list *list);

/* 1: there is something; 0: nothing. */
int txn_learned_any(struct txn *txn, int64_t alp_user_id);
/* By matter. */
int txn_learned_find(struct txn *txn, int64_t alp_user_id, enum lesson_kind kind, const char *key, struct learned_list *ret_list);

struct learned_keys {
	char **keys;
	size_t count;
};
void learned_keys_release(struct learned_keys *keys);
int txn_learned_keys(struct txn *txn, int64_t alp_user_id, enum lesson_kind kind, struct learned_keys *ret_keys);

#endif
