/* SPDX-License-Identifier: Apache-2.0 */
/* message.h - typed messages over a SOCK_SEQPACKET socket pair, made from messages.def.
 *
 * The kernel keeps the borders of records, so a message is one record: an 8-byte header (magic, type, length) and its fields, with
 * at most one descriptor. message_recv() checks number, direction, state, size and descriptors against the table before anybody
 * looks at a field; a decoder must consume exactly all. A peer that fails any of it is broken or hostile: -EBADMSG, and the caller
 * ends it. Truncated records and surplus descriptors count as that.
 *
 * Ownership: a received message borrows the caller's buffer and owns its descriptor until message_release() or TAKE_FD().
 * Threads: one at a time per socket. Processes: all.
 */
#ifndef RTALP_PROTO_MESSAGE_H
#define RTALP_PROTO_MESSAGE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/fd.h"
#include "base/macro.h"
#include "proto/wire.h"

/* Raised with every change of the table that an older peer could misread. */
#define PROTOCOL_VERSION 6u

enum message_direction { M2S = 1, S2M, M2W, W2M, M2K, K2M, S2K, K2W };

/* Where a conversation stands; bits, because a message may be legal in several. */
enum message_state {
	S_STARTING = 1 << 0,   /* spawner: waiting for spawner_init, then warming */
	S_SERVING = 1 << 1,    /* spawner: ready */
	W_STARTING = 1 << 2,   /* worker: forked, not yet confined */
	W_READY = 1 << 3,      /* worker: confined, waiting for its job */
	W_FETCHING = 1 << 4,
	W_PROCESSING = 1 << 5,
	W_OVER = 1 << 6,       /* worker: said its last word; nothing is legal any more */
	W_DELIVERING = 1 << 7,
	K_STARTING = 1 << 8,   /* keeper: waiting for keeper_init, then reading its keys */
	K_SERVING = 1 << 9     /* keeper: ready */
};

enum worker_role { ROLE_FETCH = 1, ROLE_PROCESS = 2, ROLE_DELIVER = 3 };
/* "fetch", "process" or "deliver"; NULL for a number that is no role. */
const char *worker_role_name(uint32_t role);

/* What a worker reports to hold when it says it is ready. */
enum confinement {
	CONFINED_SECCOMP = 1 << 0,
	CONFINED_LANDLOCK_FS = 1 << 1,
	CONFINED_LANDLOCK_TCP = 1 << 2,
	CONFINED_LANDLOCK_SCOPE = 1 << 3, /* no signals or abstract sockets to the outside */
	CONFINED_NOT_DUMPABLE = 1 << 4,
	CONFINED_RLIMITS = 1 << 5,
	CONFINED_DIES_WITH_PARENT = 1 << 6
};

enum message_type {
#define MESSAGE(name, NAME, number, direction, descriptors, states) MSG_##NAME = (number),
#include "proto/messages.def"
#undef MESSAGE
};

#define MESSAGE_MAX_BYTES (8 + WIRE_MAX_BYTES)

struct message {
	uint32_t type;
	const uint8_t *body;
	size_t len;
	int fd; /* -1 if none came */
	pid_t sender; /* as the kernel says, if message_ask_sender() asked it; else 0 */
};

const char *message_name(uint32_t type);

/* Socket pair for one conversation: close-on-exec, blocking at both ends. */
int message_pair(int ret_fds[2]);
/* From now on the kernel tells of what is sent to this end whose process did it. */
int message_ask_sender(int fd) _must_check_;

/* Waits for a record (unless the socket is non-blocking: -EAGAIN). 1: a message that is legal in `state`; 0: the peer is gone;
 * -EBADMSG: the peer broke the protocol. `buffer` holds MESSAGE_MAX_BYTES. */
int message_recv(int fd, enum message_direction direction, unsigned state, uint8_t *buffer, struct message *ret_message) _must_check_;
void message_release(struct message *m);

/* For each message: struct msg_x; msg_x_send(fd, &m, pass_fd) with pass_fd -1 if the table says 0 (it is not closed);
 * msg_x_decode(), whose strings borrow the message. Sending: -EPIPE if the peer is gone, -EAGAIN if a non-blocking socket is full. */
#define WIRE_C_u32 uint32_t
#define WIRE_C_u64 uint64_t
#define WIRE_C_i32 int32_t
#define WIRE_C_i64 int64_t
#define WIRE_C_str struct str
#define F(type, name) WIRE_C_##type name;
#define MESSAGE(name, NAME, number, direction, descriptors, states)                                                    \
	struct msg_##name {                                                                                            \
		FIELDS_##NAME                                                                                          \
	};                                                                                                             \
	int msg_##name##_send(int fd, const struct msg_##name *m, int pass_fd) _must_check_;                           \
	int msg_##name##_decode(const struct message *message, struct msg_##name *ret_m) _must_check_;
#include "proto/messages.def"
#undef MESSAGE
#undef F

#endif
