/* SPDX-License-Identifier: Apache-2.0 */
/* evolve.h - what happens to a recorded day afterwards: time grows, shrinks, is deleted, re-categorised, added by hand. */
#ifndef SANDBOX_EVOLVE_H
#define SANDBOX_EVOLVE_H

#include <stdint.h>

#include "day.h"
#include "faults.h"

/* Applies every DAY fault in force to `d` and restores its order. */
void evolve_day(struct day *d, const struct faults *faults, uint32_t user, int32_t date, int32_t today);

#endif
