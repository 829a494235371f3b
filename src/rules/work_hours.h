/* SPDX-License-Identifier: Apache-2.0 */
/* work_hours.h - work hours as people write them: "mon-fri 07:00-19:00", "mon,wed,sat-sun 09:00-24:00"; "" means always. Pure; any
 * thread. */
#ifndef RTALP_RULES_WORK_HOURS_H
#define RTALP_RULES_WORK_HOURS_H

#include "base/str.h"
#include "rules/ruleset.h"

/* -EINVAL for anything else; *ret_hours is untouched then. */
int work_hours_parse(struct str text, struct work_hours *ret_hours);

#endif
