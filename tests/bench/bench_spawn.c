/* SPDX-License-Identifier: Apache-2.0 */
/* bench_spawn - how long a worker takes from the request to "confined and ready", and what it holds of its own.
 *
 *     bench_spawn /path/to/rtalpd [COUNT]
 *
 * Starts a real spawner, asks for process and fetch workers one at a time, and reads their private memory from /proc while they wait.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/fd.h"
#include "proto/message.h"
#include "rules/ruleset_file.h"

#define COUNT_MAX 10000

static uint8_t buffer[MESSAGE_MAX_BYTES];

static _noreturn_ void
fail(const char *what, int r)
{
	fprintf(stderr, "bench_spawn: %s: %s\n", what, strerror(-r));
	exit(1);
}

static struct message
expect(int fd, enum message_direction direction, unsigned state, uint32_t type)
{
	struct message m = {.fd = -1};
	int r = message_recv(fd, direction, state, buffer, &m);

	if (r <= 0)
		fail("receiving", r < 0 ? r : -EPIPE);
	if (m.type != type)
		fail(message_name(m.type), -EPROTO);
	return m;
}

static pid_t
start_spawner(const char *program, int *ret_control)
{
	char *argv[] = {(char *)(uintptr_t)"rtalpd", (char *)(uintptr_t)"--role=spawner", NULL}, *envp[] = {NULL};
	posix_spawn_file_actions_t files;
	pid_t pid;
	int pair[2], r = message_pair(pair);

	if (r < 0)
		fail("socket pair", r);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, pair[1], 3);
	r = posix_spawn(&pid, program, &files, NULL, argv, envp);
	if (r != 0)
		fail(program, -r);
	posix_spawn_file_actions_destroy(&files);
	close(pair[1]);
	*ret_control = pair[0];
	return pid;
}

static long
private_kb(pid_t pid)
{
	char path[64], line[256];
	long kb = 0, v;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "Private_Clean: %ld", &v) == 1 || sscanf(line, "Private_Dirty: %ld", &v) == 1)
			kb += v;
	if (f != NULL)
		fclose(f);
	return kb;
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
measure(int control, enum worker_role role, size_t count)
{
	static int64_t us[COUNT_MAX];
	long kb = 0;

	for (size_t i = 0; i < count; i++) {
		struct msg_spawn spawn = {.worker_id = (uint64_t)role * COUNT_MAX + i, .role = role, .alp_user_id = 1, .deadline_ms = 10000};
		struct msg_spawned spawned;
		struct message m;
		int64_t start = clock_mono_us();
		int pair[2], r = message_pair(pair);

		if (r == 0)
			r = msg_spawn_send(control, &spawn, pair[1]);
		if (r < 0)
			fail("spawn", r);
		close(pair[1]);
		m = expect(pair[0], W2M, W_STARTING, MSG_WORKER_READY);
		us[i] = clock_mono_us() - start;
		m = expect(control, S2M, S_SERVING, MSG_SPAWNED);
		if (msg_spawned_decode(&m, &spawned) < 0)
			fail("spawned", -EBADMSG);
		if (kb == 0)
			kb = private_kb(spawned.pid);
		close(pair[0]);
		m = expect(control, S2M, S_SERVING, MSG_EXITED);
	}
	qsort(us, count, sizeof us[0], compare);
	printf("%-8s worker, request to ready: median %.2f ms, p99 %.2f ms (%zu of them); private while waiting %ld KB\n",
	    worker_role_name(role), (double)us[count / 2] / 1000, (double)us[count * 99 / 100] / 1000, count, kb);
}

int
main(int argc, char **argv)
{
	struct msg_spawner_init init = {
	    .upstream_url = STR("https://127.0.0.1:9/anapi/data"), .user_agent = STR("bench"), .body_max_bytes = 8 << 20,
	    .connect_timeout_ms = 1000, .answer_timeout_ms = 1000, .memory_max_bytes = 64 << 20,
	};
	size_t count = argc > 2 ? strtoul(argv[2], NULL, 10) : 300;
	int64_t start = clock_mono_us();
	struct message m;
	_cleanup_close_ int rules_fd = -1;
	int control, r;
	pid_t pid;

	if (argc < 2 || count == 0 || count > COUNT_MAX) {
		fprintf(stderr, "usage: bench_spawn RTALPD [COUNT]\n");
		return 2;
	}
	pid = start_spawner(argv[1], &control);
	rules_fd = memfd_sealed("rules", ruleset_default_text().p, ruleset_default_text().len);
	r = rules_fd < 0 ? rules_fd : msg_spawner_init_send(control, &init, rules_fd);
	if (r < 0)
		fail("init", r);
	m = expect(control, S2M, S_STARTING, MSG_SPAWNER_READY);
	message_release(&m);
	printf("spawner, start to ready: %.1f ms\n", (double)(clock_mono_us() - start) / 1000);
	measure(control, ROLE_FETCH, count);
	measure(control, ROLE_PROCESS, count);
	close(control);
	waitpid(pid, NULL, 0);
	return 0;
}
