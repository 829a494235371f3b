/* SPDX-License-Identifier: Apache-2.0 */
/* Building a matter list: everything is sorted first, so that the order of adding leaves no trace. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "proto/matter_list_flat.h"

#define SALTS_MAX 64u

/* Offsets are into the builder's own text, which is in the order of adding. */
struct matter_list_builder {
	struct flat_matter *matters;
	size_t matter_count, matter_room;
	struct flat_name *aliases; /* .matter is a number in `matters` */
	size_t alias_count, alias_room;
	struct buf text;
};

/* What goes into the flat form; offsets are into the text that is to be written. */
struct build {
	const struct matter_list_builder *from;
	uint32_t *order; /* of the matters */
	uint32_t *place; /* where a matter came to stand */
	struct flat_matter *matters;
	struct flat_name *names; /* text.offset is into the builder's text until it is written */
	uint32_t *index;
	struct flat_matters head;
	struct buf text;
};

struct matter_list_builder *
matter_list_builder_new(void)
{
	struct matter_list_builder *b = xcalloc(1, sizeof *b);

	b->text = BUF_INIT(MATTER_LIST_MAX_BYTES);
	return b;
}

static void
builder_clear(struct matter_list_builder *b)
{
	free(b->matters);
	free(b->aliases);
	buf_release(&b->text);
	*b = (struct matter_list_builder){.text = BUF_INIT(MATTER_LIST_MAX_BYTES)};
}

struct matter_list_builder *
matter_list_builder_free(struct matter_list_builder *b)
{
	if (b == NULL)
		return NULL;
	builder_clear(b);
	free(b);
	return NULL;
}

static int
check_text(struct str s, size_t max_bytes)
{
	if (s.len > max_bytes || matter_has_control(s))
		return -ERANGE;
	return utf8_valid(s) ? 0 : -EILSEQ;
}

static int
check_name(struct str s, size_t max_bytes)
{
	return matter_name_valid(s, max_bytes) ? check_text(s, max_bytes) : -ERANGE;
}

static int
check_matter(const struct matter_view *matter, const struct str *aliases, size_t alias_count, size_t *ret_bytes)
{
	int r;

	if (alias_count > MATTER_ALIASES_MAX)
		return -ERANGE;
	r = check_name(matter->code, MATTER_CODE_MAX);
	if (r == 0)
		r = check_text(matter->name, MATTER_TEXT_MAX);
	if (r == 0)
		r = check_text(matter->client, MATTER_TEXT_MAX);
	*ret_bytes = matter->code.len + matter->name.len + matter->client.len + 3;
	for (size_t i = 0; i < alias_count && r == 0; i++) {
		r = check_name(aliases[i], MATTER_ALIAS_MAX);
		*ret_bytes += aliases[i].len + 1;
	}
	return r;
}

static struct flat_text
put(struct buf *text, struct str s)
{
	struct flat_text t = {.offset = (uint32_t)text->len, .len = (uint32_t)s.len};

	buf_add_str(text, s);
	buf_addc(text, '\0');
	return t;
}

static void
put_alias(struct matter_list_builder *b, struct str alias)
{
	if (b->alias_count == b->alias_room) {
		b->alias_room = b->alias_room == 0 ? 64 : b->alias_room * 2;
		b->aliases = xreallocarray(b->aliases, b->alias_room, sizeof *b->aliases);
	}
	b->aliases[b->alias_count++] = (struct flat_name){
	    .text = put(&b->text, alias), .matter = (uint32_t)b->matter_count, .is_alias = 1,
	};
}

int
matter_list_builder_add(struct matter_list_builder *b, const struct matter_view *matter, const struct str *aliases,
			size_t alias_count)
{
	size_t bytes = 0;
	int r = check_matter(matter, aliases, alias_count, &bytes);

	if (r < 0)
		return r;
	if (b->matter_count == MATTER_LIST_MAX || bytes > b->text.max - b->text.len)
		return -E2BIG;
	if (b->matter_count == b->matter_room) {
		b->matter_room = b->matter_room == 0 ? 64 : b->matter_room * 2;
		b->matters = xreallocarray(b->matters, b->matter_room, sizeof *b->matters);
	}
	b->matters[b->matter_count] = (struct flat_matter){
	    .code = put(&b->text, matter->code), .name = put(&b->text, matter->name),
	    .client = put(&b->text, matter->client), .is_open = matter->is_open ? 1 : 0,
	};
	for (size_t i = 0; i < alias_count; i++)
		put_alias(b, aliases[i]);
	b->matter_count++;
	return 0;
}

static struct str
added(const struct matter_list_builder *b, struct flat_text t)
{
	return (struct str){.p = b->text.p + t.offset, .len = t.len};
}

static int
compare_codes(const void *px, const void *py, void *arg)
{
	const struct matter_list_builder *b = arg;

	return str_cmp(added(b, b->matters[*(const uint32_t *)px].code), added(b, b->matters[*(const uint32_t *)py].code));
}

static int
sort_matters(struct build *w, struct matter_list_builder *b)
{
	w->order = xcalloc(b->matter_count, sizeof *w->order);
	w->place = xcalloc(b->matter_count, sizeof *w->place);
	for (uint32_t i = 0; i < b->matter_count; i++)
		w->order[i] = i;
	qsort_r(w->order, b->matter_count, sizeof *w->order, compare_codes, b);
	for (uint32_t i = 0; i < b->matter_count; i++) {
		w->place[w->order[i]] = i;
		if (i > 0 && compare_codes(&w->order[i - 1], &w->order[i], b) == 0)
			return -EEXIST;
	}
	return 0;
}

