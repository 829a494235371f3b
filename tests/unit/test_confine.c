/* SPDX-License-Identifier: Apache-2.0 */
/* Each thing that confinement denies is tried, in a process of its own that went through the real confinement: by each role as a whole, and
 * with Landlock alone, so that neither layer hides a hole of the other. What a worker needs is tried too: a sandbox that denies
 * everything would pass the rest. */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/hash.h"
#include "test_confine_attempts.h"
#include "workers/confine.h"

struct world world;

enum layer { UNCONFINED, FETCH_WORKER, PROCESS_WORKER, DELIVER_WORKER, LANDLOCK_ONLY };

enum expected {
	KILLED,  /* by SIGSYS */
	REFUSED, /* an error came back */
	DONE,
	BOUNDED  /* an error, or ended by the signal of the limit */
};

struct attempt {
	const char *name;
	enum layer layer;
	enum expected expected;
	int (*try)(void);
	uint32_t landlock_abi; /* needed for the refusal */
};

#define FETCH_CASE(f, e)         {"fetch worker: " #f, FETCH_WORKER, e, f, 0}
#define PROCESS_CASE(f, e)       {"process worker: " #f, PROCESS_WORKER, e, f, 0}
#define DELIVER_CASE(f, e)       {"delivering worker: " #f, DELIVER_WORKER, e, f, 0}
#define BOTH(f, e)               FETCH_CASE(f, e), PROCESS_CASE(f, e)
#define ALL(f, e)                BOTH(f, e), DELIVER_CASE(f, e)
#define LANDLOCK_CASE(f, e, abi) {"landlock alone: " #f, LANDLOCK_ONLY, e, f, abi}

static const struct attempt attempts[] = {
	ALL(open_a_file, KILLED),
	ALL(make_a_file, KILLED),
	ALL(unlink_a_file, KILLED),
	ALL(look_at_a_file, KILLED),
	ALL(look_at_a_file_as_fstat_does, KILLED),
	ALL(truncate_a_file, KILLED),
	ALL(run_a_program, KILLED),
	ALL(run_a_memory_file, KILLED),
	ALL(fork_a_child, KILLED),
	ALL(start_a_thread, KILLED),
	ALL(clone_by_the_new_call, KILLED),
	ALL(make_namespaces, KILLED),
	ALL(trace_a_sibling, KILLED),
	ALL(read_a_siblings_memory, KILLED),
	ALL(open_a_siblings_memory, KILLED),
	ALL(take_a_siblings_descriptor, KILLED),
	ALL(signal_a_sibling, KILLED),
	ALL(signal_by_ownership, KILLED),
	ALL(abort_itself, KILLED),
	ALL(map_executable_memory, KILLED),
	ALL(make_memory_executable, KILLED),
	ALL(become_dumpable, KILLED),
	ALL(raise_a_limit, KILLED),
	ALL(change_its_user, KILLED),
	ALL(open_a_unix_socket, KILLED),
	ALL(open_a_udp_socket, KILLED),
	ALL(open_a_udp6_socket, KILLED),
	ALL(open_a_raw_socket, KILLED),
	ALL(open_a_netlink_socket, KILLED),
	ALL(open_a_multipath_socket, KILLED),
	ALL(make_a_datagram_pair, KILLED),
	ALL(listen_for_others, KILLED),
	ALL(open_a_tcp_socket, KILLED),
	PROCESS_CASE(connect_a_socket_it_was_given, KILLED),
	PROCESS_CASE(disconnect_its_connection, KILLED),
	FETCH_CASE(connect_a_socket_it_was_given, REFUSED), /* libcurl tries */
	FETCH_CASE(disconnect_its_connection, REFUSED),
	DELIVER_CASE(connect_a_socket_it_was_given, REFUSED),
	DELIVER_CASE(disconnect_its_connection, REFUSED),
	ALL(connect_by_sending, KILLED),
	ALL(connect_by_sending_a_message, KILLED),
	ALL(bind_a_port, KILLED),
	ALL(accept_others, KILLED),
	ALL(set_an_option_of_the_ip_layer, KILLED),
	ALL(use_io_uring, KILLED),
	ALL(load_bpf, KILLED),
	ALL(look_at_keys, KILLED),
	ALL(set_a_signal_handler, KILLED),
#ifdef __x86_64__
	ALL(call_as_a_32_bit_program, KILLED),
	ALL(call_as_an_x32_program, KILLED),
#endif
	PROCESS_CASE(make_a_stream_pair, KILLED),
	FETCH_CASE(make_a_stream_pair, REFUSED), /* libcurl tries */
	DELIVER_CASE(make_a_stream_pair, REFUSED),
	PROCESS_CASE(use_its_connection, KILLED),
	ALL(take_too_much_memory, REFUSED),
	BOTH(write_too_large_a_memory_file, BOUNDED),
	DELIVER_CASE(make_a_rowset, KILLED),
	BOTH(open_many_descriptors, REFUSED),
	DELIVER_CASE(open_many_descriptors, KILLED), /* they would be memory files */
	ALL(use_a_descriptor_of_the_spawner, REFUSED),

	FETCH_CASE(use_its_connection, DONE),
	DELIVER_CASE(use_its_connection, DONE),
	PROCESS_CASE(map_a_rowset, DONE),
	BOTH(make_a_rowset, DONE),
	ALL(speak_to_the_master, DONE),

	LANDLOCK_CASE(open_a_file, REFUSED, 1),
	LANDLOCK_CASE(make_a_file, REFUSED, 1),
	LANDLOCK_CASE(open_a_device, REFUSED, 1),
	LANDLOCK_CASE(list_a_directory, REFUSED, 1),
	LANDLOCK_CASE(run_a_program, REFUSED, 1),
	LANDLOCK_CASE(trace_a_sibling, REFUSED, 1),
	LANDLOCK_CASE(read_a_siblings_memory, REFUSED, 1),
	LANDLOCK_CASE(open_a_siblings_memory, REFUSED, 1),
	LANDLOCK_CASE(connect_a_socket_it_was_given, REFUSED, 4),
	LANDLOCK_CASE(bind_a_port, REFUSED, 4),
	LANDLOCK_CASE(signal_a_sibling, REFUSED, 6),
	LANDLOCK_CASE(connect_to_an_abstract_socket, REFUSED, 6),
	LANDLOCK_CASE(use_its_connection, DONE, 0),
};

