/* SPDX-License-Identifier: Apache-2.0 */
/* keyring.h - the keys of live fetch jobs, by job. They live here and in the worker that uses them, nowhere else.
 *
 * Ownership: the keyring owns every key put into it and wipes it when it is replaced, dropped or freed. Threads: the loop's.
 */
#ifndef RTALP_APP_KEYRING_H
#define RTALP_APP_KEYRING_H

#include <stdint.h>

#include "base/secret.h"

struct keyring;

struct keyring *keyring_new(void);
struct keyring *keyring_free(struct keyring *k); /* accepts NULL */
void keyring_put(struct keyring *k, int64_t job_id, struct secret *key);
const struct secret *keyring_get(const struct keyring *k, int64_t job_id); /* borrowed; NULL if there is none */
void keyring_drop(struct keyring *k, int64_t job_id);

#endif
