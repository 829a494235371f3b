/* SPDX-License-Identifier: Apache-2.0 */
/* version.h - a number for each user that rises whenever a write that changed what is shown of that user completes.
 *
 * It rises before the write's `done`, so that nobody who saw a write acknowledged can be given what was read before it. Users share a fixed
 * number of places: one that rises takes others along, which costs them a read and nothing else.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_APP_VERSION_H
#define RTALP_APP_VERSION_H

#include <stdint.h>

#include "store/trace.h"

#define VERSION_PLACES 16384

struct versions {
	uint64_t now;      /* the highest there is */
	uint64_t everyone;
	uint64_t places[VERSION_PLACES];
};

void versions_raise(struct versions *v, const struct trace *trace);
uint64_t versions_of(const struct versions *v, int64_t alp_user_id);

#endif
