/* SPDX-License-Identifier: Apache-2.0 */
#include "test_confine_attempts.h"

#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>

int
open_a_unix_socket(void)
{
	return outcome(socket(AF_UNIX, SOCK_STREAM, 0));
}

int
open_a_udp_socket(void)
{
	return outcome(socket(AF_INET, SOCK_DGRAM, 0));
}

int
open_a_udp6_socket(void)
{
	return outcome(socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP));
}

int
open_a_raw_socket(void)
{
	return outcome(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
}

int
open_a_netlink_socket(void)
{
	return outcome(socket(AF_NETLINK, SOCK_RAW, 0));
}

/* Landlock sees TCP only; by another protocol one could reach any port. */
int
open_a_multipath_socket(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 262 /* IPPROTO_MPTCP */)) == -EPROTONOSUPPORT ? 0 : -errno;
}

int
open_a_tcp_socket(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
}

/* A datagram socket could be aimed anew at any address of the family. */
int
make_a_datagram_pair(void)
{
	int pair[2];

	return outcome(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
}

int
make_a_stream_pair(void)
{
	int pair[2];

	return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

struct sockaddr_in
loopback(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
}

int
connect_a_socket_it_was_given(void)
{
	struct sockaddr_in address = loopback(world.closed_port);

	return outcome(connect(UNCONNECTED_FD, (struct sockaddr *)&address, sizeof address));
}

/* A connection can be taken apart and made anew. */
int
disconnect_its_connection(void)
{
	struct sockaddr nobody = {.sa_family = AF_UNSPEC};

	return outcome(connect(CONNECTED_FD, &nobody, sizeof nobody));
}

int
use_its_connection(void)
{
	char byte;
	long r = send(CONNECTED_FD, "x", 1, MSG_NOSIGNAL);

	if (r == 1)
		r = recv(CONNECTED_FD, &byte, 1, MSG_DONTWAIT);
	return r < 0 && errno == EAGAIN ? 0 : outcome(r);
}

/* Whoever closes it last would wait, and it can be passed to the master. */
int
linger_on_its_connection(void)
{
	const struct linger linger = {1, 3600};

	return outcome(setsockopt(CONNECTED_FD, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

int
load_a_protocol_into_its_connection(void)
{
	return outcome(setsockopt(CONNECTED_FD, IPPROTO_TCP, TCP_ULP, "tls", 3));
}

int
send_small_pieces_at_once(void)
{
	const int on = 1;

	return outcome(setsockopt(CONNECTED_FD, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on));
}

/* Fast open connects by sending. */
int
connect_by_sending(void)
{
	struct sockaddr_in address = loopback(world.closed_port);

	return outcome(sendto(UNCONNECTED_FD, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address));
}

int
connect_by_sending_a_message(void)
{
	struct sockaddr_in address = loopback(world.closed_port);
	struct iovec iov = {(char[]){"x"}, 1};
	struct msghdr msg = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &iov, .msg_iovlen = 1};

	return outcome(sendmsg(UNCONNECTED_FD, &msg, MSG_FASTOPEN));
}

int
bind_a_port(void)
{
	struct sockaddr_in address = loopback(0);

	return outcome(bind(UNCONNECTED_FD, (struct sockaddr *)&address, sizeof address));
}

int
listen_for_others(void)
{
	return outcome(listen(UNCONNECTED_FD, 1));
}

int
accept_others(void)
{
	int fd = accept4(UNCONNECTED_FD, NULL, NULL, SOCK_NONBLOCK);

	/* As far as it gets with one that does not listen. */
	return fd < 0 && errno == EINVAL ? 0 : outcome(fd);
}

socklen_t
abstract_address(struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	return (socklen_t)offsetof(struct sockaddr_un, sun_path) +
	       (socklen_t)snprintf(ret->sun_path + 1, sizeof ret->sun_path - 1, "rtalp-test-%d", (int)world.owner) + 1;
}

int
connect_to_an_abstract_socket(void)
{
	struct sockaddr_un address;
	socklen_t len = abstract_address(&address);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return outcome(connect(fd, (struct sockaddr *)&address, len));
}

int
set_an_option_of_the_ip_layer(void)
{
	int one = 1;

	return outcome(setsockopt(UNCONNECTED_FD, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof one));
}
