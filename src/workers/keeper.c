/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/keeper.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "proto/message.h"
#include "workers/keeper_keys.h"
#include "workers/keeper_start.h"
#include "workers/spawner.h"

/* The one that serves, one that gets warm, and those that were retired; one more, and the oldest is let go. */
#define SPAWNERS_MAX 16
#define WAITING_MAX  (2 * SPAWNER_WORKERS_MAX)

/* A worker that was made and has not got its secret yet. */
struct waiting {
	uint64_t worker_id;
	enum box_purpose purpose;
	int64_t owner;
	int fd;
};

struct spawner_end {
	int fd;
	pid_t pid; /* who spoke first; 0: nobody yet */
};

struct keeper {
	int control_fd;
	pid_t master;
	struct keeper_keys *keys;
	struct spawner_end spawners[SPAWNERS_MAX];
	size_t spawner_count;
	struct waiting waiting[WAITING_MAX];
	size_t waiting_count;
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct pollfd polled[1 + SPAWNERS_MAX + WAITING_MAX];
};

/* --- who waits ---------------------------------------------------------------------------------------------------------- */

static struct waiting *
waiting_of(struct keeper *k, uint64_t worker_id)
{
	for (size_t i = 0; i < k->waiting_count; i++)
		if (k->waiting[i].worker_id == worker_id)
			return &k->waiting[i];
	return NULL;
}

static void
forget(struct keeper *k, struct waiting *w)
{
	closep(&w->fd);
	*w = k->waiting[--k->waiting_count];
}

static bool
purpose_of(uint32_t role, enum box_purpose *ret_purpose)
{
	if (role == ROLE_FETCH)
		*ret_purpose = BOX_RESCUETIME_KEY;
	else if (role == ROLE_DELIVER)
		*ret_purpose = BOX_WEBHOOK_SECRET;
	else
		return false;
	return true;
}

/* --- the spawners ------------------------------------------------------------------------------------------------------- */

/* Whoever was handed the channel could say that a worker is being made, the master too, whose own end it was: what counts is who speaks. It is one process
 * from the first word to the last, and not the master. */
static bool
is_of_spawner(const struct keeper *k, struct spawner_end *s, const struct message *m)
{
	if (m->sender <= 0 || m->sender == k->master || (s->pid != 0 && s->pid != m->sender))
		return false;
	s->pid = m->sender;
	return true;
}

static int
on_worker(struct keeper *k, struct message *m)
{
	struct msg_keeper_worker told;
	struct waiting w = {0};

	if (m->type != MSG_KEEPER_WORKER || msg_keeper_worker_decode(m, &told) < 0 || !purpose_of(told.role, &w.purpose) ||
	    told.owner <= 0 || waiting_of(k, told.worker_id) != NULL)
		return -EBADMSG;
	/* Its end of the channel is closed, and it leaves without a secret. */
	if (k->waiting_count == WAITING_MAX)
		return 0;
	w.worker_id = told.worker_id;
	w.owner = told.owner;
	w.fd = TAKE_FD(m->fd);
	k->waiting[k->waiting_count++] = w;
	return 0;
}

static void
let_spawner_go(struct keeper *k, size_t i)
{
	closep(&k->spawners[i].fd);
	memmove(&k->spawners[i], &k->spawners[i + 1], (--k->spawner_count - i) * sizeof k->spawners[0]);
}

/* 1: it told something; 0: it has nothing to say; -errno: it is gone, or mad. */
static int
hear_spawner(struct keeper *k, struct spawner_end *s)
{
	_cleanup_(message_release) struct message m = {.fd = -1};
	struct pollfd p = {.fd = s->fd, .events = POLLIN};
	int r = poll(&p, 1, 0);

	if (r <= 0)
		return r;
	r = message_recv(s->fd, S2K, K_SERVING, k->buffer, &m);
	if (r <= 0)
		return r == 0 ? -EPIPE : r;
	r = is_of_spawner(k, s, &m) ? on_worker(k, &m) : -EPERM;
	return r < 0 ? r : 1;
}

static void
hear_spawners(struct keeper *k)
{
	for (size_t i = 0; i < k->spawner_count;) {
		int r = hear_spawner(k, &k->spawners[i]);

		if (r < 0)
			let_spawner_go(k, i);
		else if (r == 0)
			i++;
	}
}

static int
on_spawner(struct keeper *k, struct message *m)
{
	struct msg_keeper_spawner told;

	if (msg_keeper_spawner_decode(m, &told) < 0 || message_ask_sender(m->fd) < 0)
		return -EBADMSG;
	if (k->spawner_count == SPAWNERS_MAX)
		let_spawner_go(k, 0);
	k->spawners[k->spawner_count++] = (struct spawner_end){.fd = TAKE_FD(m->fd)};
	return 0;
}

/* --- what the master wants ---------------------------------------------------------------------------------------------- */

static int
hand_over(struct keeper *k, const struct waiting *w, const struct msg_give *give)
{
	const struct sealed now = {(enum box_purpose)give->purpose, give->owner, give->key_id, give->seal_id, give->box};
	const struct sealed before = {now.purpose, give->owner, give->before_key_id, give->before_seal_id, give->before_box};
	struct msg_key key = {0};
	int r;

	if (w->purpose != now.purpose || w->owner != give->owner)
		return -EPERM;
	r = keeper_keys_open(k->keys, &now, &key.secret);
	/* One before it that nobody can open any more does not keep this one from signing. */
	if (r == 0 && before.box.len > 0 && keeper_keys_open_before(k->keys, &before, &key.before) < 0)
		key.before = STR_NONE;
	if (r == 0)
		r = msg_key_send(w->fd, &key, -1);
	keeper_keys_forget(k->keys);
	return r;
}

