/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/posix_child.h"

#define PING_EVERY_MS   1000
#define SILENCE_MAX_MS  5000
#define START_MAX_MS    10000
#define RESTART_MAX_MS  5000

enum phase { PHASE_DOWN, PHASE_STARTING, PHASE_READY };

struct supervisor {
	struct event_base *base;
	struct supervisor_options options;
	char *strings[3];       /* what the options point to */
	struct supervisor_hooks hooks;
	enum phase phase;
	pid_t pid;
	int pidfd;
	int control_fd;
	struct event *control_event;
	struct event *exit_event;
	struct event *tick_event;
	struct event *child_event;
	int64_t started_ms;     /* monotonic */
	int64_t heard_ms;       /* monotonic; its last word */
	int64_t ticked_ms;      /* monotonic; our last look */
	int64_t restart_pause_ms;
	uint64_t ping_sequence;
	bool killed_for_silence;
	uint8_t buffer[MESSAGE_MAX_BYTES];
};

static void spawner_gone(struct supervisor *s);

static void
tick_after(struct supervisor *s, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	event_add(s->tick_event, &tv);
}

static void
on_ready(struct supervisor *s, const struct message *message)
{
	struct msg_spawner_ready ready;

	if (msg_spawner_ready_decode(message, &ready) < 0 || ready.protocol != PROTOCOL_VERSION) {
		kill(s->pid, SIGKILL);
		return;
	}
	s->phase = PHASE_READY;
	s->restart_pause_ms = 0;
	log_event(EV_SPAWNER_STARTED, LOG_I64("WORKER_PID", s->pid), LOG_I64("DURATION_MS", clock_mono_ms() - s->started_ms));
	s->hooks.ready(s->hooks.arg);
}

static void
on_spawned(struct supervisor *s, const struct message *message)
{
	struct msg_spawned spawned;

	if (msg_spawned_decode(message, &spawned) < 0)
		kill(s->pid, SIGKILL);
	else if (spawned.pid < 0)
		s->hooks.refused(s->hooks.arg, spawned.worker_id, spawned.pid);
	else
		s->hooks.spawned(s->hooks.arg, spawned.worker_id, spawned.pid);
}

static void
on_exited(struct supervisor *s, const struct message *message)
{
	struct msg_exited exited;

	if (msg_exited_decode(message, &exited) < 0)
		kill(s->pid, SIGKILL);
	else
		s->hooks.exited(s->hooks.arg, &exited);
}

static void
on_pong(struct supervisor *s, const struct message *message)
{
	struct msg_pong pong;

	if (msg_pong_decode(message, &pong) < 0)
		kill(s->pid, SIGKILL);
}

static const struct handler {
	enum message_type type;
	void (*handle)(struct supervisor *s, const struct message *message);
} handlers[] = {
    {MSG_SPAWNER_READY, on_ready},
    {MSG_SPAWNED, on_spawned},
    {MSG_EXITED, on_exited},
    {MSG_PONG, on_pong},
};

static void
handle(struct supervisor *s, const struct message *message)
{
	s->heard_ms = clock_mono_ms();
	for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
		if (handlers[i].type == message->type)
			handlers[i].handle(s, message);
}

static void
control_readable(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)what;
	while (s->control_fd == fd) {
		_cleanup_(message_release) struct message message = {.fd = -1};
		int r = message_recv(fd, S2M, s->phase == PHASE_READY ? S_SERVING : S_STARTING, s->buffer, &message);

		if (r == -EAGAIN)
			return;
		if (r <= 0) {
			/* Gone, or talking nonsense: either way its end comes through the pidfd. */
			if (r < 0)
				kill(s->pid, SIGKILL);
			event_del(s->control_event);
			return;
		}
		handle(s, &message);
	}
}

static void
exit_readable(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	/* What it said before it died counts: results of workers may be decided by it. */
	control_readable(s->control_fd, EV_READ, s);
	spawner_gone(s);
}

static void
close_spawner(struct supervisor *s)
{
	if (s->control_event != NULL)
		event_free(s->control_event);
	if (s->exit_event != NULL)
		event_free(s->exit_event);
	s->control_event = s->exit_event = NULL;
	closep(&s->control_fd);
	closep(&s->pidfd);
	s->phase = PHASE_DOWN;
}

static int
send_init(struct supervisor *s)
{
	struct msg_spawner_init init = {
	    .upstream_url = str_of(s->options.upstream_url),
	    .ca_file = str_of(s->options.ca_file),
	    .user_agent = str_of(s->options.user_agent),
	    .body_max_bytes = s->options.body_max_bytes,
	    .connect_timeout_ms = s->options.connect_timeout_ms,
	    .answer_timeout_ms = s->options.answer_timeout_ms,
	    .memory_max_bytes = s->options.memory_max_bytes,
	};

	_cleanup_close_ int rules_fd = memfd_sealed("rules", "", 0);

	return rules_fd < 0 ? rules_fd : msg_spawner_init_send(s->control_fd, &init, rules_fd);
}

static int
start_spawner(struct supervisor *s)
{
	_cleanup_close_ int theirs = -1;
	int pair[2], r;

	r = message_pair(pair);
	if (r < 0)
		return r;
	s->control_fd = pair[0];
	theirs = pair[1];
	r = posix_child_start("--role=spawner", theirs, &s->pid, &s->pidfd);
	if (r == 0)
		r = fd_set_nonblock(s->control_fd);
	if (r == 0)
		r = send_init(s);
	if (r < 0) {
		/* It may be running already. */
		if (s->pidfd >= 0) {
			char status[64];

			kill(s->pid, SIGKILL);
			posix_child_reap(s->pid, status, sizeof status);
		}
		closep(&s->pidfd);
		closep(&s->control_fd);
		return r;
	}
	s->phase = PHASE_STARTING;
	s->killed_for_silence = false;
	s->started_ms = s->heard_ms = s->ticked_ms = clock_mono_ms();
	s->control_event = event_new(s->base, s->control_fd, EV_READ | EV_PERSIST, control_readable, s);
	s->exit_event = event_new(s->base, s->pidfd, EV_READ | EV_PERSIST, exit_readable, s);
	event_add(s->control_event, NULL);
	event_add(s->exit_event, NULL);
	tick_after(s, PING_EVERY_MS);
	return 0;
}

