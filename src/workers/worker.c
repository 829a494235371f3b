/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/worker.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "workers/deliver.h"
#include "workers/fetch.h"
#include "workers/process.h"
#include "workers/title.h"

#define REHEARSAL_MS 5000

/* The channel takes the place of the spawner's own. Standard input is the null device since the spawner's start; standard error
 * becomes it too, so that neither a library's last words nor a broken worker can write into the daemon's log. */
static int
settle_descriptors(int channel, int key_fd)
{
	if (dup2(channel, WORKER_CHANNEL_FD) < 0)
		return -errno;
	if (key_fd < 0)
		(void)close(WORKER_KEY_FD);
	else if (dup2(key_fd, WORKER_KEY_FD) < 0)
		return -errno;
#ifndef WITH_SANITIZER
	if (dup2(STDIN_FILENO, STDERR_FILENO) < 0)
		return -errno;
#endif
	return 0;
}

static int
say_ready(const struct confine_plan *plan, unsigned held)
{
	const struct msg_worker_ready ready = {
	    .protocol = PROTOCOL_VERSION,
	    .role = plan->role,
	    .confinement = held,
	    .landlock_abi = plan->landlock.abi,
	};

	return msg_worker_ready_send(WORKER_CHANNEL_FD, &ready, -1);
}

static int
main_of(const struct warm *warm, enum worker_role role)
{
	switch (role) {
	case ROLE_FETCH:
		return fetch_main(WORKER_CHANNEL_FD, warm);
	case ROLE_DELIVER:
		return deliver_main(WORKER_CHANNEL_FD, warm);
	case ROLE_PROCESS:
	default:
		return process_main(WORKER_CHANNEL_FD, warm);
	}
}

void
worker_main(const struct warm *warm, const struct worker_order *order)
{
	const struct confine_plan *plan = warm_plan(warm, order->role);
	unsigned held = 0;

	title_set("rtalpd: %s user %" PRId64, worker_role_name(order->role), order->alp_user_id);
	if (settle_descriptors(order->channel, order->key_fd) < 0 || confine_apply(plan, warm->spawner, &held) < 0)
		_exit(WORKER_EXIT_CONFINE);
	if (say_ready(plan, held) < 0)
		_exit(WORKER_EXIT_OK);
	_exit(main_of(warm, order->role));
}

/* True if the worker at the other end said that it is ready. */
static bool
hear_ready(int channel)
{
	struct pollfd p = {.fd = channel, .events = POLLIN};
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct msg_worker_ready ready;
	struct message m;

	if (poll(&p, 1, REHEARSAL_MS) != 1 || message_recv(channel, W2M, W_STARTING, buffer, &m) != 1)
		return false;
	return msg_worker_ready_decode(&m, &ready) == 0;
}

static bool
went_well(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == WORKER_EXIT_OK;
}

int
worker_rehearse(const struct warm *warm, enum worker_role role)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	int pair[2], r;
	bool ready;
	pid_t pid;

	r = message_pair(pair);
	if (r < 0)
		return r;
	ours = pair[0];
	theirs = pair[1];
	pid = _Fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		worker_main(warm, &(struct worker_order){.role = role, .channel = theirs, .key_fd = -1});
	closep(&theirs);
	ready = hear_ready(ours);
	closep(&ours);
	if (!ready)
		kill(pid, SIGKILL);
	return went_well(pid) && ready ? 0 : -EPROTO;
}