/* As names are compared, codes first, then by bytes. */
static int
compare_names(const void *px, const void *py, void *arg)
{
	const struct matter_list_builder *b = arg;
	const struct flat_name *x = px, *y = py;
	struct str sx = added(b, x->text), sy = added(b, y->text);
	int c = fold_compare(sx, sy);

	if (c == 0)
		c = x->is_alias != y->is_alias ? (x->is_alias < y->is_alias ? -1 : 1) : str_cmp(sx, sy);
	return c;
}

/* Of names that are the same, starting with `first`: whether that one leads to its matter. */
static bool
leads(const struct flat_name *first, const struct flat_name *end)
{
	if (first->is_alias == 0)
		return true;
	for (const struct flat_name *n = first + 1; n < end; n++)
		if (n->matter != first->matter)
			return false;
	return true;
}

static void
sort_names(struct build *w, struct matter_list_builder *b)
{
	size_t count = 0, kept = 0, i = 0;

	w->names = xcalloc(b->matter_count + b->alias_count, sizeof *w->names);
	for (; count < b->matter_count; count++)
		w->names[count] = (struct flat_name){.text = b->matters[count].code, .matter = w->place[count]};
	for (size_t a = 0; a < b->alias_count; a++, count++) {
		w->names[count] = b->aliases[a];
		w->names[count].matter = w->place[b->aliases[a].matter];
	}
	qsort_r(w->names, count, sizeof *w->names, compare_names, b);
	while (i < count) {
		size_t end = i + 1;

		while (end < count && fold_compare(added(b, w->names[i].text), added(b, w->names[end].text)) == 0)
			end++;
		if (leads(&w->names[i], &w->names[end]))
			w->names[kept++] = w->names[i];
		i = end;
	}
	w->head.name_count = (uint32_t)kept;
}

static bool
fill_index(struct build *w)
{
	uint32_t mask = w->head.index_room - 1;

	memset(w->index, 0, w->head.index_room * sizeof *w->index);
	for (uint32_t n = 0; n < w->head.name_count; n++) {
		uint32_t i = fold_hash(added(w->from, w->names[n].text), w->head.salt) & mask, passed = 0;

		for (; w->index[i] != 0; i = (i + 1) & mask)
			if (++passed == MATTER_INDEX_RUN_MAX)
				return false;
		w->index[i] = n + 1;
	}
	return true;
}

static int
make_index(struct build *w)
{
	w->head.index_room = 2;
	while (w->head.index_room / 2 < w->head.name_count)
		w->head.index_room *= 2;
	w->index = xcalloc(w->head.index_room, sizeof *w->index);
	for (w->head.salt = 0; w->head.salt < SALTS_MAX; w->head.salt++)
		if (fill_index(w))
			return 0;
	return -E2BIG;
}

static void
write_texts(struct build *w)
{
	const struct matter_list_builder *b = w->from;

	w->matters = xcalloc(b->matter_count, sizeof *w->matters);
	for (size_t i = 0; i < b->matter_count; i++) {
		const struct flat_matter *m = &b->matters[w->order[i]];

		w->matters[i] = (struct flat_matter){
		    .code = put(&w->text, added(b, m->code)), .name = put(&w->text, added(b, m->name)),
		    .client = put(&w->text, added(b, m->client)), .is_open = m->is_open,
		};
	}
	for (size_t i = 0; i < w->head.name_count; i++) {
		struct flat_name *n = &w->names[i];

		n->text = n->is_alias != 0 ? put(&w->text, added(b, n->text)) : w->matters[n->matter].code;
	}
	w->head.text_bytes = (uint32_t)w->text.len;
}

static int
write_flat(const struct build *w, struct buf *out)
{
	buf_add(out, &w->head, sizeof w->head);
	buf_add(out, w->matters, w->head.matter_count * sizeof *w->matters);
	buf_add(out, w->names, w->head.name_count * sizeof *w->names);
	buf_add(out, w->index, w->head.index_room * sizeof *w->index);
	return buf_add(out, w->text.p, w->text.len);
}

static int
build_all(struct build *w, struct matter_list_builder *b, struct buf *out)
{
	int r;

	w->head.magic = MATTER_LIST_MAGIC;
	w->head.matter_count = (uint32_t)b->matter_count;
	r = sort_matters(w, b);
	if (r < 0)
		return r;
	sort_names(w, b);
	r = make_index(w);
	if (r < 0)
		return r;
	write_texts(w);
	return write_flat(w, out);
}

int
matter_list_build(struct matter_list_builder *b, struct matter_list **ret_list)
{
	_cleanup_(buf_release) struct buf flat = BUF_INIT(MATTER_LIST_MAX_BYTES);
	struct build w = {.from = b, .text = BUF_INIT(MATTER_LIST_MAX_BYTES)};
	char *bytes;
	size_t len;
	int r;

	r = build_all(&w, b, &flat);
	free(w.order);
	free(w.place);
	free(w.matters);
	free(w.names);
	free(w.index);
	buf_release(&w.text);
	builder_clear(b);
	if (r < 0)
		return r;
	bytes = buf_take(&flat, &len);
	*ret_list = matter_list_from_flat(bytes, len);
	return 0;
}
