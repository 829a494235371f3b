/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h - a hash for tables whose keys come from outside.
 *
 * Titles are chosen by whoever answers for RescueTime. With a hash known to everybody he could choose them to meet in one place of
 * the table, and every look-up would walk past all of them. So this one (SipHash) mixes in a seed that only this process and
 * those it forks know: no result may be stored, sent or used for an order. Threads: any.
 */
#ifndef RTALP_BASE_HASH_H
#define RTALP_BASE_HASH_H

#include <stdint.h>

#include "base/str.h"

/* Draws the seed, which the first hash_of() does otherwise: for a process that will soon be forbidden to ask the kernel for it. */
void hash_setup(void);
uint64_t hash_of(struct str s);

#endif
