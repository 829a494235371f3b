/* SPDX-License-Identifier: Apache-2.0 */
/* past.h - what the machine said of a draft's time before it said what it says now.
 *
 * A person confirms what is on the screen, and that may be an hour old: these values tell which seconds were meant. One for each number of
 * units, the newest first, PAST_MAX of them; kept as text with the entry (entry.h, machine_values).
 *
 * Pure; any thread.
 */
#ifndef RTALP_APP_PAST_H
#define RTALP_APP_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "store/entry.h"

#define PAST_MAX 16

struct past_value {
	int64_t seconds, tenths;
	int32_t rounding, units_per, minimum_tenths; /* the policy that made the units */
};

/* What the machine says of it now. */
struct past_value past_value_of(const struct entry_row *entry);

/* Puts it before the others. */
void past_note(char **past, const struct past_value *said);

/* The newest that made so many units. False if there is none. past NULL: there is none. */
bool past_find(const char *past, int64_t tenths, struct past_value *ret_said);

#endif
