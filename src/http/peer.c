/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What every user is called whom our user namespace does not know. */
#define OVERFLOW_UID 65534

enum key_kind { KEY_NONE, KEY_IPV4, KEY_IPV6, KEY_UID };

/* IPv4 in either family's clothes. */
static bool
as_ipv4(const struct sockaddr *a, struct in_addr *ret)
{
	if (a->sa_family == AF_INET) {
		*ret = ((const struct sockaddr_in *)(const void *)a)->sin_addr;
		return true;
	}
	if (a->sa_family == AF_INET6) {
		const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;

		if (IN6_IS_ADDR_V4MAPPED(v6)) {
			memcpy(ret, &v6->s6_addr[12], sizeof *ret);
			return true;
		}
	}
	return false;
}

static bool
is_loopback(const struct sockaddr *a)
{
	struct in_addr v4;

	if (as_ipv4(a, &v4))
		return ntohl(v4.s_addr) >> 24 == 127;
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

static struct slowdown_key
key_of(const struct sockaddr *a)
{
	struct slowdown_key key = {{KEY_NONE}};
	struct in_addr v4;

	if (as_ipv4(a, &v4)) {
		key.bytes[0] = KEY_IPV4;
		memcpy(&key.bytes[1], &v4, sizeof v4);
	} else if (a->sa_family == AF_INET6) {
		key.bytes[0] = KEY_IPV6;
		memcpy(&key.bytes[1], &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, 8);
	}
	return key;
}

struct peer
peer_of_addresses(const struct sockaddr *own, const struct sockaddr *other)
{
	return (struct peer){.way = is_loopback(own) && is_loopback(other) ? PEER_LOOPBACK : PEER_NETWORK, .key = key_of(other)};
}

struct peer
peer_of_user(uid_t uid, uid_t own)
{
	struct peer p = {.way = PEER_UNIX, .trusted = uid == 0 || (uid == own && uid != OVERFLOW_UID), .uid = uid, .key = {{KEY_UID}}};

	memcpy(&p.key.bytes[1], &uid, sizeof uid);
	return p;
}

struct peer
peer_of(int fd)
{
	struct sockaddr_storage own = {0}, other = {0};
	struct sockaddr *own_p = (struct sockaddr *)(void *)&own, *other_p = (struct sockaddr *)(void *)&other;
	socklen_t own_len = sizeof own, other_len = sizeof other, ucred_len = sizeof(struct ucred);
	struct ucred ucred;

	if (getsockname(fd, own_p, &own_len) < 0)
		return (struct peer){.way = PEER_NETWORK};
	if (own.ss_family == AF_UNIX) {
		if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &ucred, &ucred_len) < 0)
			return (struct peer){.way = PEER_NETWORK};
		return peer_of_user(ucred.uid, geteuid());
	}
	if (getpeername(fd, other_p, &other_len) < 0)
		return (struct peer){.way = PEER_NETWORK};
	return peer_of_addresses(own_p, other_p);
}

void
peer_text(const struct peer *p, char *ret_text, size_t size)
{
	char address[INET6_ADDRSTRLEN] = "?";
	struct in6_addr v6 = {0};
	uid_t uid;

	switch ((enum key_kind)p->key.bytes[0]) {
	case KEY_IPV4:
		inet_ntop(AF_INET, &p->key.bytes[1], address, sizeof address);
		snprintf(ret_text, size, "%s", address);
		break;
	case KEY_IPV6:
		memcpy(&v6, &p->key.bytes[1], 8);
		inet_ntop(AF_INET6, &v6, address, sizeof address);
		snprintf(ret_text, size, "%s/64", address);
		break;
	case KEY_UID:
		memcpy(&uid, &p->key.bytes[1], sizeof uid);
		snprintf(ret_text, size, "uid %lu", (unsigned long)uid);
		break;
	case KEY_NONE:
	default:
		snprintf(ret_text, size, "somewhere");
	}
}
