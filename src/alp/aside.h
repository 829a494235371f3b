/* SPDX-License-Identifier: Apache-2.0 */
/* aside.h - work that would hold up the loop for longer than a few ms, done by one thread beside it, in order.
 *
 * Invariants: `over` runs on the loop, once for every piece of work, also when aside_free() ends the thread: then it runs in there, with the
 * work done.
 * Ownership: `arg` stays the caller's. Threads: `work` runs on the thread and must touch nothing that the loop may change meanwhile; all else
 * on the loop's.
 */
#ifndef RTALP_ALP_ASIDE_H
#define RTALP_ALP_ASIDE_H

#include "base/macro.h"

struct aside;
struct event_base;

int aside_new(struct event_base *base, struct aside **ret_aside) _must_check_;
struct aside *aside_free(struct aside *a); /* accepts NULL */

void aside_run(struct aside *a, void (*work)(void *arg), void (*over)(void *arg), void *arg);

#endif
