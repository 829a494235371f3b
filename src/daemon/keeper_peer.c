/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/keeper_peer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/posix_child.h"
#include "daemon/run_log.h"
#include "proto/message.h"
#include "workers/keeper.h"

#define PING_EVERY_MS  1000
#define SILENCE_MAX_MS 5000
#define START_MAX_MS   10000
#define RESTART_MIN_MS 50
#define RESTART_MAX_MS 5000

struct keeper_peer {
	struct event_base *base;
	struct keeper_options options;
	char *strings[4]; /* what the options point to */
	struct keeper_hooks hooks;
	struct app_keeper known;
	pid_t pid;
	int pidfd, control_fd; /* -1: none */
	struct event *control_event, *exit_event, *tick_event, *restart_event, *child_event;
	bool ready, killed;
	int64_t started_ms, heard_ms, ticked_ms; /* monotonic */
	int64_t answered_ms;                     /* monotonic; its last word, or that of the one before: a start is none */
	int64_t restart_pause_ms;
	uint64_t ping_sequence, generation;
	int error; /* why it did not start; 0: it has not said */
	char what[64];
};

/* --- its life ---------------------------------------------------------------------------------------------------------- */

static int start(struct keeper_peer *k);

static void
add_ms(struct event *event, int64_t ms)
{
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};

	event_add(event, &tv);
}

static void
free_event(struct event **event)
{
	if (*event != NULL)
		event_free(*event);
	*event = NULL;
}

static void
hang_up(struct keeper_peer *k)
{
	k->ready = false;
	free_event(&k->control_event);
	closep(&k->control_fd);
}

static void
end_process(struct keeper_peer *k)
{
	k->killed = true;
	if (k->pidfd >= 0)
		kill(k->pid, SIGKILL);
}

static void
start_later(struct keeper_peer *k)
{
	k->restart_pause_ms = MIN_OF(MAX_OF(k->restart_pause_ms * 2, RESTART_MIN_MS), RESTART_MAX_MS);
	add_ms(k->restart_event, k->restart_pause_ms);
}

static void
restart_due(evutil_socket_t fd, short what, void *arg)
{
	struct keeper_peer *k = arg;
	int r;

	(void)fd;
	(void)what;
	r = start(k);
	if (r < 0) {
		log_event(EV_KEEPER_FAILED, LOG_STR("STEP", "its process"), LOG_ERRNO(r));
		start_later(k);
	}
}

static void
tick(evutil_socket_t fd, short what, void *arg)
{
	struct keeper_peer *k = arg;
	struct msg_keeper_ping ping = {.sequence = ++k->ping_sequence};
	int64_t now_ms = clock_mono_ms();

	(void)fd;
	(void)what;
	add_ms(k->tick_event, PING_EVERY_MS);
	if (k->pidfd < 0 || k->killed)
		return;
	/* We were the ones who were not there to listen. */
	if (now_ms - k->ticked_ms > 2 * PING_EVERY_MS)
		k->heard_ms = k->answered_ms = now_ms;
	k->ticked_ms = now_ms;
	if (now_ms - k->heard_ms > (k->ready ? SILENCE_MAX_MS : START_MAX_MS)) {
		log_event(EV_KEEPER_SILENT, LOG_I64("WORKER_PID", k->pid), LOG_I64("DURATION_MS", now_ms - k->heard_ms));
		end_process(k);
	} else if (k->ready && msg_keeper_ping_send(k->control_fd, &ping, -1) == -EMSGSIZE) {
		end_process(k); /* cannot happen; a full or closed channel is noticed by the silence that follows */
	}
}

static void
child_changed(evutil_socket_t number, short what, void *arg)
{
	struct keeper_peer *k = arg;
	siginfo_t info = {0};

	(void)number;
	(void)what;
	if (k->pidfd < 0 || waitid(P_PID, (id_t)k->pid, &info, WSTOPPED | WNOHANG) < 0 || info.si_pid != k->pid)
		return;
	log_event(EV_KEEPER_STOPPED, LOG_I64("WORKER_PID", k->pid));
	kill(k->pid, SIGCONT);
}

/* --- what it says ------------------------------------------------------------------------------------------------------ */

