/* SPDX-License-Identifier: Apache-2.0 */
/* resealer.h - after a rotation: has the keeper seal anew, to its newest key, what is sealed to an older one, jobs' keys and webhooks' secrets,
 * so that the older one may go.
 *
 * One after the other, in the background; a job that ends meanwhile needs it no more. What did not come about is done at the next start.
 * Threads: the loop's.
 */
#ifndef RTALP_DAEMON_RESEALER_H
#define RTALP_DAEMON_RESEALER_H

#include "daemon/keeper_peer.h"

struct resealer;

struct resealer *resealer_new(struct app *app, struct keeper_peer *keeper);
/* After the store is closed; accepts NULL. */
struct resealer *resealer_free(struct resealer *s);

/* There is a keeper, maybe with other keys: looks at everything from the beginning. */
void resealer_begin(struct resealer *s);
/* What the keeper said. */
void resealer_done(struct resealer *s, uint64_t number, int result, const struct box *box);

#endif
