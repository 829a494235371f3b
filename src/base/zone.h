/* SPDX-License-Identifier: Apache-2.0 */
/* zone.h - IANA time zones: which work day an instant falls on.
 *
 * RescueTime labels time by the account's wall clock and never says which zone that is, so each user has a zone of ours.
 * Built on GLib's GTimeZone, which reads /usr/share/zoneinfo; TZDIR is not honoured. Threads: any.
 */
#ifndef RTALP_BASE_ZONE_H
#define RTALP_BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/day.h"

#define ZONE_NAME_MAX 64 /* bytes with the NUL; the longest IANA name has 32 */

/* True for a name of the zone database such as "Australia/Sydney" or "UTC"; never for a path, an offset or a file that only lies beside
 * the zones, such as "leapseconds" or "localtime". */
bool zone_valid(const char *name);
/* The work day of an instant in that zone. -ENOENT for an unknown zone. */
int zone_day(const char *name, int64_t real_ms, day_t *ret_day);

#endif
