/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/spawner_peer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "daemon/posix_child.h"
#include "daemon/rules_source.h"
#include "daemon/run_log.h"

#define PING_EVERY_MS  1000
#define SILENCE_MAX_MS 5000
#define START_MAX_MS   10000

/* --- its workers ------------------------------------------------------------------------------------------------------- */

static size_t
index_of(const struct spawner_peer *p, uint64_t worker_id)
{
	size_t i = 0;

	while (i < p->worker_count && p->workers[i] != worker_id)
		i++;
	return i;
}

bool
spawner_peer_has(const struct spawner_peer *p, uint64_t worker_id)
{
	return index_of(p, worker_id) < p->worker_count;
}

static void
add_worker(struct spawner_peer *p, uint64_t worker_id)
{
	p->workers = xreallocarray(p->workers, p->worker_count + 1, sizeof *p->workers);
	p->workers[p->worker_count++] = worker_id;
}

/* False if it has no such worker: whatever it says then is not heard. */
static bool
take_worker(struct spawner_peer *p, uint64_t worker_id)
{
	size_t i = index_of(p, worker_id);

	if (i == p->worker_count)
		return false;
	p->workers[i] = p->workers[--p->worker_count];
	return true;
}

/* --- its life ---------------------------------------------------------------------------------------------------------- */

void
spawner_peer_kill(struct spawner_peer *p)
{
	p->killed = true;
	kill(p->pid, SIGKILL);
}

static void
tick_later(struct spawner_peer *p)
{
	struct timeval tv = {.tv_sec = PING_EVERY_MS / 1000};

	event_add(p->tick_event, &tv);
}

static void
free_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

static void
hang_up(struct spawner_peer *p)
{
	free_event(&p->control_event);
	closep(&p->control_fd);
}

/* Nobody needs it any more: at the end of its channel it leaves by itself, and soon. */
static void
let_go_if_idle(struct spawner_peer *p)
{
	if (p->phase != PEER_RETIRED || p->worker_count > 0)
		return;
	p->overdue_ms = MIN_OF(p->overdue_ms, clock_mono_ms() + SILENCE_MAX_MS);
	hang_up(p);
}

void
spawner_peer_retire(struct spawner_peer *p, int64_t most_ms)
{
	p->phase = PEER_RETIRED;
	p->retired_ms = clock_mono_ms();
	p->overdue_ms = p->retired_ms + most_ms;
	let_go_if_idle(p);
}

static void
check_silence(struct spawner_peer *p, int64_t now_ms)
{
	struct msg_ping ping = {.sequence = ++p->ping_sequence};
	int64_t silent_ms;

	/* We were the ones who were not there to listen. */
	if (now_ms - p->ticked_ms > 2 * PING_EVERY_MS)
		p->heard_ms = now_ms;
	p->ticked_ms = now_ms;
	silent_ms = now_ms - p->heard_ms;
	if (silent_ms > (p->was_ready ? SILENCE_MAX_MS : START_MAX_MS)) {
		log_event(EV_SPAWNER_SILENT, LOG_I64("WORKER_PID", p->pid), LOG_I64("DURATION_MS", silent_ms));
		spawner_peer_kill(p);
	} else if (p->was_ready && p->control_fd >= 0 && msg_ping_send(p->control_fd, &ping, -1) == -EMSGSIZE) {
		/* Cannot happen; a full or closed channel is noticed by the silence that follows. */
		spawner_peer_kill(p);
	}
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct spawner_peer *p = arg;
	int64_t now_ms = clock_mono_ms();

	(void)fd;
	(void)what;
	tick_later(p);
	if (p->killed)
		return;
	if (p->phase == PEER_RETIRED && now_ms > p->overdue_ms) {
		log_event(EV_SPAWNER_OVERDUE, LOG_I64("WORKER_PID", p->pid), LOG_I64("DURATION_MS", now_ms - p->retired_ms),
		    LOG_I64("JOBS", p->worker_count));
		spawner_peer_kill(p);
	} else if (p->phase != PEER_RETIRED || p->control_fd >= 0) {
		/* Also of one that hung up and did not end. */
		check_silence(p, now_ms);
	}
}