static int
take_keys(struct app_keeper *known, const struct msg_keeper_ready *ready)
{
	*known = (struct app_keeper){.lasting = ready->lasting != 0, .count = ready->key_ids.len / BOX_ID_BYTES};
	if (ready->public_key.len != BOX_PUBLIC_BYTES || known->count == 0 || known->count > BOX_KEYS_MAX ||
	    ready->key_ids.len % BOX_ID_BYTES != 0)
		return -EBADMSG;
	box_public_set(&known->to, (const unsigned char *)ready->public_key.p);
	memcpy(known->ids, ready->key_ids.p, ready->key_ids.len);
	return memcmp(known->to.id, known->ids[0], BOX_ID_BYTES) == 0 ? 0 : -EBADMSG;
}

static int
take_beside(struct app_keeper *known, struct str key)
{
	if (key.len != BOX_PUBLIC_BYTES)
		return -EBADMSG;
	box_public_set(&known->beside, (const unsigned char *)key.p);
	known->has_beside = true;
	return 0;
}

static int
take_box(struct box *box, const unsigned char key_id[BOX_ID_BYTES], struct str seal_id, struct str bytes)
{
	if (seal_id.len != BOX_ID_BYTES || bytes.len == 0 || bytes.len > sizeof box->bytes)
		return -EBADMSG;
	*box = (struct box){.len = bytes.len};
	memcpy(box->key_id, key_id, sizeof box->key_id);
	memcpy(box->seal_id, seal_id.p, seal_id.len);
	memcpy(box->bytes, bytes.p, bytes.len);
	return 0;
}

static int
on_ready(struct keeper_peer *k, const struct message *message)
{
	struct msg_keeper_ready ready;
	int r = msg_keeper_ready_decode(message, &ready);

	if (r == 0)
		r = ready.protocol == PROTOCOL_VERSION ? take_keys(&k->known, &ready) : -EBADMSG;
	if (r == 0 && ready.webhook_key.len > 0)
		r = take_beside(&k->known, ready.webhook_key);
	if (r == 0 && ready.single_user_box.len > 0)
		r = take_box(&k->known.single_user, k->known.to.id, ready.single_user_seal_id, ready.single_user_box);
	if (r < 0)
		return r;
	k->ready = true;
	k->restart_pause_ms = 0;
	log_event(EV_KEEPER_STARTED, LOG_I64("WORKER_PID", k->pid), LOG_I64("COUNT", k->known.count),
	    LOG_STR("DETAIL", k->known.lasting ? "given" : "made for this process: jobs that outlive it lose their key"),
	    LOG_I64("DURATION_MS", clock_mono_ms() - k->started_ms));
	k->hooks.ready(k->hooks.arg, &k->known);
	return 0;
}

static int
on_failed(struct keeper_peer *k, const struct message *message)
{
	struct msg_keeper_failed failed;

	if (msg_keeper_failed_decode(message, &failed) < 0 || failed.error >= 0)
		return -EBADMSG;
	k->error = failed.error;
	snprintf(k->what, sizeof k->what, "%.*s", STR_ARG(failed.what));
	return 0;
}

static int
on_given(struct keeper_peer *k, const struct message *message)
{
	struct msg_given given;

	if (msg_given_decode(message, &given) < 0)
		return -EBADMSG;
	k->hooks.given(k->hooks.arg, given.worker_id, given.result);
	return 0;
}

static int
on_resealed(struct keeper_peer *k, const struct message *message)
{
	struct msg_resealed done;
	struct box box = {.len = 0};
	int r = msg_resealed_decode(message, &done);

	if (r == 0 && done.key_id.len != (done.result == 0 ? BOX_ID_BYTES : 0))
		r = -EBADMSG;
	if (r == 0 && done.result == 0)
		r = take_box(&box, (const unsigned char *)done.key_id.p, done.seal_id, done.box);
	if (r == 0)
		k->hooks.resealed(k->hooks.arg, done.number, done.result, &box);
	return r;
}

static int
on_pong(struct keeper_peer *k, const struct message *message)
{
	struct msg_keeper_pong pong;

	(void)k;
	return msg_keeper_pong_decode(message, &pong);
}

static const struct handler {
	enum message_type type;
	int (*handle)(struct keeper_peer *k, const struct message *message);
} handlers[] = {
    {MSG_KEEPER_READY, on_ready},
    {MSG_KEEPER_FAILED, on_failed},
    {MSG_GIVEN, on_given},
    {MSG_RESEALED, on_resealed},
    {MSG_KEEPER_PONG, on_pong},
};