static int
on_give(struct keeper *k, struct message *m)
{
	struct msg_give give;
	struct msg_given given;
	struct waiting *w;

	if (msg_give_decode(m, &give) < 0)
		return -EBADMSG;
	given = (struct msg_given){.worker_id = give.worker_id, .result = -ENOENT};
	w = waiting_of(k, give.worker_id);
	if (w != NULL) {
		given.result = hand_over(k, w, &give);
		forget(k, w);
	}
	return msg_given_send(k->control_fd, &given, -1);
}

static int
seal_anew(struct keeper *k, const struct sealed *sealed, struct box *ret_box)
{
	_cleanup_(secret_freep) struct secret *secret = NULL;
	struct str opened;
	int r = keeper_keys_open(k->keys, sealed, &opened);

	if (r == 0)
		r = secret_new(opened, &secret);
	keeper_keys_forget(k->keys);
	return r < 0 ? r : box_seal(keeper_keys_newest(k->keys, sealed->purpose), sealed->purpose, sealed->owner, secret, ret_box);
}

static int
on_reseal(struct keeper *k, struct message *m)
{
	struct msg_reseal wanted;
	struct msg_resealed done = {0};
	struct box box;

	if (msg_reseal_decode(m, &wanted) < 0)
		return -EBADMSG;
	done.number = wanted.number;
	done.result = seal_anew(k, &(struct sealed){(enum box_purpose)wanted.purpose, wanted.owner, wanted.key_id, wanted.seal_id, wanted.box}, &box);
	if (done.result == 0) {
		done.key_id = box_str(box.key_id, BOX_ID_BYTES);
		done.seal_id = box_str(box.seal_id, BOX_ID_BYTES);
		done.box = box_str(box.bytes, box.len);
	}
	return msg_resealed_send(k->control_fd, &done, -1);
}

static int
on_ping(struct keeper *k, struct message *m)
{
	struct msg_keeper_ping ping;

	if (msg_keeper_ping_decode(m, &ping) < 0)
		return -EBADMSG;
	return msg_keeper_pong_send(k->control_fd, &(struct msg_keeper_pong){.sequence = ping.sequence}, -1);
}

static const struct handler {
	enum message_type type;
	int (*handle)(struct keeper *k, struct message *m);
} handlers[] = {
    {MSG_KEEPER_SPAWNER, on_spawner},
    {MSG_GIVE, on_give},
    {MSG_RESEAL, on_reseal},
    {MSG_KEEPER_PING, on_ping},
};

/* 1: go on; 0: the master is gone; -errno. */
static int
hear_master(struct keeper *k)
{
	_cleanup_(message_release) struct message m = {.fd = -1};
	int r = message_recv(k->control_fd, M2K, K_SERVING, k->buffer, &m);

	if (r <= 0)
		return r;
	for (size_t i = 0; i < ELEMENTSOF(handlers); i++) {
		if (handlers[i].type != m.type)
			continue;
		r = handlers[i].handle(k, &m);
		return r < 0 ? r : 1;
	}
	return -EBADMSG;
}

/* --- the loop ------------------------------------------------------------------------------------------------------------ */

static nfds_t
gather(struct keeper *k)
{
	nfds_t n = 0;

	k->polled[n++] = (struct pollfd){.fd = k->control_fd, .events = POLLIN};
	for (size_t i = 0; i < k->spawner_count; i++)
		k->polled[n++] = (struct pollfd){.fd = k->spawners[i].fd, .events = POLLIN};
	/* Of a worker nothing is heard but its end. */
	for (size_t i = 0; i < k->waiting_count; i++)
		k->polled[n++] = (struct pollfd){.fd = k->waiting[i].fd};
	return n;
}

/* From the last to the first, because forgetting one moves the last into its place. */
static void
forget_dead(struct keeper *k)
{
	for (size_t i = k->waiting_count; i-- > 0;)
		if (k->polled[1 + k->spawner_count + i].revents != 0)
			forget(k, &k->waiting[i]);
}

/* 1: go on; 0: the master is gone; -errno. */
static int
turn(struct keeper *k)
{
	bool of_master;

	if (poll(k->polled, gather(k), -1) < 0)
		return errno == EINTR ? 1 : -errno;
	of_master = k->polled[0].revents != 0;
	forget_dead(k);
	/* A worker that the master speaks of was told of before. */
	hear_spawners(k);
	return of_master ? hear_master(k) : 1;
}

void
keeper_main(int control_fd)
{
	static struct keeper k;
	const pid_t master = getppid(); /* before it could be another's child, and while it may ask */
	int r = keeper_start(control_fd, 1 + SPAWNERS_MAX + WAITING_MAX + 16, &k.keys);

	if (r > 0) {
		k.control_fd = control_fd;
		k.master = master;
		do {
			r = turn(&k);
		} while (r > 0);
	}
	/* At once: nothing is left to be done, and unmapping the keys is not on the list. The kernel wipes pages. */
	_exit(r < 0 ? 1 : 0);
}
