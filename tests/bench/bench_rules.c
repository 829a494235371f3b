/* SPDX-License-Identifier: Apache-2.0 */
/* bench_rules - how many rows of activity a core judges in a second, with nothing around it.
 *
 *     bench_rules VECTORS.json RULES.conf [SECONDS]
 *
 * The rows of the vectors, day by day, over and over; once as day totals, once as grain of five minutes, whose totals are the same. Processor
 * time of this process, so that it says the same while others use the machine. Then titles made to hurt, each a day of its own: what the worst of
 * them takes.
 */
#include <errno.h>
#include <json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/hash.h"
#include "nasty_titles.h"
#include "rules/rules.h"
#include "rules/ruleset_file.h"

#define DAYS_MAX    64
#define BUCKET      300
#define DAY_BUCKETS 288

/* The order of a row's fields in the vectors. */
enum { LOG_DATE, SECONDS, ACTIVITY, CATEGORY, PRODUCTIVITY, DOCUMENT };

struct days {
	const char *dates[DAYS_MAX];
	struct rowset *totals[DAYS_MAX], *grain[DAYS_MAX];
	size_t count;
};

static _noreturn_ void
fail(const char *what, int r)
{
	fprintf(stderr, "bench_rules: %s: %s\n", what, strerror(-r));
	exit(1);
}

static const char *
text_at(struct json_object *row, size_t i)
{
	const char *text = json_object_get_string(json_object_array_get_idx(row, i));

	return text != NULL ? text : "";
}

static int
number_at(struct json_object *row, size_t i)
{
	return json_object_get_int(json_object_array_get_idx(row, i));
}

static void
add(struct rowset_builder *b, struct row_view *view, int32_t bucket, int32_t seconds)
{
	int r;

	view->bucket_s = bucket % DAY_BUCKETS * BUCKET;
	view->seconds = seconds;
	r = rowset_builder_add(b, view);
	if (r < 0)
		fail("a row", r);
}

/* As grain, its time stands in one bucket behind the other, beginning anywhere. */
static void
add_row(struct json_object *row, struct rowset_builder *totals, struct rowset_builder *grain, size_t number)
{
	struct row_view view = {
	    .productivity = number_at(row, PRODUCTIVITY),
	    .activity = str_of(text_at(row, ACTIVITY)),
	    .document = str_of(text_at(row, DOCUMENT)),
	    .category = str_of(text_at(row, CATEGORY)),
	};
	int32_t left = number_at(row, SECONDS), bucket = (int32_t)(number * 7919 % DAY_BUCKETS);

	add(totals, &view, 0, left);
	for (; left > 0; left -= BUCKET)
		add(grain, &view, bucket++, MIN_OF(left, BUCKET));
}

static void
build_day(struct json_object *rows, struct days *d, size_t day)
{
	struct rowset_builder *totals = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	struct rowset_builder *grain = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	int r;

	for (size_t i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		if (strcmp(text_at(row, LOG_DATE), d->dates[day]) == 0)
			add_row(row, totals, grain, i);
	}
	r = rowset_build(totals, &d->totals[day]);
	if (r == 0)
		r = rowset_build(grain, &d->grain[day]);
	if (r < 0)
		fail("a day", r);
	rowset_builder_free(totals);
	rowset_builder_free(grain);
}

static void
read_days(const char *path, struct days *d)
{
	struct json_object *root = json_object_from_file(path), *rows = json_object_object_get(root, "rows");

	for (size_t i = 0; rows != NULL && i < json_object_array_length(rows); i++) {
		const char *date = text_at(json_object_array_get_idx(rows, i), LOG_DATE);
		size_t k = 0;

		while (k < d->count && strcmp(d->dates[k], date) != 0)
			k++;
		if (k == d->count && k < DAYS_MAX)
			d->dates[d->count++] = date;
	}
	if (d->count == 0)
		fail(path, -ENODATA);
	for (size_t i = 0; i < d->count; i++)
		build_day(rows, d, i);
	json_object_put(root);
}

static struct rules *
read_rules(const char *path, struct ruleset **ret_set)
{
	struct rule_faults faults = {.lines = NULL};
	struct ruleset *set = NULL;
	struct buf text = BUF_INIT(RULES_FILE_MAX);
	struct rules *rules = NULL;
	char chunk[4096];
	FILE *f = fopen(path, "re");
	size_t n;
	int r;

	if (f == NULL)
		fail(path, -errno);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		(void)buf_add(&text, chunk, n);
	fclose(f);
	r = text.error < 0 ? text.error : ruleset_parse(buf_str(&text), path, &faults, &set);
	for (size_t i = 0; i < faults.count; i++)
		fprintf(stderr, "%s\n", faults.lines[i]);
	if (r == 0)
		r = rules_new(set, &rules);
	if (r < 0)
		fail(path, r);
	buf_release(&text);
	*ret_set = set;
	return rules;
}

