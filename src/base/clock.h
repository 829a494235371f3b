/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - instants. Logic that depends on time takes it as an argument; only the edges (the loop, the store's threads) ask here.
 *
 * Units: milliseconds. `real` counts from the Unix epoch and may jump; `mono` counts from boot and never goes back.
 * Threads: any.
 */
#ifndef RTALP_BASE_CLOCK_H
#define RTALP_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_real_ms(void);
int64_t clock_mono_ms(void);
int64_t clock_mono_us(void);

/* "2026-11-23T01:02:03.456Z" (RFC 3339, UTC) and its NUL. */
#define INSTANT_TEXT_MAX 32
void instant_format(int64_t real_ms, char ret_text[INSTANT_TEXT_MAX]);

#endif