static void
restart(struct supervisor *s)
{
	int r = start_spawner(s);

	if (r < 0) {
		log_event(EV_SPAWNER_FAILED, LOG_ERRNO(r));
		tick_after(s, RESTART_MAX_MS);
	}
}

static void
spawner_gone(struct supervisor *s)
{
	char status[64];
	bool was_ready = s->phase == PHASE_READY;

	posix_child_reap(s->pid, status, sizeof status);
	log_event(EV_SPAWNER_LOST, LOG_I64("WORKER_PID", s->pid), LOG_STR("STATUS", status));
	close_spawner(s);
	s->hooks.lost(s->hooks.arg);
	if (was_ready) {
		restart(s);
		return;
	}
	s->restart_pause_ms = MIN_OF(MAX_OF(s->restart_pause_ms * 2, 50), RESTART_MAX_MS);
	tick_after(s, s->restart_pause_ms);
}

static void
check_silence(struct supervisor *s)
{
	int64_t now_ms = clock_mono_ms(), silent_ms;
	struct msg_ping ping = {.sequence = ++s->ping_sequence};

	/* We were the ones who were not there to listen. */
	if (now_ms - s->ticked_ms > 2 * PING_EVERY_MS)
		s->heard_ms = now_ms;
	s->ticked_ms = now_ms;
	silent_ms = now_ms - s->heard_ms;
	if (silent_ms > (s->phase == PHASE_READY ? SILENCE_MAX_MS : START_MAX_MS) && !s->killed_for_silence) {
		log_event(EV_SPAWNER_SILENT, LOG_I64("WORKER_PID", s->pid), LOG_I64("DURATION_MS", silent_ms));
		s->killed_for_silence = true;
		kill(s->pid, SIGKILL);
	} else if (s->phase == PHASE_READY && msg_ping_send(s->control_fd, &ping, -1) == -EMSGSIZE) {
		/* Cannot happen; a full or closed channel is noticed by the silence that follows. */
		kill(s->pid, SIGKILL);
	}
	tick_after(s, PING_EVERY_MS);
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct supervisor *s = arg;

	(void)fd;
	(void)what;
	if (s->phase == PHASE_DOWN)
		restart(s);
	else
		check_silence(s);
}

/* Somebody stopped it: it goes on before its silence costs its workers their lives. */
static void
child_changed(evutil_socket_t number, short what, void *arg)
{
	struct supervisor *s = arg;
	siginfo_t info = {0};

	(void)number;
	(void)what;
	if (s->phase == PHASE_DOWN || waitid(P_PID, (id_t)s->pid, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid != s->pid)
		return;
	log_event(EV_SPAWNER_STOPPED, LOG_I64("WORKER_PID", s->pid));
	kill(s->pid, SIGCONT);
}

int
supervisor_new(struct event_base *base, const struct supervisor_options *options, const struct supervisor_hooks *hooks,
    struct supervisor **ret_supervisor)
{
	struct supervisor *s = xcalloc(1, sizeof *s);
	int r;

	s->base = base;
	s->options = *options;
	s->options.upstream_url = s->strings[0] = xstrdup(options->upstream_url);
	s->options.ca_file = s->strings[1] = xstrdup(options->ca_file);
	s->options.user_agent = s->strings[2] = xstrdup(options->user_agent);
	s->hooks = *hooks;
	s->control_fd = s->pidfd = -1;
	s->tick_event = event_new(base, -1, 0, tick, s);
	s->child_event = evsignal_new(base, SIGCHLD, child_changed, s);
	event_add(s->child_event, NULL);
	r = start_spawner(s);
	if (r < 0) {
		supervisor_free(s);
		return r;
	}
	*ret_supervisor = s;
	return 0;
}

struct supervisor *
supervisor_free(struct supervisor *s)
{
	char status[64];

	if (s == NULL)
		return NULL;
	if (s->phase != PHASE_DOWN) {
		kill(s->pid, SIGKILL);
		posix_child_reap(s->pid, status, sizeof status);
		close_spawner(s);
	}
	event_free(s->tick_event);
	event_free(s->child_event);
	for (size_t i = 0; i < ELEMENTSOF(s->strings); i++)
		free(s->strings[i]);
	free(s);
	return NULL;
}

bool
supervisor_is_ready(const struct supervisor *s)
{
	return s->phase == PHASE_READY;
}

int
supervisor_spawn(struct supervisor *s, const struct msg_spawn *spawn, int fd)
{
	return s->phase == PHASE_READY ? msg_spawn_send(s->control_fd, spawn, fd) : -EPIPE;
}

void
supervisor_kill_worker(struct supervisor *s, uint64_t worker_id)
{
	struct msg_kill_worker m = {.worker_id = worker_id};

	/* A full channel means a stuck spawner, which check_silence() ends together with the worker. */
	if (s->phase == PHASE_READY && msg_kill_worker_send(s->control_fd, &m, -1) < 0)
		s->heard_ms = MIN_OF(s->heard_ms, clock_mono_ms() - SILENCE_MAX_MS / 2);
}