static double
cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
judge_all(struct rules *rules, struct rowset *const *days, size_t count)
{
	size_t verdicts = 0;

	for (size_t i = 0; i < count; i++) {
		struct rowset *v = NULL;
		int r = rules_apply(rules, days[i], NULL, &v);

		if (r < 0)
			fail("a day", r);
		verdicts += rowset_count(v);
		rowset_free(v);
	}
	return verdicts;
}

static void
measure(const char *name, struct rules *rules, struct rowset *const *days, size_t count, double seconds)
{
	size_t rows = 0, verdicts = 0, rounds = 0;
	double start, spent;

	for (size_t i = 0; i < count; i++)
		rows += rowset_count(days[i]);
	(void)judge_all(rules, days, count);
	start = cpu_s();
	do {
		verdicts += judge_all(rules, days, count);
		rounds++;
		spent = cpu_s() - start;
	} while (spent < seconds);
	printf("%-12s %10.0f totals/s %10.0f rows/s a core (%zu rows, %zu totals, %zu days, %zu rounds)\n", name, (double)verdicts / spent,
	    (double)(rows * rounds) / spent, rows, verdicts / rounds, count, rounds);
}

struct worst {
	double us;
	char title[41];
	const char *application;
};

/* The least of a few tries: the first is slower, and any may be disturbed. */
static void
try_nasty(struct rules *rules, const char *application, struct str title, struct worst *worst)
{
	struct rowset_builder *b = rowset_builder_new(1, 10000);
	struct row_view view = {.activity = str_of(application), .document = title};
	struct rowset *day = NULL;
	double best = 1e9;

	add(b, &view, 0, 60);
	if (rowset_build(b, &day) < 0)
		fail("a title", -EINVAL);
	for (int i = 0; i < 5; i++) {
		double start = cpu_s();

		(void)judge_all(rules, &day, 1);
		best = MIN_OF(best, (cpu_s() - start) * 1e6);
	}
	if (best > worst->us) {
		worst->us = best;
		worst->application = application;
		snprintf(worst->title, sizeof worst->title, "%.*s", (int)MIN_OF(title.len, sizeof worst->title - 1), title.p);
	}
	rowset_builder_free(b);
	rowset_free(day);
}

static void
try_examples(struct rules *rules, const struct rule_head *head, struct worst *worst)
{
	char out[RULES_TITLE_MAX];

	for (size_t k = 0; k < head->example_count; k++) {
		struct str text = str_of(head->examples[k].title);

		for (size_t i = 0; text.len < 200 && i < NASTY_EXAMPLES; i++)
			try_nasty(rules, head->examples[k].application != NULL ? head->examples[k].application : "x", nasty_example(i, text, out), worst);
	}
}

static void
measure_worst(struct rules *rules, const struct ruleset *set)
{
	static const char *const applications[] = {"Microsoft Word", "microsoft word", "Google Chrome", "Preview"};
	struct worst worst = {0};
	char out[RULES_TITLE_MAX];

	for (size_t i = 0; i < NASTY_TITLES; i++)
		for (size_t k = 0; k < ELEMENTSOF(applications); k++)
			try_nasty(rules, applications[k], nasty_title(i, out), &worst);
	for (size_t i = 0; i < set->clean_count; i++)
		try_examples(rules, &set->clean[i].head, &worst);
	for (size_t i = 0; i < set->matter_count; i++)
		try_examples(rules, &set->matter[i].head, &worst);
	for (size_t i = 0; i < set->refuse_count; i++)
		try_examples(rules, &set->refuse[i].head, &worst);
	printf("%-12s %10.0f us at worst: %s, \"%s...\"\n", "made to hurt", worst.us, worst.application, worst.title);
}

int
main(int argc, char **argv)
{
	struct days d = {.count = 0};
	double seconds = argc > 3 ? strtod(argv[3], NULL) : 3;
	struct ruleset *set;
	struct rules *rules;

	if (argc < 3) {
		fprintf(stderr, "usage: bench_rules VECTORS.json RULES.conf [SECONDS]\n");
		return 2;
	}
	hash_setup();
	rules = read_rules(argv[2], &set);
	read_days(argv[1], &d);
	measure("day totals", rules, d.totals, d.count, seconds);
	measure("5 minutes", rules, d.grain, d.count, seconds);
	measure_worst(rules, set);
	return 0;
}
