/* SPDX-License-Identifier: Apache-2.0 */
/* run_kinds.c - how each kind of job is run; one row a kind. */
#include "daemon/run_kinds.h"

static const struct run_kind *const kinds[] = {
#define JOB_KIND(name, NAME, number, lane, place, deadline, attempts, backoff, order) &run_##name,
#include "queue/job_kinds.def"
#undef JOB_KIND
};

const struct run_kind *
run_kind_of(enum job_kind kind)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		if (kinds[i]->job_kind == kind)
			return kinds[i];
	return NULL;
}
