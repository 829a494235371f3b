/* SPDX-License-Identifier: Apache-2.0 */
/* when.h - instants and lengths of time as people write and read them. Instants are milliseconds since the epoch; the zone is the
 * process's (TZ). Pure but for the zone. Threads: one.
 */
#ifndef RTALP_CTL_WHEN_H
#define RTALP_CTL_WHEN_H

#include <stdint.h>

#include "base/str.h"

#define WHEN_TEXT_MAX 64

/* "2026-11-23T01:02:03Z", with or without a fraction, as the API writes it. -EINVAL otherwise. */
int when_parse_instant(struct str text, int64_t *ret_real_ms);
/* "90d", "12h", "8w" from now on, or a day, which counts to its end. -EINVAL otherwise, -ERANGE if it is over or past the year 9999. */
int when_parse_expiry(struct str text, int64_t now_ms, int64_t *ret_real_ms);
/* "2026-11-23 12:02:03" in the zone; the text itself if it is no instant; "" for NULL. */
void when_local(const char *instant, char ret_text[WHEN_TEXT_MAX]);
/* "1:02:03". */
void when_hms(int64_t seconds, char ret_text[WHEN_TEXT_MAX]);

#endif