#define EXIT_DONE    20
#define EXIT_REFUSED 21
#define EXIT_SETUP   22

static enum worker_role
role_of(enum layer layer)
{
	if (layer == DELIVER_WORKER)
		return ROLE_DELIVER;
	return layer == FETCH_WORKER ? ROLE_FETCH : ROLE_PROCESS;
}

static int
confine(enum layer layer, pid_t parent)
{
	struct confine_plan plan;
	unsigned held;
	int r;

	if (layer == UNCONFINED)
		return 0;
	if (layer == LANDLOCK_ONLY) {
		r = landlock_prepare(&plan.landlock);
		if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
			r = landlock_enter(&plan.landlock);
		return r;
	}
	r = confine_prepare(role_of(layer), MEMORY_MAX, &plan);
	if (r == 0 && dup2(world.channel[1], WORKER_CHANNEL_FD) < 0)
		r = -errno;
	return r < 0 ? r : confine_apply(&plan, parent, &held);
}

static int
hand_sockets(void)
{
	struct sockaddr_in address = loopback(world.open_port);
	int connected = socket(AF_INET, SOCK_STREAM, 0), unconnected = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(connected, (struct sockaddr *)&address, sizeof address) < 0)
		return -errno;
	if (dup2(connected, CONNECTED_FD) < 0 || dup2(unconnected, UNCONNECTED_FD) < 0)
		return -errno;
	close(connected);
	close(unconnected);
	return 0;
}

static _noreturn_ void
attempt_in_child(const struct attempt *a, enum layer layer, pid_t parent)
{
	int r = hand_sockets();

	if (r == 0)
		r = confine(layer, parent);
	if (r < 0)
		_exit(EXIT_SETUP);
	_exit(a->try() < 0 ? EXIT_REFUSED : EXIT_DONE);
}

