/* SPDX-License-Identifier: Apache-2.0 */
#include "queue/kind.h"

#include "base/macro.h"

static const struct job_kind_info kinds[] = {
#define JOB_KIND(name_, NAME, number_, lane_, place_, deadline_, attempts_, backoff_, order_)                          \
	{.kind = KIND_##NAME, .name = #name_, .lane = lane_, .place = place_, .deadline_ms = deadline_,                \
	 .max_attempts = attempts_, .backoff = backoff_, .turn_order = order_},
#include "queue/job_kinds.def"
#undef JOB_KIND
};

const struct job_kind_info *
job_kind_at(size_t i)
{
	return i < ELEMENTSOF(kinds) ? &kinds[i] : NULL;
}

const struct job_kind_info *
job_kind_info(int64_t number)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		if ((int64_t)kinds[i].kind == number)
			return &kinds[i];
	return NULL;
}

const struct job_kind_info *
job_kind_named(struct str name)
{
	for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
		if (str_eq(str_of(kinds[i].name), name))
			return &kinds[i];
	return NULL;
}
