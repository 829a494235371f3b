/* SPDX-License-Identifier: Apache-2.0 */
#include "test_confine_attempts.h"

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

static int
connect_to(uint16_t port)
{
	struct sockaddr_in address = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	return outcome(connect(fd, (struct sockaddr *)&address, sizeof address));
}

int
connect_to_the_upstream(void)
{
	return connect_to(world.open_port);
}

int
connect_to_another_port(void)
{
	return connect_to(world.closed_port);
}

/* Fast open connects by sending. */
int
connect_by_sending(void)
{
	struct sockaddr_in address = loopback(world.closed_port);
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	return outcome(sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address));
}

int
connect_by_sending_a_message(void)
{
	struct sockaddr_in address = loopback(world.closed_port);
	struct iovec iov = {(char[]){"x"}, 1};
	struct msghdr msg = {.msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &iov, .msg_iovlen = 1};
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	return outcome(sendmsg(fd, &msg, MSG_FASTOPEN));
}

int
listen_for_others(void)
{
	struct sockaddr_in address = loopback(0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return outcome(bind(fd, (struct sockaddr *)&address, sizeof address));
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
	int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	return outcome(setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &one, sizeof one));
}
