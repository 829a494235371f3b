/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/keeper_start.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/secret_file.h"
#include "proto/message.h"
#include "workers/confine.h"
#include "workers/keeper.h"
#include "workers/settle.h"

#define INIT_WAIT_MS              10000
#define CREDENTIAL_RESCUETIME_KEY "rescuetime-key"

/* What the settings say, out of the message. */
struct order {
	char *credentials, *keys_file, *single_user_key_file, *webhook_key_file;
	int64_t single_user_id;
};

static void
order_release(struct order *o)
{
	free(o->credentials);
	free(o->keys_file);
	free(o->single_user_key_file);
	free(o->webhook_key_file);
}

static char *
copy(struct str s)
{
	return xstrndup(s.p != NULL ? s.p : "", s.len);
}

/* 1, or 0: the master hung up. */
static int
receive_init(int control_fd, struct order *ret_order)
{
	struct pollfd p = {.fd = control_fd, .events = POLLIN};
	_cleanup_(message_release) struct message m = {.fd = -1};
	static uint8_t buffer[MESSAGE_MAX_BYTES];
	struct msg_keeper_init init;
	int r = poll(&p, 1, INIT_WAIT_MS);

	if (r <= 0)
		return r == 0 ? -ETIMEDOUT : -errno;
	r = message_recv(control_fd, M2K, K_STARTING, buffer, &m);
	if (r <= 0)
		return r;
	if (m.type != MSG_KEEPER_INIT || msg_keeper_init_decode(&m, &init) < 0)
		return -EBADMSG;
	*ret_order = (struct order){
	    .credentials = copy(init.credentials), .keys_file = copy(init.keys_file),
	    .single_user_key_file = copy(init.single_user_key_file), .single_user_id = init.single_user_id,
	    .webhook_key_file = copy(init.webhook_key_file),
	};
	return 1;
}

/* The single user's own key: the master gets it sealed, like every other. */
static int
seal_single_user(const struct order *o, const struct keeper_keys *keys, struct box *ret_box)
{
	_cleanup_(secret_freep) struct secret *key = NULL;
	int r;

	ret_box->len = 0;
	if (o->single_user_id == 0)
		return 0;
	r = secret_file_load(o->single_user_key_file, o->credentials, CREDENTIAL_RESCUETIME_KEY, &key);
	if (r < 0 || key == NULL)
		return r;
	return box_seal(keeper_keys_newest(keys, BOX_RESCUETIME_KEY), BOX_RESCUETIME_KEY, o->single_user_id, key, ret_box);
}

/* A page for sealing anew is there before memory cannot be asked for any more. */
static int
warm_up(void)
{
	_cleanup_(secret_freep) struct secret *s = NULL;

	return secret_new(STR("x"), &s);
}

static int
get_ready(const struct order *o, struct keeper_keys **ret_keys, bool *ret_lasting, struct box *ret_single_user, const char **ret_what)
{
	int r;

	*ret_what = "confinement";
	r = confine_from_eyes();
	if (r < 0)
		return r;
	*ret_what = "libsodium";
	r = secret_setup();
	if (r == 0)
		r = warm_up();
	if (r < 0)
		return r;
	*ret_what = o->keys_file[0] != '\0' ? "keys.file" : "the credential \"" CREDENTIAL_KEEPER_KEY "\"";
	r = keeper_keys_load(o->keys_file, o->credentials, ret_keys, ret_lasting);
	if (r < 0)
		return r;
	*ret_what = "the key of webhooks beside the store";
	r = keeper_keys_load_of_webhooks(*ret_keys, o->webhook_key_file);
	if (r < 0)
		return r;
	*ret_what = "the single user's key";
	r = seal_single_user(o, *ret_keys, ret_single_user);
	if (r < 0)
		return r;
	*ret_what = "confinement";
	return confine_keeper();
}

static int
say_ready(int control_fd, const struct keeper_keys *keys, bool lasting, const struct box *single_user)
{
	unsigned char ids[BOX_KEYS_MAX * BOX_ID_BYTES];
	const struct box_public *of_webhooks = keeper_keys_of_webhooks(keys);
	struct msg_keeper_ready ready = {
	    .protocol = PROTOCOL_VERSION,
	    .lasting = lasting,
	    .public_key = box_str(keeper_keys_newest(keys, BOX_RESCUETIME_KEY)->key, BOX_PUBLIC_BYTES),
	    .key_ids = box_str(ids, keeper_keys_count(keys) * BOX_ID_BYTES),
	};

	for (size_t i = 0; i < keeper_keys_count(keys); i++)
		memcpy(ids + i * BOX_ID_BYTES, keeper_keys_id(keys, i), BOX_ID_BYTES);
	if (of_webhooks != NULL)
		ready.webhook_key = box_str(of_webhooks->key, BOX_PUBLIC_BYTES);
	if (single_user->len > 0) {
		ready.single_user_seal_id = box_str(single_user->seal_id, BOX_ID_BYTES);
		ready.single_user_box = box_str(single_user->bytes, single_user->len);
	}
	return msg_keeper_ready_send(control_fd, &ready, -1);
}

static int
say_failed(int control_fd, int error, const char *what)
{
	int r = msg_keeper_failed_send(control_fd, &(struct msg_keeper_failed){.error = error, .what = str_of(what)}, -1);

	return r < 0 ? r : error;
}

int
keeper_start(int control_fd, unsigned descriptors, struct keeper_keys **ret_keys)
{
	_cleanup_(order_release) struct order order = {0};
	struct keeper_keys *keys = NULL;
	struct box single_user;
	const char *what = "";
	bool lasting = false;
	int r;

	r = settle_role(control_fd, "rtalpd: keeper", descriptors);
	if (r == 0)
		r = receive_init(control_fd, &order);
	if (r <= 0)
		return r;
	r = get_ready(&order, &keys, &lasting, &single_user, &what);
	r = r < 0 ? say_failed(control_fd, r, what) : say_ready(control_fd, keys, lasting, &single_user);
	if (r < 0) {
		keeper_keys_free(keys);
		return r;
	}
	*ret_keys = keys;
	return 1;
}
