/* SPDX-License-Identifier: Apache-2.0 */
/* run_kinds.c - the kinds of job that run in workers, one row a kind. */
#include "daemon/run_kinds.h"

static const struct run_kind *const kinds[] = {
    &run_fetch,
    &run_process,
};

const struct run_kind *
run_kind_of(enum job_kind kind)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		if (kinds[i]->job_kind == kind)
			return kinds[i];
	return NULL;
}
