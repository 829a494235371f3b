/* SPDX-License-Identifier: Apache-2.0 */
#include "app/matters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/internal.h"
#include "base/alloc.h"
#include "base/fd.h"
#include "proto/matter_list.h"

/* --- the flat form -------------------------------------------------------------------------------------------------------- */

static int
add_row(struct matter_list_builder *b, const struct matter_row *row)
{
	struct matter_view view = {.code = str_of(row->code), .name = str_of(row->name), .client = str_of(row->client), .is_open = row->is_open};
	struct str aliases[MATTER_ALIASES_MAX];

	if (row->alias_count > MATTER_ALIASES_MAX)
		return -ERANGE;
	for (size_t i = 0; i < row->alias_count; i++)
		aliases[i] = str_of(row->aliases[i]);
	return matter_list_builder_add(b, &view, aliases, row->alias_count);
}

static const struct matter_row *
row_at(const void *p)
{
	return *(const struct matter_row *const *)p;
}

static int
by_code(const void *a, const void *b)
{
	int c = strcasecmp(row_at(a)->code, row_at(b)->code);

	return c != 0 ? c : row_at(a) < row_at(b) ? -1 : row_at(a) > row_at(b);
}

static const struct matter_row **
sort_rows(const struct matter_page *page)
{
	const struct matter_row **sorted = xcalloc(page->count + 1, sizeof *sorted);

	for (size_t i = 0; i < page->count; i++)
		sorted[i] = &page->rows[i];
	qsort(sorted, page->count, sizeof *sorted, by_code);
	return sorted;
}

/* The second row of a code that is there twice, in whatever case: titles could not tell them apart. 0: none is. */
static size_t
find_double(const struct matter_page *page)
{
	_cleanup_free_ const struct matter_row **sorted = sort_rows(page);
	size_t found = 0;

	for (size_t i = 1; i < page->count && found == 0; i++)
		if (strcasecmp(sorted[i - 1]->code, sorted[i]->code) == 0)
			found = (size_t)(sorted[i] - page->rows);
	return found;
}

/* Only rows that `wrong` says nothing of stay. Returns how many went. */
static size_t
keep_right(struct matter_page *page, const bool *wrong)
{
	size_t kept = 0, all = page->count;

	for (size_t i = 0; i < all; i++) {
		if (wrong[i])
			matter_row_release(&page->rows[i]);
		else
			page->rows[kept++] = page->rows[i];
	}
	page->count = kept;
	return all - kept;
}

/* Of rows with one code the first stays. */
static size_t
leave_out_doubles(struct matter_page *page)
{
	_cleanup_free_ const struct matter_row **sorted = sort_rows(page);
	_cleanup_free_ bool *wrong = xcalloc(page->count + 1, sizeof *wrong);

	for (size_t i = 1; i < page->count; i++)
		wrong[sorted[i] - page->rows] = strcasecmp(sorted[i - 1]->code, sorted[i]->code) == 0;
	return keep_right(page, wrong);
}

static size_t
leave_out_wrong(struct matter_page *page)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_free_ bool *wrong = xcalloc(page->count + 1, sizeof *wrong);

	for (size_t i = 0; i < page->count; i++) {
		int r = add_row(b, &page->rows[i]);

		wrong[i] = r == -ERANGE || r == -EILSEQ;
	}
	return keep_right(page, wrong);
}

static int
flatten(const struct matter_page *page, struct matter_list **ret_list, size_t *ret_wrong)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	size_t second = find_double(page);
	int r = second > 0 ? -EEXIST : 0;

	if (second > 0)
		*ret_wrong = second;
	for (size_t i = 0; i < page->count && r == 0; i++) {
		r = add_row(b, &page->rows[i]);
		if (r < 0)
			*ret_wrong = i;
	}
	return r < 0 ? r : matter_list_build(b, ret_list);
}

static int
make_flat(const struct matter_page *page, struct flat_matters *ret_flat, char ret_version[MATTERS_VERSION_MAX], size_t *ret_wrong)
{
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	int r = flatten(page, &list, ret_wrong);
	int fd = r < 0 ? r : matter_list_to_fd(list);

	if (fd < 0)
		return fd;
	ret_flat->fd = fd;
	(void)snprintf(ret_version, MATTERS_VERSION_MAX, "%s", matter_list_version(list));
	(void)snprintf(ret_flat->version, sizeof ret_flat->version, "%s", page->count > 0 ? ret_version : "");
	return 0;
}

