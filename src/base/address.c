/* SPDX-License-Identifier: Apache-2.0 */
#include "base/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/macro.h"

/* IANA's special-purpose registries; the first bits of an address, in network order. */
struct block {
	unsigned char start[16];
	unsigned bits;
};

static const struct block not_public_v4[] = {
    {{0}, 8},               /* this network */
    {{10}, 8},              /* private */
    {{100, 64}, 10},        /* carrier-grade NAT */
    {{127}, 8},             /* loopback */
    {{169, 254}, 16},       /* link-local: cloud metadata, too */
    {{172, 16}, 12},        /* private */
    {{192, 0, 0}, 24},      /* protocol assignments */
    {{192, 0, 2}, 24},      /* documentation */
    {{192, 88, 99}, 24},    /* 6to4 relays, given up */
    {{192, 168}, 16},       /* private */
    {{198, 18}, 15},        /* benchmarks */
    {{198, 51, 100}, 24},   /* documentation */
    {{203, 0, 113}, 24},    /* documentation */
    {{224}, 4},             /* multicast */
    {{240}, 4},             /* reserved, and broadcast */
};

/* Only 2000::/3 is given out; of it: */
static const struct block global_v6 = {{0x20}, 3};
static const struct block not_public_v6[] = {
    {{0x20, 0x01, 0x00}, 23},             /* protocol assignments, Teredo, ORCHID */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},       /* documentation */
    {{0x20, 0x02}, 16},                   /* 6to4 */
    {{0x3f, 0xff, 0x00}, 20},             /* documentation */
};

/* These stand for the IPv4 address in their last 32 bits. */
static const struct block embeds_v4[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, /* mapped */
    {{0, 0x64, 0xff, 0x9b}, 96},                      /* NAT64 */
};

static bool
is_in(const unsigned char *address, const struct block *block)
{
	unsigned whole = block->bits / 8, rest = block->bits % 8;

	if (memcmp(address, block->start, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ block->start[whole]) & (0xffu << (8 - rest)) & 0xffu) == 0;
}

static bool
is_in_any(const unsigned char *address, const struct block *blocks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_in(address, &blocks[i]))
			return true;
	return false;
}

static bool
v4_is_public(const unsigned char *address)
{
	return !is_in_any(address, not_public_v4, ELEMENTSOF(not_public_v4));
}

static bool
v6_is_public(const unsigned char *address)
{
	if (is_in_any(address, embeds_v4, ELEMENTSOF(embeds_v4)))
		return v4_is_public(address + 12);
	return is_in(address, &global_v6) && !is_in_any(address, not_public_v6, ELEMENTSOF(not_public_v6));
}

bool
address_is_public(const struct sockaddr *address, size_t len)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (len >= sizeof v4 && address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof v4);
		return v4_is_public((const unsigned char *)&v4.sin_addr);
	}
	if (len >= sizeof v6 && address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof v6);
		return v6_is_public(v6.sin6_addr.s6_addr);
	}
	return false;
}
