/* SPDX-License-Identifier: Apache-2.0 */
#include "users.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "zone.h"

#define KEY_START "B63sandbox"

struct moved {
	uint32_t user;
	char *zone;
};

struct users {
	uint32_t count;
	char *zone;
	struct moved *moved; /* accounts with a zone of their own; few */
	size_t n_moved, cap;
};

struct users *
users_new(uint32_t count, const char *zone)
{
	struct users *us = xcalloc(1, sizeof(*us));

	us->count = count;
	us->zone = xstrdup(zone);
	return us;
}

void
users_free(struct users *us)
{
	size_t i;

	if (!us)
		return;
	for (i = 0; i < us->n_moved; i++)
		free(us->moved[i].zone);
	free(us->moved);
	free(us->zone);
	free(us);
}

void
user_key(uint32_t user, char out[KEY_LEN + 1])
{
	int n = snprintf(out, KEY_LEN + 1, KEY_START "%06u", user);

	memset(out + n, 'x', (size_t)(KEY_LEN - n));
	out[KEY_LEN] = '\0';
}

uint32_t
users_find(const struct users *us, const char *key)
{
	char expected[KEY_LEN + 1];
	unsigned long n;

	if (strlen(key) != KEY_LEN || strncmp(key, KEY_START, sizeof(KEY_START) - 1) != 0)
		return 0;
	n = strtoul(key + sizeof(KEY_START) - 1, NULL, 10);
	if (n == 0 || n > us->count)
		return 0;
	user_key((uint32_t)n, expected);
	return strcmp(key, expected) == 0 ? (uint32_t)n : 0;
}

const char *
users_zone(const struct users *us, uint32_t user)
{
	size_t i;

	for (i = 0; i < us->n_moved; i++)
		if (us->moved[i].user == user)
			return us->moved[i].zone;
	return us->zone;
}

int
users_set_zone(struct users *us, uint32_t user, const char *zone)
{
	size_t i;

	if (!user || user > us->count)
		return -ENOENT;
	if (!zone_exists(zone))
		return -EINVAL;
	for (i = 0; i < us->n_moved; i++) {
		if (us->moved[i].user == user) {
			free(us->moved[i].zone);
			us->moved[i].zone = xstrdup(zone);
			return 0;
		}
	}
	us->moved = xgrow(us->moved, &us->cap, us->n_moved, sizeof(*us->moved));
	us->moved[us->n_moved++] = (struct moved){ user, xstrdup(zone) };
	return 0;
}

uint32_t
users_count(const struct users *us)
{
	return us->count;
}