static int
handle(struct keeper_peer *k, const struct message *message)
{
	k->heard_ms = k->answered_ms = clock_mono_ms();
	for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
		if (handlers[i].type == message->type)
			return handlers[i].handle(k, message);
	return -EBADMSG;
}

static void
read_channel(struct keeper_peer *k)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];

	while (k->control_fd >= 0) {
		_cleanup_(message_release) struct message message = {.fd = -1};
		int r = message_recv(k->control_fd, K2M, k->ready ? K_SERVING : K_STARTING, buffer, &message);

		if (r == -EAGAIN)
			return;
		if (r > 0)
			r = handle(k, &message) < 0 ? -EBADMSG : 1;
		/* Gone, or talking nonsense: either way its end comes through the pidfd. */
		if (r < 0)
			end_process(k);
		if (r <= 0)
			hang_up(k);
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
	struct keeper_peer *k = arg;
	bool was_ready = k->ready;
	char status[64];

	(void)fd;
	(void)what;
	read_channel(k);
	was_ready = was_ready || k->ready;
	hang_up(k);
	run_log_denied("keeper", k->pid, posix_child_reap(k->pid, status, sizeof status));
	free_event(&k->exit_event);
	closep(&k->pidfd);
	if (k->error < 0)
		log_event(EV_KEEPER_FAILED, LOG_STR("STEP", k->what), LOG_ERRNO(k->error));
	else
		log_event(EV_KEEPER_LOST, LOG_I64("WORKER_PID", k->pid), LOG_STR("STATUS", status));
	metric_add(rtalp_helper_restarts, METRIC_KEEPER, 0, 1);
	k->hooks.lost(k->hooks.arg);
	if (!was_ready || start(k) < 0)
		start_later(k);
}

/* --- its start --------------------------------------------------------------------------------------------------------- */

static int
send_init(struct keeper_peer *k)
{
	const struct msg_keeper_init init = {
	    .credentials = str_of(k->options.credentials),
	    .keys_file = str_of(k->options.keys_file),
	    .single_user_id = k->options.single_user_id,
	    .single_user_key_file = str_of(k->options.single_user_key_file),
	    .webhook_key_file = str_of(k->options.webhook_key_file),
	};

	return msg_keeper_init_send(k->control_fd, &init, -1);
}

static int
start_process(struct keeper_peer *k)
{
	_cleanup_close_ int theirs = -1;
	int pair[2], r = message_pair(pair);

	if (r < 0)
		return r;
	k->control_fd = pair[0];
	theirs = pair[1];
	r = posix_child_start(KEEPER_ARGUMENT, theirs, &k->pid, &k->pidfd);
	if (r == 0)
		r = fd_set_nonblock(k->control_fd);
	return r < 0 ? r : send_init(k);
}

static void
give_up(struct keeper_peer *k)
{
	char status[64];

	hang_up(k);
	/* It may be running already, although its start failed. */
	if (k->pidfd >= 0) {
		kill(k->pid, SIGKILL);
		posix_child_reap(k->pid, status, sizeof status);
	}
	free_event(&k->exit_event);
	closep(&k->pidfd);
}

static int
start(struct keeper_peer *k)
{
	int r;

	k->ready = k->killed = false;
	k->error = 0;
	k->started_ms = k->heard_ms = k->ticked_ms = clock_mono_ms();
	if (k->answered_ms == 0)
		k->answered_ms = k->started_ms;
	r = start_process(k);
	if (r < 0) {
		give_up(k);
		return r;
	}
	k->control_event = event_new(k->base, k->control_fd, EV_READ | EV_PERSIST, control_readable, k);
	k->exit_event = event_new(k->base, k->pidfd, EV_READ | EV_PERSIST, exit_readable, k);
	event_add(k->control_event, NULL);
	event_add(k->exit_event, NULL);
	return 0;
}

static void
copy_options(struct keeper_peer *k, const struct keeper_options *o)
{
	k->options = *o;
	k->options.credentials = k->strings[0] = xstrdup(o->credentials != NULL ? o->credentials : "");
	k->options.keys_file = k->strings[1] = xstrdup(o->keys_file);
	k->options.single_user_key_file = k->strings[2] = xstrdup(o->single_user_key_file);
	k->options.webhook_key_file = k->strings[3] = xstrdup(o->webhook_key_file);
}

