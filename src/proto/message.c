/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/message.h"

#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define MAGIC        0x5241u
#define HEADER_BYTES 8

struct header {
	uint16_t magic_le;
	uint16_t type_le;
	uint32_t length_le;
};
_Static_assert(sizeof(struct header) == HEADER_BYTES, "the header has no padding");

struct message_info {
	const char *name;
	uint32_t type;
	enum message_direction direction;
	unsigned descriptors;
	unsigned states;
};

static const struct message_info infos[] = {
#define MESSAGE(name_, NAME, number_, direction_, descriptors_, states_)                                               \
	{#name_, number_, direction_, descriptors_, states_},
#include "proto/messages.def"
#undef MESSAGE
};

static const struct message_info *
info_of(uint32_t type)
{
	for (size_t i = 0; i < ELEMENTSOF(infos); i++)
		if (infos[i].type == type)
			return &infos[i];
	return NULL;
}

const char *
message_name(uint32_t type)
{
	const struct message_info *info = info_of(type);

	return info != NULL ? info->name : "unknown";
}

const char *
worker_role_name(uint32_t role)
{
	switch (role) {
	case ROLE_FETCH:
		return "fetch";
	case ROLE_PROCESS:
		return "process";
	case ROLE_DELIVER:
		return "deliver";
	default:
		return NULL;
	}
}

int
message_pair(int ret_fds[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ret_fds) < 0 ? -errno : 0;
}

int
message_ask_sender(int fd)
{
	const int on = 1;

	return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ? -errno : 0;
}

static int
message_send(int fd, uint32_t type, const struct wire_writer *w, int pass_fd)
{
	struct header header = {htole16(MAGIC), htole16((uint16_t)type), htole32((uint32_t)w->len)};
	struct iovec iov[2] = {
	    {.iov_base = &header, .iov_len = sizeof header},
	    {.iov_base = (void *)(uintptr_t)w->bytes, .iov_len = w->len},
	};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	if (w->overflow)
		return -EMSGSIZE;
	if (pass_fd >= 0) {
		struct cmsghdr *cmsg;

		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof control.bytes;
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(cmsg), &pass_fd, sizeof(int));
	}
	for (;;) {
		if (sendmsg(fd, &msg, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		return errno == ECONNRESET ? -EPIPE : -errno;
	}
}

/* Takes every descriptor out of the control data, so that none can leak; keeps the first one. */
static unsigned
collect_descriptors(struct msghdr *msg, int *ret_fd)
{
	unsigned count = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof fd);
			if (count++ == 0)
				*ret_fd = fd;
			else
				close(fd);
		}
	}
	return count;
}

static pid_t
sender_of(struct msghdr *msg)
{
	struct ucred sender = {0};

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof sender))
			memcpy(&sender, CMSG_DATA(c), sizeof sender);
	return sender.pid;
}

static int
check(const struct header *header, size_t len, enum message_direction direction, unsigned state, unsigned descriptors)
{
	const struct message_info *info;

	if (len < HEADER_BYTES || le16toh(header->magic_le) != MAGIC || le32toh(header->length_le) != len - HEADER_BYTES)
		return -EBADMSG;
	info = info_of(le16toh(header->type_le));
	if (info == NULL || info->direction != direction || (info->states & state) == 0 || info->descriptors != descriptors)
		return -EBADMSG;
	return 0;
}

int
message_recv(int fd, enum message_direction direction, unsigned state, uint8_t *buffer, struct message *ret_message)
{
	/* Room for the sender and for more than one descriptor: others are noticed and closed, too many set MSG_CTRUNC. */
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(2 * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = {.iov_base = buffer, .iov_len = MESSAGE_MAX_BYTES};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
	_cleanup_close_ int passed = -1;
	struct header header = {0};
	unsigned descriptors;
	ssize_t n;

	do {
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	descriptors = collect_descriptors(&msg, &passed);
	if (n == 0 && descriptors == 0)
		return 0;
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		return -EBADMSG;
	memcpy(&header, buffer, MIN_OF((size_t)n, sizeof header));
	if (check(&header, (size_t)n, direction, state, descriptors) < 0)
		return -EBADMSG;
	*ret_message = (struct message){
	    .type = le16toh(header.type_le),
	    .body = buffer + HEADER_BYTES,
	    .len = (size_t)n - HEADER_BYTES,
	    .fd = TAKE_FD(passed),
	    .sender = sender_of(&msg),
	};
	return 1;
}

void
message_release(struct message *m)
{
	closep(&m->fd);
}

/* The writer passes through with whatever a field held, a key among them: it is wiped before the stack is left. */
#define F(type, name) wire_put_##type(&w, m->name);
#define MESSAGE(name, NAME, number, direction, descriptors, states)                                                    \
	int msg_##name##_send(int fd, const struct msg_##name *m, int pass_fd)                                         \
	{                                                                                                              \
		struct wire_writer w;                                                                                  \
		int r;                                                                                                 \
                                                                                                                       \
		w.len = 0;                                                                                             \
		w.overflow = false;                                                                                    \
		FIELDS_##NAME                                                                                          \
		r = message_send(fd, number, &w, pass_fd);                                                             \
		explicit_bzero(w.bytes, w.len);                                                                        \
		return r;                                                                                              \
	}
#include "proto/messages.def"
#undef MESSAGE
#undef F

#define F(type, name) m.name = wire_get_##type(&r);
#define MESSAGE(name, NAME, number, direction, descriptors, states)                                                    \
	int msg_##name##_decode(const struct message *message, struct msg_##name *ret_m)                               \
	{                                                                                                              \
		struct wire_reader r = {.p = message->body, .left = message->len};                                     \
		struct msg_##name m;                                                                                   \
                                                                                                                       \
		FIELDS_##NAME                                                                                          \
		if (wire_end(&r) < 0)                                                                                  \
			return -EBADMSG;                                                                               \
		*ret_m = m;                                                                                            \
		return 0;                                                                                              \
	}
#include "proto/messages.def"
#undef MESSAGE
#undef F
