/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - the time that the sandbox believes in: the real one, or one that a test sets. */
#ifndef SANDBOX_CLOCK_H
#define SANDBOX_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct sandbox_clock {
	bool frozen;
	int64_t at; /* Unix seconds, when frozen */
};

int64_t clock_now(const struct sandbox_clock *c);

/* Milliseconds for logs (since the epoch) and for measuring (monotonic); never frozen. */
int64_t clock_wall_ms(void);
int64_t clock_monotonic_ms(void);

#endif
