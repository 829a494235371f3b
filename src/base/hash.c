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
