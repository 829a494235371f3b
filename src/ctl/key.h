/* SPDX-License-Identifier: Apache-2.0 */
/* key.h - where a key or a token comes from: a descriptor, a file, a credential of systemd's, or a person at a terminal; never an argument
 * and never the environment itself, which anybody on the machine or in a log may read.
 *
 * One line end behind it is cut off. A file must be readable by its owner only. What is read lies in memory of secret.h; what it passed
 * through is overwritten. Errors have been said; the functions return an enum exit_status.
 *
 * Ownership: the caller frees the secret. Threads: one.
 */
#ifndef RTALP_CTL_KEY_H
#define RTALP_CTL_KEY_H

#include "base/buf.h"
#include "base/secret.h"
#include "ctl/args.h"

/* The caller's token: --token-fd, --token-file, the file $RTALPCTL_TOKEN_FILE names, the credential rtalpctl-token. NULL if there is none. */
int key_read_token(const struct args *args, struct secret **ret_token);
/* The user's RescueTime key: --key-fd, --key-file, or a prompt on the terminal. Never NULL. */
int key_read_user(const struct args *args, struct secret **ret_key);

/* A request's body around a key; wiped by key_body_release(). */
#define KEY_BODY_MAX 1024
struct key_body {
	char text[KEY_BODY_MAX];
	size_t len;
};
/* `fields` are the other members as JSON without braces, may be empty. `key` may be NULL. -E2BIG. */
int key_body_make(struct str fields, const struct secret *key, struct key_body *ret_body);
void key_body_release(struct key_body *body);

#endif
