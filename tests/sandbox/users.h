/* SPDX-License-Identifier: Apache-2.0 */
/* users.h - accounts and their keys.
 *
 * key(n) = "B63sandbox", then n in decimal with at least six digits, then letters "x" up to exactly 40 characters. Nothing is
 * stored for an account until its zone is changed, so a million of them cost nothing.
 */
#ifndef SANDBOX_USERS_H
#define SANDBOX_USERS_H

#include <stdint.h>

#define KEY_LEN 40
#define USERS_MAX 1000000

struct users;

/* `zone` is every account's zone until changed; copied. */
struct users *users_new(uint32_t count, const char *zone);
void users_free(struct users *us);

void user_key(uint32_t user, char out[KEY_LEN + 1]);

/* The account of a key, 0 if there is none. */
uint32_t users_find(const struct users *us, const char *key);

/* Borrowed until the next users_set_zone(). */
const char *users_zone(const struct users *us, uint32_t user);

/* -EINVAL for a zone that the database has not, -ENOENT for an account that is not. */
int users_set_zone(struct users *us, uint32_t user, const char *zone);

uint32_t users_count(const struct users *us);

#endif