void
spawner_peer_continue(struct spawner_peer *p)
{
	siginfo_t info = {0};

	if (waitid(P_PID, (id_t)p->pid, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid != p->pid)
		return;
	log_event(EV_SPAWNER_STOPPED, LOG_I64("WORKER_PID", p->pid));
	kill(p->pid, SIGCONT);
}

/* --- what it says ------------------------------------------------------------------------------------------------------ */

static int
on_ready(struct spawner_peer *p, const struct message *message)
{
	struct msg_spawner_ready ready;

	if (msg_spawner_ready_decode(message, &ready) < 0 || ready.protocol != PROTOCOL_VERSION)
		return -EBADMSG;
	p->was_ready = true;
	p->phase = PEER_SERVING;
	log_event(EV_SPAWNER_STARTED, LOG_I64("WORKER_PID", p->pid), LOG_I64("DURATION_MS", clock_mono_ms() - p->started_ms));
	p->hooks->ready(p->hooks->arg, p);
	return 0;
}

static int
on_spawned(struct spawner_peer *p, const struct message *message)
{
	const struct supervisor_hooks *hooks = &p->hooks->of_workers;
	struct msg_spawned spawned;

	if (msg_spawned_decode(message, &spawned) < 0)
		return -EBADMSG;
	if (spawned.pid >= 0 && spawner_peer_has(p, spawned.worker_id))
		hooks->spawned(hooks->arg, spawned.worker_id, spawned.pid);
	else if (spawned.pid < 0 && take_worker(p, spawned.worker_id))
		hooks->refused(hooks->arg, spawned.worker_id, spawned.pid);
	let_go_if_idle(p);
	return 0;
}

static int
on_exited(struct spawner_peer *p, const struct message *message)
{
	const struct supervisor_hooks *hooks = &p->hooks->of_workers;
	struct msg_exited exited;

	if (msg_exited_decode(message, &exited) < 0)
		return -EBADMSG;
	if (take_worker(p, exited.worker_id))
		hooks->exited(hooks->arg, &exited);
	let_go_if_idle(p);
	return 0;
}

static int
on_pong(struct spawner_peer *p, const struct message *message)
{
	struct msg_pong pong;

	(void)p;
	return msg_pong_decode(message, &pong);
}

static const struct handler {
	enum message_type type;
	int (*handle)(struct spawner_peer *p, const struct message *message);
} handlers[] = {
    {MSG_SPAWNER_READY, on_ready},
    {MSG_SPAWNED, on_spawned},
    {MSG_EXITED, on_exited},
    {MSG_PONG, on_pong},
};

static int
handle(struct spawner_peer *p, const struct message *message)
{
	p->heard_ms = clock_mono_ms();
	for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
		if (handlers[i].type == message->type)
			return handlers[i].handle(p, message);
	return -EBADMSG;
}

static void
read_channel(struct spawner_peer *p)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];

	while (p->control_fd >= 0) {
		_cleanup_(message_release) struct message message = {.fd = -1};
		int r = message_recv(p->control_fd, S2M, p->was_ready ? S_SERVING : S_STARTING, buffer, &message);

		if (r == -EAGAIN)
			return;
		if (r > 0)
			r = handle(p, &message) < 0 ? -EBADMSG : 1;
		/* Gone, or talking nonsense: either way its end comes through the pidfd. */
		if (r < 0)
			spawner_peer_kill(p);
		if (r <= 0)
			hang_up(p);
	}
}

static void
control_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_channel(arg);
}

static void
exit_readable(evutil_socket_t fd, short what, void *arg)
{
	struct spawner_peer *p = arg;
	const struct supervisor_hooks *hooks = &p->hooks->of_workers;
	char status[64];

	(void)fd;
	(void)what;
	/* What it said before it died counts: results of workers may be decided by it. */
	read_channel(p);
	hang_up(p);
	run_log_denied("spawner", p->pid, posix_child_reap(p->pid, status, sizeof status));
	free_event(&p->exit_event);
	free_event(&p->tick_event);
	closep(&p->pidfd);
	while (p->worker_count > 0)
		hooks->lost(hooks->arg, p->workers[--p->worker_count]);
	p->hooks->ended(p->hooks->arg, p, status);
}

/* --- its start --------------------------------------------------------------------------------------------------------- */

