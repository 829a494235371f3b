/* SPDX-License-Identifier: Apache-2.0 */
/* A record on a channel between our processes: the first byte chooses the direction and whether a descriptor comes along, the second the state, the
 * rest is the record. What is not refused is of a known type, and its decoder refuses it or has used up every byte. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each of the table's is one that the input can choose. */
#define DIRECTIONS 8
#define STATES     10
#define MESSAGE(name, NAME, number, direction, descriptors, states)                                                    \
	_Static_assert((direction) <= DIRECTIONS && ((states) >> STATES) == 0, "the input can choose it");
#include "proto/messages.def"
#undef MESSAGE

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

static void
send_record(int to, const uint8_t *data, size_t size, bool with_descriptor)
{
	static int null = -1;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.bytes = {0}};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (null < 0)
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (with_descriptor) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof control.bytes;
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), &null, sizeof null);
	}
	if (sendmsg(to, &msg, 0) != (ssize_t)size)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];
	_cleanup_close_ int ours = -1, theirs = -1;
	struct message m = {.fd = -1};
	int pair[2], r;

	if (size < 3 || size > MESSAGE_MAX_BYTES || message_pair(pair) < 0)
		return 0;
	ours = pair[0];
	theirs = pair[1];
	send_record(theirs, data + 2, size - 2, (data[0] & 0x80) != 0);
	r = message_recv(ours, (enum message_direction)(M2S + data[0] % DIRECTIONS), 1u << data[1] % STATES, buffer, &m);
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
