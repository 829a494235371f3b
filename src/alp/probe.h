/* SPDX-License-Identifier: Apache-2.0 */
/* probe.h - finds out what a given ALP can do, by asking it, and says which settings follow. What it is not asked to find out by writing it leaves open.
 *
 * Ownership: the report is borrowed for the call of `done`. Threads: the loop's.
 */
#ifndef RTALP_ALP_PROBE_H
#define RTALP_ALP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/day.h"

#define PROBE_FINDINGS_MAX 32
#define PROBE_SETTINGS_MAX 16

struct alp;

struct alp_probe_asked {
	day_t today;
	int64_t user_id;      /* whose entries to look for; 0: those of the first user of the list */
	int64_t component_id; /* where to make entries, to see what becomes of them; 0: nothing is written */
};

struct alp_finding {
	char about[32];
	bool good;
	char detail[256];
};
struct alp_follows { /* a setting whose value should be another one */
	char name[48];
	char value[72];
};
struct alp_probe_report {
	struct alp_finding findings[PROBE_FINDINGS_MAX];
	size_t finding_count;
	struct alp_follows settings[PROBE_SETTINGS_MAX];
	size_t setting_count;
};

/* The report is as far as it came when the alp is freed before. */
typedef void (*alp_probe_fn)(const struct alp_probe_report *report, void *arg);
/* -EBUSY: one is under way. */
int alp_probe(struct alp *alp, const struct alp_probe_asked *asked, alp_probe_fn done, void *arg);

#endif
