/* SPDX-License-Identifier: Apache-2.0 */
/* The default rules for matters, measured on titles whose matter a lawyer said: without the firm's list and with it. */
#include "rules_unit.h"

#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "rules/matter.h"
#include "rules/rules.h"
#include "rules/ruleset_file.h"

#define TITLES_MAX ((size_t)4000)
#define FILE_MAX   ((size_t)1024 * 1024)
#define PERMILLE   1000

struct row {
	char *title, *alone, *with_list; /* "-": none */
};

struct titles {
	char *text;
	struct row rows[TITLES_MAX];
	size_t count;
};

struct score {
	unsigned right, wrong, missed, wanted;
};

struct judges {
	struct ruleset *set;
	struct matcher *matcher;
	struct matters *matters;
	struct matter_list *list;
};

static char *
read_file(const char *path)
{
	char *text = xcalloc(1, FILE_MAX + 1);
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_true(fread(text, 1, FILE_MAX, f) > 0);
	(void)fclose(f);
	return text;
}

static void
titles_read(struct titles *t, const char *path)
{
	char *rest, *line;

	t->count = 0;
	t->text = rest = read_file(path);
	while ((line = strsep(&rest, "\n")) != NULL && line[0] != '\0') {
		struct row *row = &t->rows[t->count++];

		row->title = strsep(&line, "\t");
		row->alone = strsep(&line, "\t");
		row->with_list = line;
		assert_non_null(line);
		assert_true(t->count < TITLES_MAX);
	}
}

/* An array of numbers. */
static struct matter_list *
read_list(void)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	struct matter_list *list = NULL;
	char path[4096];
	char *text;

	assert_non_null(vectors_file("matter-list.json", path, sizeof path));
	text = read_file(path);
	for (char *p = text + strcspn(text, "0123456789"); *p != '\0'; p += strcspn(p, "0123456789")) {
		const struct matter_view m = {.code = {p, strspn(p, "0123456789")}, .is_open = true};

		assert_int_equal(matter_list_builder_add(b, &m, NULL, 0), 0);
		p += m.code.len;
	}
	free(text);
	assert_int_equal(matter_list_build(b, &list), 0);
	assert_int_equal(matter_list_count(list), 400);
	return list;
}

static int
judges_make(void **state)
{
	static struct judges j;

	j.set = shipped_set(DEFAULT_RULES);
	j.matcher = matcher_new();
	assert_int_equal(matters_new(j.matcher, j.set, &j.matters), 0);
	j.list = read_list();
	*state = &j;
	return 0;
}

static int
judges_drop(void **state)
{
	struct judges *j = *state;

	matter_list_free(j->list);
	matters_free(j->matters);
	matcher_free(j->matcher);
	ruleset_free(j->set);
	return 0;
}

static void
judge(const struct judges *j, const struct matter_list *list, const char *title, const char *want, struct score *s)
{
	struct matter_found found[MATTERS_FOUND_MAX];
	struct matter_ballot b = {0};
	struct matter_decision d;
	struct buf trail = BUF_INIT(4000);
	struct str wanted = str_of(want[0] == '-' ? "" : want);

	matter_ballot_add(&b, found, matters_collect(j->matters, list, STR("Microsoft Word"), str_of(title), found, MATTERS_FOUND_MAX, &trail),
			  1);
	matter_ballot_decide(&b, &d);
	s->wanted += wanted.len > 0;
	s->right += wanted.len > 0 && str_eq(d.code, wanted);
	s->missed += wanted.len > 0 && !str_eq(d.code, wanted);
	s->wrong += d.code.len > 0 && !str_eq(d.code, wanted);
	if (!str_eq(d.code, wanted))
		print_message("%s: %s instead of %.*s (%.*s)\n", list != NULL ? "with the list" : "alone", title, STR_ARG(wanted),
			      STR_ARG(buf_str(&trail)));
	buf_release(&trail);
	matter_ballot_release(&b);
}

static unsigned
permille(unsigned part, unsigned rest)
{
	return part + rest > 0 ? part * PERMILLE / (part + rest) : PERMILLE;
}

static void
measure(const struct judges *j, const char *path, bool with_list, unsigned precision, unsigned recall)
{
	struct titles *t = xcalloc(1, sizeof *t);
	struct score s = {0};

	titles_read(t, path);
	for (size_t i = 0; i < t->count; i++)
		judge(j, with_list ? j->list : NULL, t->rows[i].title, with_list ? t->rows[i].with_list : t->rows[i].alone, &s);
	print_message("%zu titles, %s: precision %u/%u, recall %u/%u\n", t->count, with_list ? "with the list" : "alone", s.right,
		      s.right + s.wrong, s.right, s.wanted);
	assert_true(t->count > 100);
	assert_true(permille(s.right, s.wrong) >= precision);
	assert_true(permille(s.right, s.missed) >= recall);
	free(t->text);
	free(t);
}

static void
the_vectors_titles_name_their_matters(void **state)
{
	char path[4096];

	assert_non_null(vectors_file("matter-codes.tsv", path, sizeof path));
	measure(*state, path, true, 1000, 980);
	measure(*state, path, false, 980, 980);
}

static void
titles_that_we_thought_of_name_their_matters(void **state)
{
	char path[4096];

	(void)snprintf(path, sizeof path, "%s/tests/data/matter-titles.tsv", getenv("top_srcdir"));
	measure(*state, path, true, 980, 980);
	measure(*state, path, false, 980, 980);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vectors_titles_name_their_matters),
	    cmocka_unit_test(titles_that_we_thought_of_name_their_matters),
	};

	return cmocka_run_group_tests(tests, judges_make, judges_drop);
}
