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

/* Of numbers that this process gave out itself, or that are of a digest. Mixed with the seed too, and several times as fast. */
uint64_t hash_of_numbers(const uint32_t *numbers, size_t count);
/* For a table that is filled from the operator's files only. Whoever chooses what is looked up in it cannot make it worse than they did. Not
 * mixed with the seed, and several times as fast. */
uint64_t hash_for_own_table(struct str s);

#endif
