/* SPDX-License-Identifier: Apache-2.0 */
/* test_confine_attempts.h - what confined processes are made to try: each returns 0 or more if it could be done, else -errno. */
#ifndef RTALP_TESTS_TEST_CONFINE_ATTEMPTS_H
#define RTALP_TESTS_TEST_CONFINE_ATTEMPTS_H

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#define MEMORY_MAX ((uint64_t)256 * 1024 * 1024)

/* What a worker was handed: a socket to the upstream, and, which never happens, one that is not connected. */
#define UNCONNECTED_FD 0
#define CONNECTED_FD   2

/* What the attempts are aimed at. */
struct world {
	int open_listener, closed_listener; /* both listen; only one port is the upstream's */
	uint16_t open_port, closed_port;
	int abstract_listener;
	pid_t owner; /* names the abstract socket */
	pid_t sibling;
	int channel[2];
};
extern struct world world;

/* 0 if it could be done, else -errno. */
static inline int
outcome(long r)
{
	return r < 0 ? -errno : 0;
}

struct sockaddr_in loopback(uint16_t port);
socklen_t abstract_address(struct sockaddr_un *ret_address);

int open_a_file(void);
int make_a_file(void);
int open_a_device(void);
int list_a_directory(void);
int unlink_a_file(void);
int look_at_a_file(void);
int look_at_a_file_as_fstat_does(void);
int truncate_a_file(void);
int run_a_program(void);
int run_a_memory_file(void);
int fork_a_child(void);
int start_a_thread(void);
int start_a_thread_as_the_c_library_does(void);
int run_a_program_as_a_child(void);
int clone_by_the_new_call(void);
int make_namespaces(void);
int trace_a_sibling(void);
int read_a_siblings_memory(void);
int open_a_siblings_memory(void);
int take_a_siblings_descriptor(void);
int signal_a_sibling(void);
int signal_by_ownership(void);
int abort_itself(void);
int map_executable_memory(void);
int make_memory_executable(void);
int become_dumpable(void);
int raise_a_limit(void);
int change_its_user(void);
int open_a_unix_socket(void);
int open_a_udp_socket(void);
int open_a_udp6_socket(void);
int open_a_raw_socket(void);
int open_a_netlink_socket(void);
int open_a_multipath_socket(void);
int open_a_tcp_socket(void);
int make_a_datagram_pair(void);
int make_a_stream_pair(void);
int connect_a_socket_it_was_given(void);
int disconnect_its_connection(void);
int use_its_connection(void);
int linger_on_its_connection(void);
int load_a_protocol_into_its_connection(void);
int send_small_pieces_at_once(void);
int connect_by_sending(void);
int connect_by_sending_a_message(void);
int bind_a_port(void);
int listen_for_others(void);
int accept_others(void);
int connect_to_an_abstract_socket(void);
int set_an_option_of_the_ip_layer(void);
int use_io_uring(void);
int load_bpf(void);
int look_at_keys(void);
int set_a_signal_handler(void);
int call_as_a_32_bit_program(void);
int call_as_an_x32_program(void);
int take_too_much_memory(void);
int write_too_large_a_memory_file(void);
int open_many_descriptors(void);
int use_a_descriptor_of_the_spawner(void);
int make_a_rowset(void);
int map_a_rowset(void);
int make_a_file_of_huge_pages(void);
int speak_to_the_master(void);

#endif
