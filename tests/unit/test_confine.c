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

enum layer { UNCONFINED, FETCH_WORKER, PROCESS_WORKER, DELIVER_WORKER, SPAWNER, KEEPER, MASTER, LANDLOCK_ONLY };

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
#define SPAWNER_CASE(f, e)       {"spawner: " #f, SPAWNER, e, f, 0}
#define KEEPER_CASE(f, e)        {"keeper: " #f, KEEPER, e, f, 0}
#define MASTER_CASE(f, e)        {"master: " #f, MASTER, e, f, 0}
#define EVERYBODY(f, e)          WITHOUT_FILES(f, e), MASTER_CASE(f, e)
#define WITHOUT_FILES(f, e)      ALL(f, e), SPAWNER_CASE(f, e), KEEPER_CASE(f, e)
#define LANDLOCK_CASE(f, e, abi) {"landlock alone: " #f, LANDLOCK_ONLY, e, f, abi}

static const struct attempt attempts[] = {
	WITHOUT_FILES(open_a_file, KILLED),
	WITHOUT_FILES(make_a_file, KILLED),
	WITHOUT_FILES(unlink_a_file, KILLED),
	WITHOUT_FILES(look_at_a_file, KILLED),
	WITHOUT_FILES(look_at_a_file_as_fstat_does, KILLED),
	WITHOUT_FILES(truncate_a_file, KILLED),
	WITHOUT_FILES(run_a_program, KILLED),
	EVERYBODY(run_a_memory_file, KILLED),
	ALL(fork_a_child, KILLED),
	EVERYBODY(start_a_thread, KILLED),
	WITHOUT_FILES(clone_by_the_new_call, KILLED),
	EVERYBODY(make_namespaces, KILLED),
	EVERYBODY(trace_a_sibling, KILLED),
	EVERYBODY(read_a_siblings_memory, KILLED),
	WITHOUT_FILES(open_a_siblings_memory, KILLED),
	EVERYBODY(take_a_siblings_descriptor, KILLED),
	WITHOUT_FILES(signal_a_sibling, KILLED),
	EVERYBODY(signal_by_ownership, KILLED),
	WITHOUT_FILES(abort_itself, KILLED),
	EVERYBODY(map_executable_memory, KILLED),
	EVERYBODY(make_memory_executable, KILLED),
	EVERYBODY(become_dumpable, KILLED),
	ALL(raise_a_limit, KILLED),
	EVERYBODY(change_its_user, KILLED),
	WITHOUT_FILES(open_a_unix_socket, KILLED),
	WITHOUT_FILES(open_a_udp_socket, KILLED),
	WITHOUT_FILES(open_a_udp6_socket, KILLED),
	EVERYBODY(open_a_raw_socket, KILLED),
	WITHOUT_FILES(open_a_netlink_socket, KILLED),
	EVERYBODY(open_a_multipath_socket, KILLED),
	WITHOUT_FILES(make_a_datagram_pair, KILLED),
	WITHOUT_FILES(listen_for_others, KILLED),
	WITHOUT_FILES(open_a_tcp_socket, KILLED),
	PROCESS_CASE(connect_a_socket_it_was_given, KILLED),
	PROCESS_CASE(disconnect_its_connection, KILLED),
	FETCH_CASE(connect_a_socket_it_was_given, REFUSED), /* libcurl tries */
	FETCH_CASE(disconnect_its_connection, REFUSED),
	DELIVER_CASE(connect_a_socket_it_was_given, REFUSED),
	DELIVER_CASE(disconnect_its_connection, REFUSED),
	WITHOUT_FILES(linger_on_its_connection, KILLED),
	WITHOUT_FILES(load_a_protocol_into_its_connection, KILLED),
	WITHOUT_FILES(connect_by_sending, KILLED),
	WITHOUT_FILES(connect_by_sending_a_message, KILLED),
	WITHOUT_FILES(bind_a_port, KILLED),
	WITHOUT_FILES(accept_others, KILLED),
	EVERYBODY(set_an_option_of_the_ip_layer, KILLED),
	EVERYBODY(use_io_uring, KILLED),
	EVERYBODY(load_bpf, KILLED),
	EVERYBODY(look_at_keys, KILLED),
	WITHOUT_FILES(set_a_signal_handler, KILLED),
#ifdef __x86_64__
	EVERYBODY(call_as_a_32_bit_program, KILLED),
	EVERYBODY(call_as_an_x32_program, KILLED),
#endif
	PROCESS_CASE(make_a_stream_pair, KILLED),
	FETCH_CASE(make_a_stream_pair, REFUSED), /* libcurl tries */
	DELIVER_CASE(make_a_stream_pair, REFUSED),
	PROCESS_CASE(use_its_connection, KILLED),
	ALL(take_too_much_memory, REFUSED),
	BOTH(write_too_large_a_memory_file, BOUNDED),
	DELIVER_CASE(make_a_rowset, KILLED),
	EVERYBODY(make_a_file_of_huge_pages, KILLED),
	BOTH(open_many_descriptors, REFUSED),
	DELIVER_CASE(open_many_descriptors, KILLED), /* they would be memory files */
	ALL(use_a_descriptor_of_the_spawner, REFUSED),

	FETCH_CASE(send_small_pieces_at_once, DONE), /* libcurl does */
	DELIVER_CASE(send_small_pieces_at_once, DONE),
	FETCH_CASE(use_its_connection, DONE),
	DELIVER_CASE(use_its_connection, DONE),
	PROCESS_CASE(map_a_rowset, DONE),
	BOTH(make_a_rowset, DONE),
	ALL(speak_to_the_master, DONE),

	SPAWNER_CASE(fork_a_child, DONE),
	SPAWNER_CASE(connect_a_socket_it_was_given, REFUSED),
	SPAWNER_CASE(speak_to_the_master, DONE),

	KEEPER_CASE(fork_a_child, KILLED),
	KEEPER_CASE(connect_a_socket_it_was_given, KILLED),
	KEEPER_CASE(disconnect_its_connection, KILLED),
	KEEPER_CASE(make_a_stream_pair, KILLED),
	KEEPER_CASE(make_a_rowset, KILLED),
	KEEPER_CASE(take_too_much_memory, KILLED),
	KEEPER_CASE(speak_to_the_master, DONE),

	/* It has files, a network and children to look after: its list is about other processes, and about who it is. */
	MASTER_CASE(open_a_file, DONE),
	MASTER_CASE(open_a_tcp_socket, DONE),
	MASTER_CASE(use_its_connection, DONE),
	MASTER_CASE(start_a_thread_as_the_c_library_does, DONE),
	MASTER_CASE(run_a_program_as_a_child, DONE),
	MASTER_CASE(clone_by_the_new_call, REFUSED), /* the C library tries */
	MASTER_CASE(make_a_rowset, DONE),
	MASTER_CASE(map_a_rowset, DONE),
	MASTER_CASE(speak_to_the_master, DONE),
	MASTER_CASE(set_a_signal_handler, DONE),

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
	if (layer != LANDLOCK_ONLY && dup2(world.channel[1], WORKER_CHANNEL_FD) < 0)
		return -errno;
	if (layer == SPAWNER)
		return confine_spawner();
	if (layer == KEEPER)
		return confine_keeper();
	if (layer == MASTER)
		return confine_master();
	if (layer == LANDLOCK_ONLY) {
		r = landlock_prepare(&plan.landlock);
		if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
			r = landlock_enter(&plan.landlock);
		return r;
	}
	r = confine_prepare(role_of(layer), MEMORY_MAX, &plan);
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

/* Sanitizer builds keep only what workers are refused, because libcurl does not work without that. */
static bool
needs_filter(const struct attempt *a)
{
	if (a->expected == REFUSED && (a->layer == SPAWNER || a->layer == MASTER))
		return true;
	return a->expected == KILLED || a->try == take_too_much_memory;
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
	if (!seccomp_filter_wanted() && needs_filter(a)) {
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
