/* SPDX-License-Identifier: Apache-2.0 */
/* A record on a channel between our processes: the first byte chooses direction and state, the rest is the record. What is not refused is of
 * a known type, and its decoder refuses it or has used up every byte. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "proto/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
decode(const struct message *m)
{
	switch (m->type) {
#define MESSAGE(name, NAME, number, direction, descriptors, states)                                                    \
	case MSG_##NAME: {                                                                                             \
		struct msg_##name decoded;                                                                             \
		return msg_##name##_decode(m, &decoded);                                                               \
	}
#include "proto/messages.def"
#undef MESSAGE
	default:
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];
	_cleanup_close_ int ours = -1, theirs = -1;
	struct message m = {.fd = -1};
	int pair[2], r;

	if (size < 2 || size > MESSAGE_MAX_BYTES || message_pair(pair) < 0)
		return 0;
	ours = pair[0];
	theirs = pair[1];
	if (send(theirs, data + 1, size - 1, 0) != (ssize_t)(size - 1))
		abort();
	r = message_recv(ours, (enum message_direction)(1 + (data[0] & 3)), 1u << (data[0] >> 2 & 7), buffer, &m);
	if (r != 1 && r != -EBADMSG)
		abort();
	if (r == 1) {
		r = decode(&m);
		if (r != 0 && r != -EBADMSG)
			abort();
		message_release(&m);
	}
	return 0;
}
