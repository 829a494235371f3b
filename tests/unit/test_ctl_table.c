/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/alloc.h"
#include "ctl/table.h"
#include "ctl/text.h"

static const struct column columns[] = {{.title = "ID", .right = true}, {.title = "TITLE", .flexible = true}, {.title = "N", .right = true}};

struct fixture {
	char *text;
	size_t size;
	struct screen screen;
	struct table *table;
};

static void
begin(struct fixture *f, size_t width, bool colour)
{
	*f = (struct fixture){0};
	f->screen = (struct screen){.out = open_memstream(&f->text, &f->size), .terminal = width > 0, .colour = colour, .width = width};
	f->table = table_new(&f->screen, columns, ELEMENTSOF(columns));
}

static void
row(struct fixture *f, const char *id, const char *title, const char *n)
{
	table_add(f->table, id, COLOUR_NONE);
	table_add(f->table, title, COLOUR_NONE);
	table_add(f->table, n, COLOUR_NONE);
}

static void
end(struct fixture *f, const char *expected)
{
	table_flush(f->table);
	f->table = table_free(f->table);
	(void)fclose(f->screen.out);
	assert_string_equal(f->text, expected);
	free(f->text);
}

static void
columns_are_as_wide_as_what_stands_in_them(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0, false);
	row(&f, "1", "short", "10");
	row(&f, "1000", "\xe5\xa5\x91\xe7\xb4\x84 x", "9");
	end(&f, "  ID  TITLE    N\n"
		"   1  short   10\n"
		"1000  \xe5\xa5\x91\xe7\xb4\x84 x   9\n");
}

static void
titles_cannot_move_the_cursor(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0, false);
	row(&f, "1", "a\033[2J\nb", NULL);
	end(&f, "ID  TITLE    N\n"
		" 1  a\xef\xbf\xbd[2J b   \n");
}

static void
a_narrow_terminal_cuts_the_flexible_column(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 20, false);
	row(&f, "1", "a title that is too long", "5");
	row(&f, "2", "\xe5\xa5\x91\xe7\xb4\x84\xe5\xa5\x91\xe7\xb4\x84\xe5\xa5\x91\xe7\xb4\x84\xe5\xa5\x91\xe7\xb4\x84", "6");
	end(&f, "ID  TITLE          N\n"
		" 1  a title that\xe2\x80\xa6  5\n"
		" 2  \xe5\xa5\x91\xe7\xb4\x84\xe5\xa5\x91\xe7\xb4\x84\xe5\xa5\x91\xe7\xb4\x84\xe2\x80\xa6  6\n");
}

/* A page of a long list is printed and forgotten; what follows stands under the same header. */
static void
later_pages_stay_under_the_header(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0, false);
	row(&f, "100", "first page", "1");
	table_flush(f.table);
	row(&f, "2", "second", "2");
	end(&f, " ID  TITLE       N\n"
		"100  first page  1\n"
		"  2  second      2\n");
}

static void
an_empty_table_has_no_header(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 0, false);
	end(&f, "");
}

static void
colours_take_no_columns(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, 80, true);
	table_add(f.table, "1", COLOUR_NONE);
	table_add(f.table, "good", COLOUR_GOOD);
	table_add(f.table, "2", COLOUR_BAD);
	end(&f, "\033[1mID\033[0m  \033[1mTITLE\033[0m  \033[1mN\033[0m\n"
		" 1  \033[32mgood\033[0m   \033[31m2\033[0m\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_are_as_wide_as_what_stands_in_them),
	    cmocka_unit_test(titles_cannot_move_the_cursor),
	    cmocka_unit_test(a_narrow_terminal_cuts_the_flexible_column),
	    cmocka_unit_test(later_pages_stay_under_the_header),
	    cmocka_unit_test(an_empty_table_has_no_header),
	    cmocka_unit_test(colours_take_no_columns),
	};

	text_setup();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