const struct flat_matters *
app_matters(const struct app *app)
{
	return &app->matters;
}

static void
take_over(struct app *app, struct flat_matters *flat)
{
	closep(&app->matters.fd);
	app->matters = *flat;
	flat->fd = -1;
}

/* --- at the start --------------------------------------------------------------------------------------------------------- */

static int
load_run(struct txn *txn, struct op *op)
{
	struct matters_load *v = op->verb;
	_cleanup_(matter_page_release) struct matter_page page = {0};
	char version[MATTERS_VERSION_MAX];
	size_t wrong;
	struct matter_import listing;
	int r = txn_matters_page(txn, "", NULL, 0, &page);

	if (r == 0)
		r = txn_matter_listing(txn, &listing);
	if (r < 0)
		return r;
	v->matters.of_alp = listing.of_alp;
	return make_flat(&page, &v->matters, version, &wrong) < 0 ? -EBADMSG : 0;
}

static void
loaded(struct op *op, int r)
{
	if (r == 0)
		take_over(op->app, &((struct matters_load *)op->verb)->matters);
}

void
app_matters_load(struct app *app, struct matters_load *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, load_run, loaded, done, arg);
}

/* --- another list --------------------------------------------------------------------------------------------------------- */

struct putting {
	struct matters_put *verb;
	struct app *app;
	char version[MATTERS_VERSION_MAX];
	app_done_fn done;
	void *arg;
};

static int
check_run(struct txn *txn, struct op *op)
{
	struct putting *p = op->verb;
	struct matters_put *v = p->verb;
	int r = v->read != NULL ? v->read(&v->page, p->arg) : 0;

	(void)txn;
	if (r == 0 && v->leave_out)
		v->left_out = leave_out_doubles(&v->page) + leave_out_wrong(&v->page);
	return r < 0 ? r : make_flat(&v->page, &v->matters, p->version, &v->wrong);
}

static int
replace_run(struct txn *txn, struct op *op)
{
	struct putting *p = op->verb;
	struct matters_put *v = p->verb;
	int r = txn_matter_listing(txn, &v->listing);

	if (r < 0)
		return r;
	v->changed = v->listing.listing == 0 || strcmp(v->listing.version, p->version) != 0;
	if (!v->changed && v->listing.of_alp == v->of_alp)
		return 0;
	return txn_matters_replace(txn, &v->page, p->version, v->of_alp, op->now_ms, &v->listing);
}

/* In the order of the commits: the last list stays. */
static void
replaced(struct op *op, int r)
{
	struct putting *p = op->verb;

	if (r < 0)
		return;
	p->verb->matters.of_alp = p->verb->of_alp;
	take_over(op->app, &p->verb->matters);
}

static void
put_over(int r, void *arg)
{
	struct putting *p = arg;

	p->done(r, p->arg);
	free(p);
}

static void
checked(int r, void *arg)
{
	struct putting *p = arg;

	if (r < 0)
		put_over(r, p);
	else
		app_submit(p->app, OP_WRITE, p, replace_run, replaced, put_over, p);
}

void
app_matters_put(struct app *app, struct matters_put *v, app_done_fn done, void *arg)
{
	struct putting *p = xcalloc(1, sizeof *p);

	*p = (struct putting){.verb = v, .app = app, .done = done, .arg = arg};
	app_submit(app, OP_READ, p, check_run, NULL, checked, p);
}

void
matters_put_release(struct matters_put *v)
{
	matter_page_release(&v->page);
	closep(&v->matters.fd);
}

/* --- reading -------------------------------------------------------------------------------------------------------------- */

static int
query_run(struct txn *txn, struct op *op)
{
	struct matters_query *v = op->verb;
	int r = txn_matters_page(txn, v->after_code, v->text, v->limit, &v->page);

	if (r == 0 && v->render != NULL)
		v->render(op->arg);
	return r;
}

void
app_matters_query(struct app *app, struct matters_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
matters_query_release(struct matters_query *v)
{
	matter_page_release(&v->page);
}
