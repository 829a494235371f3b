/* SPDX-License-Identifier: Apache-2.0 */
/* keeper_keys.h - the keeper's private keys, and what they open (base/box.h).
 *
 * They live, like whatever was just opened, in pages of their own that are locked, guarded on both sides and left out of core dumps.
 * The file has one key a line, the newest first, each the base64 of 32 bytes; an empty line says nothing.
 *
 * Where none is given, one is made in memory: what users' jobs are sealed to ends with the process, and so does the job. A webhook's secret must outlive
 * it, so there is a file beside the store then, with one key that opens nothing but those. It is made once, and read by the keeper only. Where keys are
 * given it is read if it is there, for what was sealed before they were.
 *
 * Ownership: keeper_keys_free() wipes. Processes: the keeper's only. It has one thread.
 */
#ifndef RTALP_WORKERS_KEEPER_KEYS_H
#define RTALP_WORKERS_KEEPER_KEYS_H

#include <stdbool.h>

#include "base/box.h"

#define CREDENTIAL_KEEPER_KEY "keeper-key"

struct keeper_keys;

/* From the file, else the credential; else one is made, and *ret_lasting is false. -ENXIO: the file that was named is not there; -EPERM: others may
 * read it; -EINVAL: a line is no key, or there is none; -E2BIG: more than BOX_KEYS_MAX. */
int keeper_keys_load(const char *file, const char *credentials, struct keeper_keys **ret_keys, bool *ret_lasting) _must_check_;
void keeper_keys_free(struct keeper_keys *k); /* accepts NULL */
/* The file beside the store, made if it is not there and no keys were given; "": none. -EPERM, -EINVAL, -E2BIG: as above. */
int keeper_keys_load_of_webhooks(struct keeper_keys *k, const char *path) _must_check_;

/* To which is sealed what is for that purpose. */
const struct box_public *keeper_keys_newest(const struct keeper_keys *k, enum box_purpose purpose);
/* What is in the file beside the store; NULL: there is none. */
const struct box_public *keeper_keys_of_webhooks(const struct keeper_keys *k);
size_t keeper_keys_count(const struct keeper_keys *k);
/* The newest first. */
const unsigned char *keeper_keys_id(const struct keeper_keys *k, size_t i);

/* *ret_secret borrows a page that the next call overwrites, and keeper_keys_forget() wipes. -ENOKEY: it is sealed to no key of these. -EBADMSG: it was
 * changed, or is not for that purpose, owner and seal_id. */
struct sealed {
	enum box_purpose purpose;
	int64_t owner;
	struct str key_id, seal_id, box;
};
int keeper_keys_open(struct keeper_keys *k, const struct sealed *sealed, struct str *ret_secret) _must_check_;
/* The same, besides another one. */
int keeper_keys_open_before(struct keeper_keys *k, const struct sealed *sealed, struct str *ret_secret) _must_check_;
void keeper_keys_forget(struct keeper_keys *k);

#endif