static bool
as_expected(enum expected expected, int status)
{
	switch (expected) {
	case KILLED:
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
	case REFUSED:
		return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_REFUSED;
	case DONE:
		return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE;
	case BOUNDED:
		return WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_REFUSED);
	default:
		return false;
	}
}

static int
status_of_attempt(const struct attempt *a, enum layer layer)
{
	const pid_t parent = getpid();
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		attempt_in_child(a, layer, parent);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
run_attempt(void **state)
{
	const struct attempt *a = *state;
	int status;

	if (a->landlock_abi > landlock_abi()) {
		print_message("%s: needs Landlock %u, this kernel has %u\n", a->name, a->landlock_abi, landlock_abi());
		skip();
	}
	if (!seccomp_filter_wanted() && (a->expected == KILLED || a->try == take_too_much_memory)) {
		print_message("%s: sanitizer builds have no filter\n", a->name);
		skip();
	}
	/* What cannot be done anyway proves nothing by being refused. */
	if (a->layer == LANDLOCK_ONLY && !as_expected(DONE, status_of_attempt(a, UNCONFINED))) {
		print_message("%s: not possible here even without confinement\n", a->name);
		skip();
	}
	status = status_of_attempt(a, a->layer);
	if (!as_expected(a->expected, status))
		fail_msg("%s: %s %d", a->name, WIFSIGNALED(status) ? "signal" : "exit", WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static void
a_worker_whose_parent_is_gone_does_not_start(void **state)
{
	struct confine_plan plan;
	unsigned held;
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(confine_prepare(ROLE_PROCESS, MEMORY_MAX, &plan), 0);
	pid = fork();
	if (pid == 0)
		_exit(confine_apply(&plan, 1, &held) == -ESRCH ? 0 : 1);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	confine_release(&plan);
}

/* The spawner's own limits must leave room for what its children do: the real thing is tried by test_spawner. */
static void
a_plan_leaves_no_descriptor_behind(void **state)
{
	struct confine_plan plan;
	int before = dup(0), after;

	(void)state;
	for (int i = 0; i < 50; i++) {
		assert_int_equal(confine_prepare(ROLE_FETCH, MEMORY_MAX, &plan), 0);
		confine_release(&plan);
	}
	after = dup(0);
	assert_int_equal(after, before + 1);
	close(before);
	close(after);
}

static int
listener(uint16_t *ret_port)
{
	struct sockaddr_in address = loopback(0);
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 4096) < 0)
		return -1;
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -1;
	*ret_port = ntohs(address.sin_port);
	return fd;
}

static int
abstract_listener(void)
{
	struct sockaddr_un address;
	socklen_t len = abstract_address(&address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 64) < 0 ? -1 : fd;
}

static int
make_world(void **state)
{
	(void)state;
	hash_setup(); /* as the spawner does before it forks */
	world.owner = getpid();
	world.open_listener = listener(&world.open_port);
	world.closed_listener = listener(&world.closed_port);
	world.abstract_listener = abstract_listener();
	if (world.open_listener < 0 || world.closed_listener < 0 || world.abstract_listener < 0 || message_pair(world.channel) < 0)
		return -1;
	world.sibling = fork();
	if (world.sibling == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return 0;
}

static int
end_world(void **state)
{
	(void)state;
	kill(world.sibling, SIGKILL);
	waitpid(world.sibling, NULL, 0);
	(void)unlink("/tmp/rtalp-test-confine");
	return 0;
}

int
main(void)
{
	static struct CMUnitTest tests[ELEMENTSOF(attempts) + 2];
	size_t count = 0;

	for (size_t i = 0; i < ELEMENTSOF(attempts); i++)
		tests[count++] = (struct CMUnitTest){
			.name = attempts[i].name,
			.test_func = run_attempt,
			.initial_state = (void *)(uintptr_t)&attempts[i],
		};
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_worker_whose_parent_is_gone_does_not_start);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_plan_leaves_no_descriptor_behind);
	return cmocka_run_group_tests_name("confinement", tests, make_world, end_world);
}
