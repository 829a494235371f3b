/* SPDX-License-Identifier: Apache-2.0 */
#include "app/version.h"

#include "app/internal.h"
#include "base/macro.h"

static size_t
place_of(int64_t alp_user_id)
{
	return (size_t)((uint64_t)alp_user_id * 0x9e3779b97f4a7c15u >> 32) % VERSION_PLACES;
}

void
versions_raise(struct versions *v, const struct trace *trace)
{
	if (!trace->everyone && trace->count == 0)
		return;
	v->now++;
	if (trace->everyone)
		v->everyone = v->now;
	for (unsigned i = 0; i < trace->count; i++)
		v->places[place_of(trace->users[i])] = v->now;
}

uint64_t
versions_of(const struct versions *v, int64_t alp_user_id)
{
	return MAX_OF(v->everyone, v->places[place_of(alp_user_id)]);
}

uint64_t
app_version(const struct app *app, int64_t alp_user_id)
{
	return versions_of(&app->versions, alp_user_id);
}

bool
app_keepable(const struct app *app, int64_t alp_user_id)
{
	const struct op *op = app->completing;

	return op != NULL && !op->trace.read_unwatched && versions_of(&app->versions, alp_user_id) <= op->version_before;
}
