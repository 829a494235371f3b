/* SPDX-License-Identifier: Apache-2.0 */
/* backup.h - copies of the store that were made while it was in use, and what is known of them.
 *
 * A copy is one file, RTALP-<instant>.db, and beside it a small .info that says when it was made, its schema, its length and its SHA-256. It is one
 * moment of the store: what was committed before, nothing of what came after. It holds no keys: what is sealed to the keeper is taken out, and
 * webhooks are disabled in it until their secrets are made anew. It is complete, checked by store_check() and synced, or it is not there.
 *
 * Copying holds nobody up: it reads beside the writer, so many bytes a second, on a thread of its own. The log cannot begin anew meanwhile and grows.
 *
 * Errors: -EALREADY one is being made; -ENOENT, -EACCES.. the directory; -ENOSPC; -EUCLEAN what came of it breaks a promise: `violation`;
 * -ECANCELED the store closes.
 * Ownership: backup_list_release() accepts a zeroed one. Threads: store_backup() the loop's, the others any.
 */
#ifndef RTALP_STORE_BACKUP_H
#define RTALP_STORE_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

#define BACKUP_NAME_MAX 48
#define BACKUP_HASH_MAX 65

struct backup_row {
	char name[BACKUP_NAME_MAX];   /* of the file, without its directory */
	char sha256[BACKUP_HASH_MAX]; /* in hexadecimal */
	int64_t made_ms;
	int64_t bytes;
	int64_t schema;
};

struct backup_list {
	struct backup_row *rows; /* the newest first */
	size_t count;
};
void backup_list_release(struct backup_list *list);

struct backup_wish {
	/* in; borrowed until `done` */
	const char *directory;    /* made, for its owner only, if its parent is there */
	int64_t keep;             /* so many stay, this one counted; 0: all */
	int64_t bytes_per_second; /* 0: as fast as it goes */
	/* out */
	struct backup_row row;
	size_t removed;           /* older ones */
	char *violation;          /* NULL: none; the caller frees */
};
void store_backup(struct store *s, struct backup_wish *wish, store_done_fn done, void *arg);
bool store_is_backing_up(const struct store *s);
/* One that is being made is given up. */
void store_backup_stop(struct store *s);

/* Those of a directory; one that is not there has none. */
int backup_list(const char *directory, struct backup_list *ret_list) _must_check_;
/* What is known of the backup in that file: 1; there is nothing beside it: 0; -EBADMSG: what is there is none. */
int backup_info(const char *path, struct backup_row *ret_row) _must_check_;

/* Of a file as it is. */
int file_sha256(const char *path, char ret_hex[BACKUP_HASH_MAX], int64_t *ret_bytes) _must_check_;
int file_sync(const char *path) _must_check_; /* a file's or a directory's */

#endif
