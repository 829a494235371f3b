/* SPDX-License-Identifier: Apache-2.0 */
/* A file with keys, and boxes sealed to them, for tests of the keeper. */
#ifndef RTALP_TESTS_KEEPER_UNIT_H
#define RTALP_TESTS_KEEPER_UNIT_H

#include "unit.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/box.h"
#include "workers/keeper_keys.h"

#define OWNER 42

static char dir[] = "/tmp/test_keeper.XXXXXX";
static char file[sizeof dir + 16];

static inline void
key_line(unsigned char seed, char ret_line[64])
{
	unsigned char key[32];

	memset(key, seed, sizeof key);
	sodium_bin2base64(ret_line, 64, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
}

static inline void
write_file(const char *text, mode_t mode)
{
	FILE *f;

	(void)unlink(file);
	f = fopen(file, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(file, mode), 0);
}

/* Keys made of these numbers, the newest first; 0 ends. */
static inline void
write_keys(unsigned char first, unsigned char second)
{
	char text[160], lines[2][64];

	key_line(first, lines[0]);
	key_line(second, lines[1]);
	snprintf(text, sizeof text, "%s\n%s%s", lines[0], second != 0 ? lines[1] : "", second != 0 ? "\n" : "");
	write_file(text, 0600);
}

static inline struct keeper_keys *
load(void)
{
	struct keeper_keys *keys = NULL;
	bool lasting = false;

	assert_int_equal(keeper_keys_load(file, NULL, &keys, &lasting), 0);
	assert_true(lasting);
	return keys;
}

static inline struct box
seal(const struct box_public *to, enum box_purpose purpose, int64_t owner, const char *text)
{
	struct secret *secret = NULL;
	struct box box;

	assert_int_equal(secret_new(str_of(text), &secret), 0);
	assert_int_equal(box_seal(to, purpose, owner, secret, &box), 0);
	secret_free(secret);
	return box;
}

static inline struct sealed
sealed_of(const struct box *box)
{
	return (struct sealed){BOX_RESCUETIME_KEY, OWNER, box_str(box->key_id, BOX_ID_BYTES), box_str(box->seal_id, BOX_ID_BYTES),
	    box_str(box->bytes, box->len)};
}

static inline int
make_dir(void)
{
	if (secret_setup() < 0 || mkdtemp(dir) == NULL)
		return -1;
	snprintf(file, sizeof file, "%s/keys", dir);
	return 0;
}

static inline void
remove_dir(void)
{
	unlink(file);
	rmdir(dir);
}

#endif
