/* SPDX-License-Identifier: Apache-2.0 */
/* What answers look like: as they came, or for people. */
#include <json-c/json.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "ctl/text.h"
#include "ctl/url.h"
#include "ctl/when.h"

#define PAGE_ROWS   500 /* what the daemon serves without making others wait */
#define FIELD_WIDTH 16

/* --- one thing ---------------------------------------------------------------------------------------------------------------- */

void
ctl_print_json(struct ctl *ctl, const struct answer *a)
{
	if (a->body.len == 0)
		return;
	text_put_json(ctl->out.out, buf_str(&a->body));
	fputc('\n', ctl->out.out);
}

static int
say_no_json(void)
{
	say("what answers is not rtalpd: its answer cannot be understood");
	return EXIT_STATUS_FAILED;
}

int
ctl_show(struct ctl *ctl, struct answer *a, void (*print)(struct ctl *ctl, struct json_object *json))
{
	if (a->body.len > 0 && answer_json(a) == NULL)
		return say_no_json();
	if (args_has(&ctl->args, OPT_JSON))
		ctl_print_json(ctl, a);
	else
		print(ctl, answer_json(a));
	return EXIT_STATUS_OK;
}

void
print_field(struct ctl *ctl, const char *name, const char *value)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(64 * 1024);

	if (value == NULL || value[0] == '\0')
		return;
	text_add_safe(&safe, str_of(value));
	fprintf(ctl->out.out, "%s%-*s%s %s\n", screen_begin(&ctl->out, COLOUR_DIM), FIELD_WIDTH, name,
	    screen_end(&ctl->out, COLOUR_DIM), safe.len > 0 ? safe.p : "");
}

void
print_instant(struct ctl *ctl, const char *name, struct json_object *object, const char *member)
{
	char text[WHEN_TEXT_MAX];

	when_local(json_text_of(object, member), text);
	print_field(ctl, name, text);
}

/* --- lists -------------------------------------------------------------------------------------------------------------------- */

struct walk {
	struct table *table; /* NULL: --json */
	void (*row)(struct table *t, struct json_object *item);
	int64_t left;        /* rows that may still come; -1: all */
	bool began;          /* something stands in the JSON array */
};

/* What stands between the brackets of a page, as it came. */
static struct str
inside_array(const struct buf *body)
{
	struct str s = buf_str(body);

	while (s.len > 0 && strchr(" \t\r\n", s.p[s.len - 1]) != NULL)
		s.len--;
	while (s.len > 0 && strchr(" \t\r\n", s.p[0]) != NULL)
		s = (struct str){s.p + 1, s.len - 1};
	return s.len >= 2 ? (struct str){s.p + 1, s.len - 2} : STR_NONE;
}

/* The first `count` items of what stands between the brackets of well-formed JSON. */
static struct str
first_items(struct str inside, size_t count)
{
	bool quoted = false;
	int depth = 0;

	for (size_t i = 0; i < inside.len; i++) {
		char c = inside.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
		else if (!quoted && depth == 0 && c == ',' && --count == 0)
			return (struct str){inside.p, i};
	}
	return inside;
}

static void
print_items(struct ctl *ctl, struct walk *w, const struct answer *page, size_t count)
{
	struct str items = first_items(inside_array(&page->body), count);

	fputs(w->began ? "," : "[", ctl->out.out);
	w->began = true;
	text_put_json(ctl->out.out, items);
}

static void
take_page(struct ctl *ctl, struct walk *w, struct answer *page, struct json_object *rows)
{
	size_t count = json_object_array_length(rows);

	if (w->left >= 0) {
		count = MIN_OF(count, (size_t)w->left);
		w->left -= (int64_t)count;
	}
	if (w->table == NULL && count > 0)
		print_items(ctl, w, page, count);
	for (size_t i = 0; w->table != NULL && i < count; i++)
		w->row(w->table, json_object_array_get_idx(rows, i));
	if (w->table != NULL)
		table_flush(w->table);
}

/* The next page's path in place of this one's; false if there is none, or what is there leads nowhere: no page of ours is empty. */
static bool
go_on(struct buf *path, struct answer *page, int64_t left)
{
	if (page->next.len == 0 || left == 0 || json_object_array_length(answer_json(page)) == 0 || str_eq(buf_str(path), buf_str(&page->next)))
		return false;
	buf_clear(path);
	return buf_add_str(path, buf_str(&page->next)) == 0;
}

static int
walk_list(struct ctl *ctl, struct walk *w, struct buf *path)
{
	bool more = true;

	while (more) {
		_cleanup_(answer_release) struct answer page = {0};
		int r = ctl_get(ctl, path->p, &page);

		if (r != EXIT_STATUS_OK)
			return r;
		if (!json_object_is_type(answer_json(&page), json_type_array))
			return say_no_json();
		take_page(ctl, w, &page, answer_json(&page));
		more = go_on(path, &page, w->left);
	}
	if (w->table == NULL)
		fputs(w->began ? "]\n" : "[]\n", ctl->out.out);
	return EXIT_STATUS_OK;
}

int
ctl_list(struct ctl *ctl, const char *path, struct table *table, void (*row)(struct table *t, struct json_object *item))
{
	_cleanup_(buf_release) struct buf first = BUF_INIT(8192);
	int64_t limit = ctl->args.number[OPT_LIMIT];
	struct walk w = {
	    .table = args_has(&ctl->args, OPT_JSON) ? NULL : table,
	    .row = row,
	    .left = limit > 0 ? limit : -1,
	};

	buf_addz(&first, path);
	url_add_number(&first, "limit", limit > 0 ? MIN_OF(limit, PAGE_ROWS) : PAGE_ROWS);
	return walk_list(ctl, &w, &first);
}
