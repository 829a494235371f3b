/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/key_channel.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "proto/message.h"
#include "workers/confine.h"

#define WAIT_MS 10000

/* Of the master only its end is heard here. */
static int
wait_for_key(int channel)
{
	struct pollfd p[] = {{.fd = WORKER_KEY_FD, .events = POLLIN}, {.fd = channel}};
	int r;

	do {
		r = poll(p, 2, WAIT_MS);
	} while (r < 0 && errno == EINTR);
	if (r <= 0)
		return -ENOKEY;
	return p[1].revents != 0 ? 0 : 1;
}

static int
take(const struct message *m, struct secret **ret_secret, struct secret **ret_before)
{
	struct msg_key key;

	if (m->type != MSG_KEY || msg_key_decode(m, &key) < 0 || secret_new(key.secret, ret_secret) < 0)
		return -EBADMSG;
	if (key.before.len > 0 && secret_new(key.before, ret_before) < 0) {
		*ret_secret = secret_free(*ret_secret);
		return -EBADMSG;
	}
	return 1;
}

int
key_channel_receive(int channel, struct secret **ret_secret, struct secret **ret_before)
{
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct message m = {.fd = -1};
	int r = wait_for_key(channel);

	*ret_secret = *ret_before = NULL;
	if (r > 0) {
		r = message_recv(WORKER_KEY_FD, K2W, W_READY, buffer, &m);
		r = r == 0 || r == -EAGAIN ? -ENOKEY : r < 0 ? -EBADMSG : take(&m, ret_secret, ret_before);
		secret_wipe(buffer, sizeof buffer);
		message_release(&m);
	}
	close(WORKER_KEY_FD);
	return r;
}