int
keeper_peer_new(struct event_base *base, const struct keeper_options *options, const struct keeper_hooks *hooks, struct keeper_peer **ret_peer)
{
	struct keeper_peer *k = xcalloc(1, sizeof *k);
	int r;

	k->base = base;
	copy_options(k, options);
	k->hooks = *hooks;
	k->pidfd = k->control_fd = -1;
	k->tick_event = event_new(base, -1, 0, tick, k);
	k->restart_event = event_new(base, -1, 0, restart_due, k);
	k->child_event = evsignal_new(base, SIGCHLD, child_changed, k);
	event_add(k->child_event, NULL);
	add_ms(k->tick_event, PING_EVERY_MS);
	r = start(k);
	if (r < 0) {
		keeper_peer_free(k);
		return r;
	}
	*ret_peer = k;
	return 0;
}

int
keeper_peer_wait(struct keeper_peer *k, const char **ret_what)
{
	const int64_t end_ms = clock_mono_ms() + START_MAX_MS;

	*ret_what = "its process";
	while (!k->ready && k->error == 0 && k->control_fd >= 0) {
		struct pollfd p = {.fd = k->control_fd, .events = POLLIN};
		int64_t left_ms = end_ms - clock_mono_ms();

		if (left_ms <= 0)
			return -ETIMEDOUT;
		(void)poll(&p, 1, (int)left_ms);
		read_channel(k);
	}
	if (k->error < 0)
		*ret_what = k->what;
	return k->ready ? 0 : k->error < 0 ? k->error : -EPROTO;
}

struct keeper_peer *
keeper_peer_free(struct keeper_peer *k)
{
	if (k == NULL)
		return NULL;
	give_up(k);
	free_event(&k->tick_event);
	free_event(&k->restart_event);
	free_event(&k->child_event);
	for (size_t i = 0; i < ELEMENTSOF(k->strings); i++)
		free(k->strings[i]);
	free(k);
	return NULL;
}

bool
keeper_peer_is_ready(const struct keeper_peer *k)
{
	return k->ready;
}

int64_t
keeper_peer_heard_ms(const struct keeper_peer *k)
{
	return k->answered_ms;
}

/* --- what it is asked -------------------------------------------------------------------------------------------------- */

int
keeper_peer_connect(struct keeper_peer *k, int *ret_fd)
{
	const struct msg_keeper_spawner told = {.generation = ++k->generation};
	_cleanup_close_ int theirs = -1, spawners = -1;
	int pair[2], r;

	if (!k->ready)
		return -EPIPE;
	r = message_pair(pair);
	if (r < 0)
		return r;
	theirs = pair[0];
	spawners = pair[1];
	r = fd_set_nonblock(spawners);
	/* The keeper asks for it too, but its spawner may speak before the keeper has looked. */
	if (r == 0)
		r = message_ask_sender(theirs);
	if (r == 0)
		r = msg_keeper_spawner_send(k->control_fd, &told, theirs);
	if (r == 0)
		*ret_fd = TAKE_FD(spawners);
	return r;
}

int
keeper_peer_give(struct keeper_peer *k, uint64_t worker_id, enum box_purpose purpose, int64_t owner, const struct box *box, const struct box *before)
{
	struct msg_give give = {
	    .worker_id = worker_id, .purpose = purpose, .owner = owner, .key_id = box_str(box->key_id, BOX_ID_BYTES),
	    .seal_id = box_str(box->seal_id, BOX_ID_BYTES), .box = box_str(box->bytes, box->len),
	};

	if (before != NULL && before->len > 0) {
		give.before_key_id = box_str(before->key_id, BOX_ID_BYTES);
		give.before_seal_id = box_str(before->seal_id, BOX_ID_BYTES);
		give.before_box = box_str(before->bytes, before->len);
	}
	return k->ready ? msg_give_send(k->control_fd, &give, -1) : -EPIPE;
}

int
keeper_peer_reseal(struct keeper_peer *k, uint64_t number, enum box_purpose purpose, int64_t owner, const struct box *box)
{
	const struct msg_reseal reseal = {
	    .number = number, .purpose = purpose, .owner = owner, .key_id = box_str(box->key_id, BOX_ID_BYTES),
	    .seal_id = box_str(box->seal_id, BOX_ID_BYTES), .box = box_str(box->bytes, box->len),
	};

	return k->ready ? msg_reseal_send(k->control_fd, &reseal, -1) : -EPIPE;
}
