/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper opens. The first byte chooses: a file of keys; a box as somebody else may have made it; what somebody sealed to the keeper's public key,
 * which everybody may. Nothing opens but what stands behind the very head that was asked for. */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/macro.h"
#include "base/secret.h"
#include "workers/keeper_keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char path[64];

static void
hold(bool true_of_it)
{
	if (!true_of_it)
		abort();
}

static void
remove_file(void)
{
	(void)unlink(path);
}

static int
load(const uint8_t *data, size_t size, struct keeper_keys **ret_keys)
{
	bool lasting = false;
	FILE *f;
	int r;

	if (path[0] == '\0') {
		int fd;

		(void)snprintf(path, sizeof path, "/tmp/fuzz-keeper-XXXXXX");
		fd = mkstemp(path);
		hold(fd >= 0);
		(void)close(fd);
		(void)atexit(remove_file);
	}
	f = fopen(path, "we");
	hold(f != NULL && fwrite(data, 1, size, f) == size);
	hold(fclose(f) == 0);
	r = keeper_keys_load(path, NULL, ret_keys, &lasting);
	hold(r < 0 || lasting);
	return r;
}

static void
try_file(const uint8_t *data, size_t size)
{
	struct keeper_keys *keys = NULL;

	if (load(data, size, &keys) < 0) {
		hold(keys == NULL);
		return;
	}
	hold(keeper_keys_count(keys) >= 1 && keeper_keys_count(keys) <= BOX_KEYS_MAX);
	keeper_keys_free(keys);
}

/* One for the whole run: a line of base64. */
static struct keeper_keys *
ours(void)
{
	static struct keeper_keys *keys;

	if (keys == NULL)
		hold(load((const uint8_t *)"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", 45, &keys) == 0);
	return keys;
}

static struct sealed
asked_for(const unsigned char seal_id[BOX_ID_BYTES], const unsigned char *box, size_t len)
{
	return (struct sealed){BOX_RESCUETIME_KEY, 42, box_str(keeper_keys_newest(ours(), BOX_RESCUETIME_KEY)->id, BOX_ID_BYTES), box_str(seal_id, BOX_ID_BYTES), box_str(box, len)};
}

static void
try_box(const uint8_t *data, size_t size)
{
	static const unsigned char seal_id[BOX_ID_BYTES] = {7};
	struct sealed s = asked_for(seal_id, data, size);
	struct str secret = STR_NONE;

	hold(keeper_keys_open(ours(), &s, &secret) == -EBADMSG);
	/* The ids, too, are whatever they are. */
	s.key_id = box_str(data, size / 2);
	s.seal_id = box_str(data + size / 2, size - size / 2);
	hold(keeper_keys_open(ours(), &s, &secret) < 0);
	hold(keeper_keys_open_before(ours(), &s, &secret) < 0);
	keeper_keys_forget(ours());
}

static void
try_contents(const uint8_t *data, size_t size)
{
	static const unsigned char seal_id[BOX_ID_BYTES] = {7};
	unsigned char head[BOX_HEAD_BYTES], box[4096 + BOX_OVERHEAD], text[4096];
	struct str secret = STR_NONE;
	struct sealed s;
	bool ours_too;
	int r;

	if (size > sizeof text - BOX_HEAD_BYTES)
		return;
	/* With the right head in front, or without: what is behind it is the other's. */
	box_head(BOX_RESCUETIME_KEY, 42, seal_id, head);
	ours_too = size > 0 && (data[0] & 1) != 0;
	memcpy(text, head, sizeof head);
	if (size > 0)
		memcpy(text + (ours_too ? sizeof head : 0), data, size);
	size += ours_too ? sizeof head : 0;
	hold(crypto_box_seal(box, text, size, keeper_keys_newest(ours(), BOX_RESCUETIME_KEY)->key) == 0);
	s = asked_for(seal_id, box, size + BOX_OVERHEAD);
	r = keeper_keys_open(ours(), &s, &secret);
	hold(r == 0 || r == -EBADMSG);
	if (r == 0)
		hold(size == BOX_HEAD_BYTES + secret.len && memcmp(text, head, sizeof head) == 0 && memcmp(secret.p, text + sizeof head, secret.len) == 0 &&
		    secret.len <= SECRET_MAX);
	keeper_keys_forget(ours());
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const tries[])(const uint8_t *, size_t) = {try_file, try_box, try_contents};

	if (size < 1 || secret_setup() < 0)
		return 0;
	tries[data[0] % ELEMENTSOF(tries)](data + 1, size - 1);
	return 0;
}
