/* SPDX-License-Identifier: Apache-2.0 */
/* keys_file.h - the file of the keeper's keys: one a line, the newest first, each the base64 of 32 random bytes; in the clear and readable by its owner
 * only, or encrypted for the machine by systemd-creds(1).
 *
 * Writing is all or nothing: the new file takes the old one's name when it is whole and on the disk. What stood in memory is wiped.
 * Functions say what is wrong themselves and return an exit status.
 */
#ifndef RTALP_CTL_KEYS_FILE_H
#define RTALP_CTL_KEYS_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/macro.h"

#define KEYS_FILE_MAX ((size_t)16 * 1024) /* an encrypted one is a few times what it holds */
#define KEYS_KEPT     4 /* the new one and those before: one is enough unless a start between two rotations failed */

struct keys_text {
	char text[KEYS_FILE_MAX];
	size_t len;
};
void keys_text_wipe(struct keys_text *k);

/* Is it one of systemd-creds, by its name or place? */
bool keys_file_is_encrypted(const char *path);
int keys_file_read(const char *path, struct keys_text *ret_keys);
/* A fresh key in front; the oldest go. */
void keys_text_rotate(struct keys_text *keys);
/* `replace`: there is one; else there must be none. */
int keys_file_write(const char *path, const struct keys_text *keys, bool replace);

/* Runs a program and gives it `in`; *out gets what it prints. 0, or its status; -errno: it could not be run, or -EFBIG: it printed too much. */
int run_filter(const char *const argv[], struct keys_text *in, struct keys_text *out);

#endif
