/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned char seed[crypto_shorthash_KEYBYTES];
static pthread_once_t seeded = PTHREAD_ONCE_INIT;

/* A kernel without random numbers is none that a key could be trusted to either. */
static void
draw_seed(void)
{
	if (getentropy(seed, sizeof seed) < 0)
		abort();
}

#define MIX UINT64_C(0x9e3779b97f4a7c15)

static uint64_t
mixed(uint64_t hash, uint64_t more)
{
	hash = (hash ^ more) * MIX;
	return hash ^ hash >> 32;
}

uint64_t
hash_of_numbers(const uint32_t *numbers, size_t count)
{
	uint64_t hash;

	hash_setup();
	memcpy(&hash, seed, sizeof hash);
	for (size_t i = 0; i < count; i++)
		hash = mixed(hash, numbers[i]);
	return mixed(hash, count);
}

uint64_t
hash_for_own_table(struct str s)
{
	uint64_t hash = s.len, part;

	for (; s.len >= sizeof part; s.p += sizeof part, s.len -= sizeof part) {
		memcpy(&part, s.p, sizeof part);
		hash = mixed(hash, part);
	}
	part = 0;
	for (size_t i = 0; i < s.len; i++)
		part = part << 8 | (unsigned char)s.p[i];
	return mixed(mixed(hash, part), MIX);
}

void
hash_setup(void)
{
	(void)pthread_once(&seeded, draw_seed);
}

uint64_t
hash_of(struct str s)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t hash;

	hash_setup();
	crypto_shorthash(out, (const unsigned char *)s.p, s.len, seed);
	memcpy(&hash, out, sizeof hash);
	return hash;
}
