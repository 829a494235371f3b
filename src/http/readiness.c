/* SPDX-License-Identifier: Apache-2.0 */
#include "http/readiness.h"

const char *const lack_choices[] = {"service", "store", "disk", "recovery", "spawner", "keeper", "alp", "posting", "posting_held", NULL};

void
readiness_lacks(struct readiness *r, bool needed, const char *what, const char *detail)
{
	if (r->count < LACKS_MAX)
		r->rows[r->count++] = (struct lack){what, detail, needed};
}

bool
readiness_is_ready(const struct readiness *r)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->rows[i].needed)
			return false;
	return true;
}
