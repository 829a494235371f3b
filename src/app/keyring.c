/* SPDX-License-Identifier: Apache-2.0 */
#include "app/keyring.h"

#include <uthash.h>

#include "base/alloc.h"

struct slot {
	int64_t job_id;
	struct secret *key;
	UT_hash_handle hh;
};

struct keyring {
	struct slot *slots;
};

struct keyring *
keyring_new(void)
{
	return xcalloc(1, sizeof(struct keyring));
}

static struct slot *
find(const struct keyring *k, int64_t job_id)
{
	struct slot *slot = NULL;

	HASH_FIND(hh, k->slots, &job_id, sizeof job_id, slot);
	return slot;
}

void
keyring_put(struct keyring *k, int64_t job_id, struct secret *key)
{
	struct slot *slot = find(k, job_id);

	if (slot == NULL) {
		slot = xcalloc(1, sizeof *slot);
		slot->job_id = job_id;
		HASH_ADD(hh, k->slots, job_id, sizeof slot->job_id, slot);
	}
	secret_free(slot->key);
	slot->key = key;
}

const struct secret *
keyring_get(const struct keyring *k, int64_t job_id)
{
	const struct slot *slot = find(k, job_id);

	return slot != NULL ? slot->key : NULL;
}

static void
drop(struct keyring *k, struct slot *slot)
{
	HASH_DEL(k->slots, slot);
	secret_free(slot->key);
	free(slot);
}

void
keyring_drop(struct keyring *k, int64_t job_id)
{
	struct slot *slot = find(k, job_id);

	if (slot != NULL)
		drop(k, slot);
}

struct keyring *
keyring_free(struct keyring *k)
{
	struct slot *slot, *next;

	if (k == NULL)
		return NULL;
	HASH_ITER(hh, k->slots, slot, next)
		drop(k, slot);
	free(k);
	return NULL;
}
