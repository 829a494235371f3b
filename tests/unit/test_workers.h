/* SPDX-License-Identifier: Apache-2.0 */
/* test_workers.h - a real spawner for tests: this very program started again in the role, driven over its channel as the master does it. */
#ifndef RTALP_TESTS_TEST_WORKERS_H
#define RTALP_TESTS_TEST_WORKERS_H

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"
#include "proto/message.h"
#include "proto/rowset.h"
#include "rules/ruleset_file.h"
#include "workers/confine.h"
#include "workers/spawner.h"

#ifdef WITH_SANITIZER
#define PATIENCE_MS 60000
#define ANSWER_MS   15000
#define MEMORY_MAX  0
#else
#define PATIENCE_MS 10000
#define ANSWER_MS   4000
#define MEMORY_MAX  ((uint64_t)256 * 1024 * 1024)
#endif

struct rig {
	pid_t pid;
	int control;
	int keeper; /* our end of the spawner's channel to the keeper, whom the test plays */
	int key_fd; /* of the fetch worker made last; -1: none */
	struct msg_spawner_ready ready;
	uint64_t last_worker;
	uint8_t buffer[MESSAGE_MAX_BYTES];
};

struct worker {
	uint64_t id;
	pid_t pid;
	int channel;
};

/* Starts this program in the spawner's role; `ret_control` is the master's end. */
static inline pid_t
spawner_process(int *ret_control)
{
	int pair[2];
	pid_t pid;

	assert_int_equal(message_pair(pair), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		/* Something that must not get through to a worker. */
		if (dup2(null, 99) < 0 || (pair[1] == 3 ? fcntl(3, F_SETFD, 0) : dup2(pair[1], 3)) < 0)
			_exit(126);
		execl("/proc/self/exe", "rtalpd", SPAWNER_ARGUMENT, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	*ret_control = pair[0];
	return pid;
}

/* Waits for the next message of a peer; fails the test if none comes or it is not legal. 0: the peer hung up. */
static inline int
next_message(int fd, enum message_direction direction, unsigned state, uint8_t *buffer, struct message *m)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int r;

	/* A child that ends meanwhile is a signal. */
	do
		r = poll(&p, 1, PATIENCE_MS);
	while (r < 0 && errno == EINTR);
	assert_int_equal(r, 1);
	r = message_recv(fd, direction, state, buffer, m);
	assert_true(r >= 0);
	return r;
}

static inline void
expect_message(int fd, enum message_direction direction, unsigned state, uint32_t type, uint8_t *buffer, struct message *m)
{
	assert_int_equal(next_message(fd, direction, state, buffer, m), 1);
	if (m->type != type)
		fail_msg("got %s instead of %s", message_name(m->type), message_name(type));
}

static inline void
rig_connect_keeper(struct rig *rig)
{
	struct message m;
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	assert_int_equal(fd_set_nonblock(pair[1]), 0);
	assert_int_equal(msg_spawner_keeper_send(rig->control, &(struct msg_spawner_keeper){.generation = 1}, pair[1]), 0);
	close(pair[1]);
	rig->keeper = pair[0];
	rig->key_fd = -1;
	/* So that it has it from here on. */
	assert_int_equal(msg_ping_send(rig->control, &(struct msg_ping){0}, -1), 0);
	expect_message(rig->control, S2M, S_SERVING, MSG_PONG, rig->buffer, &m);
}

static inline void
rig_start(struct rig *rig, const char *url, const char *ca_file)
{
	const struct msg_spawner_init init = {
		.upstream_url = str_of(url),
		.ca_file = str_of(ca_file),
		.user_agent = STR("rescuetime-alp/test"),
		.body_max_bytes = (uint64_t)1024 * 1024,
		.connect_timeout_ms = 2000,
		.answer_timeout_ms = ANSWER_MS,
		.memory_max_bytes = MEMORY_MAX,
	};
	_cleanup_close_ int rules_fd = memfd_sealed("rules", ruleset_default_text().p, ruleset_default_text().len);
	struct message m;

	memset(rig, 0, sizeof *rig);
	rig->pid = spawner_process(&rig->control);
	assert_int_equal(msg_spawner_init_send(rig->control, &init, rules_fd), 0);
	expect_message(rig->control, S2M, S_STARTING, MSG_SPAWNER_READY, rig->buffer, &m);
	assert_int_equal(msg_spawner_ready_decode(&m, &rig->ready), 0);
	rig_connect_keeper(rig);
}

/* Closes the channel and expects the spawner to leave in order. */
static inline void
rig_stop(struct rig *rig)
{
	int status = 0;

	close(rig->control);
	close(rig->keeper);
	closep(&rig->key_fd);
	assert_int_equal(waitpid(rig->pid, &status, 0), rig->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* What the keeper hears of a worker, and its channel to it. */
static inline void
rig_expect_announced(struct rig *rig, const struct msg_spawn *spawn)
{
	struct msg_keeper_worker told;
	struct message m;

	expect_message(rig->keeper, S2K, K_SERVING, MSG_KEEPER_WORKER, rig->buffer, &m);
	assert_int_equal(msg_keeper_worker_decode(&m, &told), 0);
	assert_int_equal(told.worker_id, spawn->worker_id);
	assert_int_equal(told.role, spawn->role);
	assert_int_equal(told.owner, spawn->owner);
	closep(&rig->key_fd);
	rig->key_fd = m.fd;
}

static inline struct msg_spawned
rig_spawn_only(struct rig *rig, enum worker_role role, uint32_t deadline_ms, int *ret_channel)
{
	struct msg_spawn spawn = {.worker_id = ++rig->last_worker, .role = role, .alp_user_id = 42, .deadline_ms = deadline_ms,
	    .owner = role == ROLE_FETCH ? 42 : 0};
	struct msg_spawned spawned;
	struct message m;
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	assert_int_equal(msg_spawn_send(rig->control, &spawn, pair[1]), 0);
	close(pair[1]);
	expect_message(rig->control, S2M, S_SERVING, MSG_SPAWNED, rig->buffer, &m);
	assert_int_equal(msg_spawned_decode(&m, &spawned), 0);
	assert_int_equal(spawned.worker_id, spawn.worker_id);
	if (spawn.owner != 0 && spawned.pid > 0)
		rig_expect_announced(rig, &spawn);
	*ret_channel = pair[0];
	return spawned;
}

static inline struct msg_worker_ready
worker_expect_ready(int channel, uint8_t *buffer)
{
	struct msg_worker_ready ready;
	struct message m;

	expect_message(channel, W2M, W_STARTING, MSG_WORKER_READY, buffer, &m);
	assert_int_equal(msg_worker_ready_decode(&m, &ready), 0);
	assert_int_equal(ready.protocol, PROTOCOL_VERSION);
	return ready;
}

static inline struct worker
rig_spawn(struct rig *rig, enum worker_role role, uint32_t deadline_ms)
{
	struct worker w;
	struct msg_spawned spawned = rig_spawn_only(rig, role, deadline_ms, &w.channel);

	assert_true(spawned.pid > 0);
	w.id = spawned.worker_id;
	w.pid = spawned.pid;
	assert_int_equal(worker_expect_ready(w.channel, rig->buffer).role, role);
	return w;
}

static inline struct msg_exited
rig_expect_exited(struct rig *rig, const struct worker *w)
{
	struct msg_exited exited;
	struct message m;

	expect_message(rig->control, S2M, S_SERVING, MSG_EXITED, rig->buffer, &m);
	assert_int_equal(msg_exited_decode(&m, &exited), 0);
	if (w != NULL) {
		assert_int_equal(exited.worker_id, w->id);
		assert_int_equal(exited.pid, w->pid);
	}
	return exited;
}

/* How many children a process has, dead ones that nobody reaped among them. -1: the kernel does not tell. */
static inline int
children_of(pid_t pid)
{
	char path[64], text[16384];
	int count = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof text);
	close(fd);
	for (ssize_t i = 0; i < n; i++)
		count += text[i] == ' ';
	return count;
}

/* How many descriptors a process has open. */
static inline int
descriptors_of(pid_t pid)
{
	char path[64];
	int count = 0;

	for (int fd = 0; fd < 4096; fd++) {
		snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, fd);
		count += faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	}
	return count;
}

#define SPAWNER_OR_TESTS(argc, argv)                                                                                   \
	do {                                                                                                           \
		if ((argc) > 1 && strcmp((argv)[1], SPAWNER_ARGUMENT) == 0)                                            \
			return spawner_main(SPAWNER_CONTROL_FD);                                                       \
	} while (0)

#endif
