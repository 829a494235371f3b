/* SPDX-License-Identifier: Apache-2.0 */
/* apps.h - which rules of a list are for an application.
 *
 * Worked out once for each application: a day's totals stand application by application, and another day has much the same ones.
 *
 * Ownership: apps_free() accepts NULL; matcher and tests must outlive it. Threads: one at a time, it remembers its answers.
 */
#ifndef RTALP_RULES_APPS_H
#define RTALP_RULES_APPS_H

#include <stdint.h>

#include "base/macro.h"
#include "rules/match.h"

struct apps;

struct apps *apps_new(struct matcher *m);
struct apps *apps_free(struct apps *a);

/* The test of the list's next rule. -EINVAL for a pattern that does not compile. */
int apps_add(struct apps *a, const struct app_test *test) _must_check_;

/* The numbers of the rules whose test fits, in their order; borrowed until the next call. */
const uint32_t *apps_fitting(struct apps *a, struct str application, size_t *ret_count);

DEFINE_POINTER_CLEANUP(struct apps, apps_free, apps_freep)

#endif
