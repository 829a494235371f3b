/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <errno.h>
#include <string.h>

#include "calendar.h"

/* Primary name, short name, alias, short alias. */
static const char *const names[][4] = {
	{ "perspective", "pv", "by", NULL },
	{ "resolution_time", "rs", "interval", "i" },
	{ "restrict_begin", "rb", "date", NULL },
	{ "restrict_end", "re", "date", NULL },
	{ "restrict_kind", "rk", "taxonomy", "ty" },
	{ "restrict_thing", "rt", "taxon", "tx" },
	{ "restrict_thingy", "ry", "sub_taxon", "tn" },
	{ "restrict_source_type", NULL, NULL, NULL },
	{ "format", NULL, NULL, NULL },
};

static const char *const perspectives[] = { "rank", "interval", NULL };
static const char *const resolutions[] = { "month", "week", "day", "hour", "minute", NULL };
static const char *const kind_names[] = { "overview", "category", "activity", "productivity", "document", "efficiency", NULL };
static const char *const formats[] = { "", "json", "csv", NULL };
static const char *const sources[] = { "computers", "mobile", "offline", NULL };

/* True if `name` is one of the ways to say `primary`. */
static bool
means(const char *name, const char *primary)
{
	size_t i, j;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i][0], primary) != 0)
			continue;
		for (j = 0; j < 4; j++)
			if (names[i][j] && strcmp(names[i][j], name) == 0)
				return true;
	}
	return false;
}

/* The last one given counts, under whatever name. */
static const char *
ask(const struct params *p, const char *primary)
{
	size_t i;

	for (i = p->count; i-- > 0;)
		if (means(p->list[i].name, primary))
			return p->list[i].value;
	return NULL;
}

const char *
query_raw(const struct params *p, const char *primary)
{
	const char *s = ask(p, primary);

	return s && *s ? s : "-";
}

static int
choose(const struct params *p, const char *primary, const char *const *values, int standard)
{
	const char *s = ask(p, primary);
	int i;

	if (!s || !*s)
		return standard;
	for (i = 0; values[i]; i++)
		if (strcmp(values[i], s) == 0)
			return i;
	return -EINVAL;
}

static int
ask_date(const struct params *p, const char *primary, bool *ret_has, int32_t *ret_day)
{
	const char *s = ask(p, primary);

	*ret_has = s && *s;
	return *ret_has ? date_parse(s, ret_day) : 0;
}

static const char *
ask_thing(const struct params *p, const char *primary)
{
	const char *s = ask(p, primary);

	if (!s || !*s)
		return NULL;
	return strncmp(s, "www.", 4) == 0 ? s + 4 : s;
}

int
query_parse(const struct params *p, struct query *ret)
{
	int perspective = choose(p, "perspective", perspectives, RANK);
	int resolution = choose(p, "resolution_time", resolutions, HOUR);
	int kind = choose(p, "restrict_kind", kind_names, ACTIVITY);
	int format = choose(p, "format", formats, FORMAT_NONE);
	int source = choose(p, "restrict_source_type", sources, ANY_SOURCE);
	struct query q = { .first = 0 };

	if (perspective < 0 || resolution < 0 || kind < 0 || format < 0 || source < ANY_SOURCE)
		return -EINVAL;
	if (kind == EFFICIENCY && perspective != INTERVAL)
		return -EINVAL;
	if (ask_date(p, "restrict_begin", &q.has_first, &q.first) < 0 || ask_date(p, "restrict_end", &q.has_last, &q.last) < 0)
		return -EINVAL;
	q.perspective = (enum perspective)perspective;
	q.resolution = (enum resolution)resolution;
	q.kind = (enum kind)kind;
	q.format = (enum format)format;
	q.source = source;
	q.thing = ask_thing(p, "restrict_thing");
	q.thingy = ask_thing(p, "restrict_thingy");
	*ret = q;
	return 0;
}

void
query_default_dates(struct query *q, int32_t today)
{
	if (!q->has_first)
		q->first = today;
	if (!q->has_last)
		q->last = today;
}