static int
send_init(struct spawner_peer *p, const struct supervisor_options *o)
{
	const struct msg_spawner_init init = {
	    .upstream_url = str_of(o->upstream_url),
	    .ca_file = str_of(o->ca_file),
	    .user_agent = str_of(o->user_agent),
	    .body_max_bytes = o->body_max_bytes,
	    .connect_timeout_ms = o->connect_timeout_ms,
	    .answer_timeout_ms = o->answer_timeout_ms,
	    .memory_max_bytes = o->memory_max_bytes,
	    .rules_name = str_of(p->rules->name),
	    .delivers = o->delivers,
	    .deliver_ca_file = str_of(o->deliver_ca_file),
	};
	_cleanup_close_ int rules_fd = memfd_sealed("rules", p->rules->text.p, p->rules->text.len);

	return rules_fd < 0 ? rules_fd : msg_spawner_init_send(p->control_fd, &init, rules_fd);
}

void
spawner_peer_connect_keeper(struct spawner_peer *p)
{
	_cleanup_close_ int fd = -1;

	if (p->connect_keeper == NULL || p->control_fd < 0 || p->connect_keeper(p->connect_keeper_arg, &fd) < 0)
		return;
	/* A channel that is full belongs to a spawner that is stuck, which check_silence() ends. */
	if (msg_spawner_keeper_send(p->control_fd, &(struct msg_spawner_keeper){.generation = 1}, fd) < 0)
		p->heard_ms = MIN_OF(p->heard_ms, clock_mono_ms() - SILENCE_MAX_MS / 2);
}

static int
start(struct spawner_peer *p, const struct supervisor_options *options)
{
	_cleanup_close_ int theirs = -1;
	int pair[2], r = message_pair(pair);

	if (r < 0)
		return r;
	p->control_fd = pair[0];
	theirs = pair[1];
	r = posix_child_start("--role=spawner", theirs, &p->pid, &p->pidfd);
	if (r == 0)
		r = fd_set_nonblock(p->control_fd);
	if (r == 0)
		r = send_init(p, options);
	if (r == 0)
		spawner_peer_connect_keeper(p);
	return r;
}

static void
watch(struct spawner_peer *p)
{
	p->started_ms = p->heard_ms = p->ticked_ms = clock_mono_ms();
	p->control_event = event_new(p->base, p->control_fd, EV_READ | EV_PERSIST, control_readable, p);
	p->exit_event = event_new(p->base, p->pidfd, EV_READ | EV_PERSIST, exit_readable, p);
	p->tick_event = event_new(p->base, -1, 0, tick, p);
	event_add(p->control_event, NULL);
	event_add(p->exit_event, NULL);
	tick_later(p);
}

int
spawner_peer_new(struct event_base *base, const struct supervisor_options *options, struct rules_source *rules,
    const struct spawner_peer_hooks *hooks, struct spawner_peer **ret_peer)
{
	struct spawner_peer *p = xcalloc(1, sizeof *p);
	int r;

	p->base = base;
	p->hooks = hooks;
	p->rules = rules_source_ref(rules);
	p->connect_keeper = options->connect_keeper;
	p->connect_keeper_arg = options->connect_keeper_arg;
	p->pidfd = p->control_fd = -1;
	r = start(p, options);
	if (r < 0) {
		spawner_peer_free(p);
		return r;
	}
	watch(p);
	*ret_peer = p;
	return 0;
}

struct spawner_peer *
spawner_peer_free(struct spawner_peer *p)
{
	char status[64];

	if (p == NULL)
		return NULL;
	hang_up(p);
	/* It may be running already, although its start failed. */
	if (p->pidfd >= 0) {
		kill(p->pid, SIGKILL);
		posix_child_reap(p->pid, status, sizeof status);
	}
	free_event(&p->exit_event);
	free_event(&p->tick_event);
	closep(&p->pidfd);
	rules_source_unref(p->rules);
	free(p->workers);
	free(p);
	return NULL;
}

int
spawner_peer_spawn(struct spawner_peer *p, const struct msg_spawn *spawn, int fd)
{
	int r = p->phase == PEER_SERVING && p->control_fd >= 0 ? msg_spawn_send(p->control_fd, spawn, fd) : -EPIPE;

	if (r == 0)
		add_worker(p, spawn->worker_id);
	return r;
}

void
spawner_peer_kill_worker(struct spawner_peer *p, uint64_t worker_id)
{
	struct msg_kill_worker m = {.worker_id = worker_id};

	/* A full channel means a stuck spawner, which check_silence() ends together with the worker. */
	if (p->control_fd >= 0 && msg_kill_worker_send(p->control_fd, &m, -1) < 0)
		p->heard_ms = MIN_OF(p->heard_ms, clock_mono_ms() - SILENCE_MAX_MS / 2);
}
