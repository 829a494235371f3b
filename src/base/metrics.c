/* SPDX-License-Identifier: Apache-2.0 */
#include "base/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct metrics metrics;

#define BUCKETS(name, ...) const int64_t metric_buckets_##name[] = {__VA_ARGS__};
#define SET(name, label, ...) static const char *values_##name[] = {__VA_ARGS__};
#define METRIC(name, type, unit, first, second, buckets, help)
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC

#define SPARSE_FROM 64

static const struct metric_set_info sets[] = {
#define BUCKETS(name, ...)
#define SET(name, label, ...) {label, values_##name, ELEMENTSOF(values_##name), ELEMENTSOF(values_##name) >= SPARSE_FROM},
#define METRIC(name, type, unit, first, second, buckets, help)
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC
};

static const struct metric_info rows[] = {
#define BUCKETS(name, ...)
#define SET(name, label, ...)
#define METRIC(name, type, unit, first, second, buckets, help)                                                         \
	{#name, METRIC_##type, unit, help, {METRIC_SET_##first, METRIC_SET_##second},                                  \
	    {METRIC_SET_##first##_SIZE, METRIC_SET_##second##_SIZE}, &metrics.name[0][0][0], METRIC_WIDTH_##type(buckets), metric_buckets_##buckets},
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC
};

const char *const metrics_media[] = {
    [METRICS_OPEN] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    [METRICS_OLD] = "text/plain; version=0.0.4; charset=utf-8",
};

static const char *const type_names[] = {"counter", "gauge", "info", "histogram"};

const struct metric_info *
metric_info(size_t i)
{
	return i < ELEMENTSOF(rows) ? &rows[i] : NULL;
}

const struct metric_set_info *
metric_set_info(enum metric_set set)
{
	return &sets[set];
}

bool
metrics_name(enum metric_set set, size_t i, const char *text)
{
	if (i >= sets[set].count)
		return false;
	sets[set].values[i] = text;
	return true;
}

/* --- numbers ------------------------------------------------------------------------------------------------------------ */

static void
add_number(struct buf *b, const struct metric_info *m, int64_t value)
{
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	char fraction[8];
	size_t len = 6;

	if (strcmp(m->unit, "seconds") != 0) {
		buf_addf(b, "%" PRId64, value);
		return;
	}
	buf_addf(b, "%s%" PRIu64, value < 0 ? "-" : "", size / 1000000);
	snprintf(fraction, sizeof fraction, "%06u", (unsigned)(size % 1000000));
	while (len > 0 && fraction[len - 1] == '0')
		len--;
	if (len > 0)
		buf_addf(b, ".%.*s", (int)len, fraction);
}

/* As the standard wants it: with a point. */
static void
add_bound(struct buf *b, const struct metric_info *m, int64_t bound)
{
	size_t before = b->len;

	add_number(b, m, bound);
	if (b->len > before && memchr(b->p + before, '.', b->len - before) == NULL)
		buf_addz(b, ".0");
}

/* --- one metric ---------------------------------------------------------------------------------------------------------- */

/* A number among its metric's, and what its labels say. */
struct series {
	const struct metric_info *m;
	const char *values[2]; /* "": there is no such label */
	const _Atomic int64_t *slots;
};

static int64_t
slot(const struct series *s, size_t i)
{
	return atomic_load_explicit(&s->slots[i], memory_order_relaxed);
}

static void
add_label(struct buf *b, const struct metric_set_info *set, const char *value, char *comma)
{
	if (set->label[0] == '\0')
		return;
	if (*comma != '\0')
		buf_addc(b, *comma);
	*comma = ',';
	/* What goes together was named as it stands. */
	if (strchr(set->label, ',') != NULL)
		buf_addz(b, value);
	else
		buf_addf(b, "%s=\"%s\"", set->label, value);
}

/* bound NULL: none. */
static void
add_labels(struct buf *b, const struct series *s, const int64_t *bound, bool is_last)
{
	char comma = '\0';

	buf_addc(b, '{');
	for (size_t i = 0; i < 2; i++)
		add_label(b, &sets[s->m->sets[i]], s->values[i], &comma);
	if (bound != NULL || is_last) {
		buf_addf(b, "%sle=\"", comma != '\0' ? "," : "");
		if (is_last)
			buf_addz(b, "+Inf");
		else
			add_bound(b, s->m, *bound);
		buf_addc(b, '"');
	}
	buf_addz(b, "} ");
}

static bool
has_labels(const struct series *s)
{
	return sets[s->m->sets[0]].label[0] != '\0' || sets[s->m->sets[1]].label[0] != '\0';
}

static void
add_name(struct buf *b, const struct series *s, const char *suffix)
{
	buf_addf(b, "%s%s", s->m->name, suffix);
	if (has_labels(s))
		add_labels(b, s, NULL, false);
	else
		buf_addc(b, ' ');
}

/* Counted while it is read: the sum of what was read is what it says. */
static void
add_histogram(struct buf *b, const struct series *s)
{
	size_t count = s->m->width - 2;
	int64_t total = 0;

	for (size_t i = 0; i <= count; i++) {
		total += slot(s, i);
		buf_addf(b, "%s_bucket", s->m->name);
		add_labels(b, s, i < count ? &s->m->bounds[i] : NULL, i == count);
		buf_addf(b, "%" PRId64 "\n", total);
	}
	add_name(b, s, "_count");
	buf_addf(b, "%" PRId64 "\n", total);
	add_name(b, s, "_sum");
	add_number(b, s->m, slot(s, count + 1));
	buf_addc(b, '\n');
}

static void
add_plain(struct buf *b, const struct series *s)
{
	static const char *const suffixes[] = {[METRIC_COUNTER] = "_total", [METRIC_GAUGE] = "", [METRIC_INFO] = "_info", [METRIC_HISTOGRAM] = ""};

	add_name(b, s, suffixes[s->m->type]);
	add_number(b, s->m, s->m->type == METRIC_INFO ? 1 : slot(s, 0));
	buf_addc(b, '\n');
}

static bool
is_told(const struct series *s)
{
	int64_t any = 0;

	for (size_t i = 0; i < 2; i++)
		if (sets[s->m->sets[i]].label[0] != '\0' && s->values[i][0] == '\0')
			return false;
	if (slot(s, 0) == METRIC_ABSENT)
		return false;
	if (!sets[s->m->sets[0]].sparse)
		return true;
	for (size_t i = 0; i < s->m->width; i++)
		any |= slot(s, i);
	return any != 0;
}

static void
add_series(struct buf *b, const struct metric_info *m)
{
	for (size_t i = 0; i < m->sizes[0]; i++)
		for (size_t j = 0; j < m->sizes[1]; j++) {
			struct series s = {m, {sets[m->sets[0]].values[i], sets[m->sets[1]].values[j]},
			    &m->slots[(i * m->sizes[1] + j) * m->width]};

			if (!is_told(&s))
				continue;
			if (m->type == METRIC_HISTOGRAM)
				add_histogram(b, &s);
			else
				add_plain(b, &s);
		}
}

/* The older form names a family as its numbers are named, and knows no info and no unit. */
static void
add_head(struct buf *b, const struct metric_info *m, enum metrics_form form)
{
	const char *suffix = "", *type = type_names[m->type];

	if (form == METRICS_OLD && m->type == METRIC_COUNTER)
		suffix = "_total";
	if (form == METRICS_OLD && m->type == METRIC_INFO) {
		suffix = "_info";
		type = "gauge";
	}
	buf_addf(b, "# HELP %s%s %s\n# TYPE %s%s %s\n", m->name, suffix, m->help, m->name, suffix, type);
	if (form == METRICS_OPEN && m->unit[0] != '\0')
		buf_addf(b, "# UNIT %s %s\n", m->name, m->unit);
}

void
metrics_render(struct buf *b, enum metrics_form form)
{
	for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
		add_head(b, &rows[i], form);
		add_series(b, &rows[i]);
	}
	if (form == METRICS_OPEN)
		buf_addz(b, "# EOF\n");
}
