/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

struct secret {
	size_t len;
	char bytes[SECRET_MAX + 1];
};

#define CHUNK_BYTES ((size_t)64 * 1024)

/* A free slot holds the link to the next one where a used one holds the key. */
union slot {
	struct secret secret;
	union slot *next_free;
};

static union slot *free_slots;

static int
add_chunk(void)
{
	union slot *slots = mmap(NULL, CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (slots == MAP_FAILED)
		return -ENOMEM;
	/* Locking is refused above RLIMIT_MEMLOCK; the key is then no worse off than in ordinary memory. */
	(void)sodium_mlock(slots, CHUNK_BYTES);
	(void)madvise(slots, CHUNK_BYTES, MADV_DONTDUMP);
	(void)madvise(slots, CHUNK_BYTES, MADV_WIPEONFORK);
	for (size_t i = 0; i < CHUNK_BYTES / sizeof *slots; i++) {
		slots[i].next_free = free_slots;
		free_slots = &slots[i];
	}
	return 0;
}

int
secret_setup(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

static bool
byte_allowed(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f;
}

int
secret_new(struct str bytes, struct secret **ret_secret)
{
	struct secret *s;

	if (bytes.len == 0 || bytes.len > SECRET_MAX)
		return -EINVAL;
	for (size_t i = 0; i < bytes.len; i++)
		if (!byte_allowed(bytes.p[i]))
			return -EINVAL;
	if (free_slots == NULL && add_chunk() < 0)
		return -ENOMEM;
	s = &free_slots->secret;
	free_slots = free_slots->next_free;
	s->len = bytes.len;
	memcpy(s->bytes, bytes.p, bytes.len);
	s->bytes[bytes.len] = '\0';
	*ret_secret = s;
	return 0;
}

struct secret *
secret_free(struct secret *s)
{
	union slot *slot = (union slot *)s;

	if (slot == NULL)
		return NULL;
	sodium_memzero(slot, sizeof *slot);
	slot->next_free = free_slots;
	free_slots = slot;
	return NULL;
}

struct str
secret_expose(const struct secret *s)
{
	return (struct str){.p = s->bytes, .len = s->len};
}

void
secret_wipe(void *p, size_t len)
{
	sodium_memzero(p, len);
}
