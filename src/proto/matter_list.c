/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/matter_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/utf8.h"
#include "proto/matter_list_flat.h"

static bool
is_gap(char c)
{
	return c == ' ' || c == '_';
}

int
fold_next(struct fold *f)
{
	char c;

	if (f->rest.len == 0)
		return -1;
	c = *f->rest.p;
	do {
		f->rest.p++;
		f->rest.len--;
	} while (is_gap(c) && f->rest.len > 0 && is_gap(*f->rest.p));
	if (is_gap(c))
		return ' ';
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

int
fold_compare(struct str a, struct str b)
{
	struct fold fa = {a}, fb = {b};
	int ca, cb;

	do {
		ca = fold_next(&fa);
		cb = fold_next(&fb);
	} while (ca == cb && ca >= 0);
	return ca < cb ? -1 : ca > cb;
}

/* FNV-1a. Whoever could choose names to meet in the index is the firm itself, and matter_list_check() bounds what that costs. */
uint32_t
fold_hash(struct str s, uint32_t salt)
{
	struct fold f = {s};
	uint64_t h = UINT64_C(14695981039346656037) ^ salt;
	int c;

	while ((c = fold_next(&f)) >= 0)
		h = (h ^ (unsigned)c) * UINT64_C(1099511628211);
	return (uint32_t)(h ^ h >> 32);
}

unsigned
fold_words(struct str s)
{
	struct fold f = {s};
	unsigned words = s.len > 0;
	int c;

	while ((c = fold_next(&f)) >= 0)
		words += c == ' ';
	return words;
}

bool
matter_has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

bool
matter_name_valid(struct str s, size_t max_bytes)
{
	return s.len > 0 && s.len <= max_bytes && !is_gap(s.p[0]) && !is_gap(s.p[s.len - 1]) && !matter_has_control(s) &&
	       fold_words(s) <= MATTER_NAME_WORDS_MAX;
}

static struct str
text_at(const struct matter_list *list, struct flat_text t)
{
	return (struct str){.p = list->text + t.offset, .len = t.len};
}

static void
matter_list_point(struct matter_list *list, const void *bytes, size_t len)
{
	list->head = bytes;
	list->matters = (const struct flat_matter *)(const void *)(list->head + 1);
	list->names = (const struct flat_name *)(const void *)(list->matters + list->head->matter_count);
	list->index = (const uint32_t *)(const void *)(list->names + list->head->name_count);
	list->text = (const char *)(list->index + list->head->index_room);
	list->len = len;
}

static void
learn(struct matter_list *list)
{
	for (size_t i = 0; i < list->head->name_count; i++) {
		struct str name = text_at(list, list->names[i].text);
		struct fold f = {name};
		unsigned words = fold_words(name);
		int c = fold_next(&f);

		list->words_max = MAX_OF(list->words_max, words);
		list->begins[c] = true;
		if (c >= 'a' && c <= 'z')
			list->begins[c - 'a' + 'A'] = true;
	}
	digest_hex(matter_list_bytes(list), list->version);
}

struct matter_list *
matter_list_from_flat(void *bytes, size_t len)
{
	struct matter_list *list = xcalloc(1, sizeof *list);

	matter_list_point(list, bytes, len);
	learn(list);
	return list;
}

struct matter_list *
matter_list_free(struct matter_list *list)
{
	if (list == NULL)
		return NULL;
	if (list->mapped)
		munmap((void *)(uintptr_t)list->head, list->len);
	else
		free((void *)(uintptr_t)list->head);
	free(list);
	return NULL;
}

size_t
matter_list_count(const struct matter_list *list)
{
	return list->head->matter_count;
}

struct matter_view
matter_list_at(const struct matter_list *list, size_t i)
{
	const struct flat_matter *m = &list->matters[i];

	return (struct matter_view){
	    .code = text_at(list, m->code),
	    .name = text_at(list, m->name),
	    .client = text_at(list, m->client),
	    .is_open = m->is_open != 0,
	};
}

size_t
matter_list_name_count(const struct matter_list *list)
{
	return list->head->name_count;
}

struct matter_name
matter_list_name(const struct matter_list *list, size_t i)
{
	const struct flat_name *n = &list->names[i];

	return (struct matter_name){.text = text_at(list, n->text), .matter = n->matter, .is_alias = n->is_alias != 0};
}

/* The number of the name, or -1. Ends whatever the index holds. */
static int64_t
look_up(const struct matter_list *list, struct str text)
{
	uint32_t mask = list->head->index_room - 1, i = fold_hash(text, list->head->salt) & mask;

	for (uint32_t passed = 0; passed <= MATTER_INDEX_RUN_MAX && list->index[i] != 0; passed++, i = (i + 1) & mask)
		if (fold_compare(text_at(list, list->names[list->index[i] - 1].text), text) == 0)
			return list->index[i] - 1;
	return -1;
}

bool
matter_list_find(const struct matter_list *list, struct str text, struct matter_name *ret_name)
{
	int64_t number = look_up(list, text);

	if (number < 0)
		return false;
	*ret_name = matter_list_name(list, (size_t)number);
	return true;
}

unsigned
matter_list_words_max(const struct matter_list *list)
{
	return list->words_max;
}

bool
matter_list_may_begin(const struct matter_list *list, char c)
{
	return list->begins[(unsigned char)c];
}

const char *
matter_list_version(const struct matter_list *list)
{
	return list->version;
}

struct str
matter_list_bytes(const struct matter_list *list)
{
	return (struct str){.p = (const char *)list->head, .len = list->len};
}

static int
check_sizes(const struct flat_matters *h, size_t len)
{
	size_t want;

	if (h->magic != MATTER_LIST_MAGIC || h->matter_count > MATTER_LIST_MAX || h->name_count > MATTER_LIST_MAX_BYTES ||
	    h->index_room > MATTER_LIST_MAX_BYTES || h->text_bytes > MATTER_LIST_MAX_BYTES)
		return -EBADMSG;
	if (h->index_room == 0 || (h->index_room & (h->index_room - 1)) != 0 || h->index_room / 2 < h->name_count)
		return -EBADMSG;
	want = sizeof *h + h->matter_count * sizeof(struct flat_matter) + h->name_count * sizeof(struct flat_name) +
	       h->index_room * sizeof(uint32_t) + h->text_bytes;
	return len == want ? 0 : -EBADMSG;
}

/* Strings stand back to back and fill the text, so each byte is checked once and no two overlap. */
static bool
text_is_sound(const struct matter_list *list, struct flat_text t, size_t *offset, size_t max_bytes)
{
	size_t room = list->head->text_bytes - *offset;

	if (t.offset != *offset || t.len > max_bytes || t.len + 1 > room || list->text[t.offset + t.len] != '\0' ||
	    !utf8_valid(text_at(list, t)))
		return false;
	*offset += (size_t)t.len + 1;
	return true;
}

static int
check_matters(const struct matter_list *list, size_t *offset)
{
	for (size_t i = 0; i < list->head->matter_count; i++) {
		const struct flat_matter *m = &list->matters[i];

		if (!text_is_sound(list, m->code, offset, MATTER_CODE_MAX) ||
		    !text_is_sound(list, m->name, offset, MATTER_TEXT_MAX) ||
		    !text_is_sound(list, m->client, offset, MATTER_TEXT_MAX) || m->is_open > 1)
			return -EBADMSG;
		if (!matter_name_valid(text_at(list, m->code), MATTER_CODE_MAX))
			return -EBADMSG;
		if (i > 0 && str_cmp(text_at(list, m[-1].code), text_at(list, m->code)) >= 0)
			return -EBADMSG;
	}
	return 0;
}

static bool
name_is_sound(const struct matter_list *list, const struct flat_name *n, size_t *offset)
{
	const struct flat_text *code;

	if (n->matter >= list->head->matter_count || n->is_alias > 1)
		return false;
	if (n->is_alias != 0)
		return text_is_sound(list, n->text, offset, MATTER_ALIAS_MAX) &&
		       matter_name_valid(text_at(list, n->text), MATTER_ALIAS_MAX);
	code = &list->matters[n->matter].code;
	return n->text.offset == code->offset && n->text.len == code->len;
}

static int
check_names(const struct matter_list *list, size_t *offset)
{
	for (size_t i = 0; i < list->head->name_count; i++) {
		const struct flat_name *n = &list->names[i];

		if (!name_is_sound(list, n, offset))
			return -EBADMSG;
		if (i > 0 && fold_compare(text_at(list, n[-1].text), text_at(list, n->text)) >= 0)
			return -EBADMSG;
	}
	return 0;
}

static int
check_index(const struct matter_list *list)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < list->head->index_room; i++) {
		if (list->index[i] > list->head->name_count)
			return -EBADMSG;
		used += list->index[i] != 0;
	}
	if (used != list->head->name_count)
		return -EBADMSG;
	for (size_t i = 0; i < list->head->name_count; i++)
		if (look_up(list, text_at(list, list->names[i].text)) != (int64_t)i)
			return -EBADMSG;
	return 0;
}

static int
matter_list_check(const struct matter_list *list)
{
	size_t offset = 0;
	int r;

	r = check_matters(list, &offset);
	if (r < 0)
		return r;
	r = check_names(list, &offset);
	if (r < 0)
		return r;
	if (offset != list->head->text_bytes)
		return -EBADMSG;
	return check_index(list);
}

/* Takes the bytes over only if they are sound. */
static int
adopt(struct matter_list *list, const void *bytes, size_t len)
{
	int r;

	if (len < sizeof(struct flat_matters))
		return -EBADMSG;
	r = check_sizes(bytes, len);
	if (r < 0)
		return r;
	matter_list_point(list, bytes, len);
	r = matter_list_check(list);
	if (r < 0)
		return r;
	learn(list);
	return 0;
}

int
matter_list_parse(struct str bytes, struct matter_list **ret_list)
{
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	void *copy;
	int r;

	if (bytes.len < sizeof(struct flat_matters) || bytes.len > MATTER_LIST_MAX_BYTES)
		return -EBADMSG;
	copy = xmemdup(bytes.p, bytes.len, 1);
	list = xcalloc(1, sizeof *list);
	list->head = copy;
	r = adopt(list, copy, bytes.len);
	if (r < 0)
		return r;
	*ret_list = TAKE_PTR(list);
	return 0;
}

int
matter_list_to_fd(const struct matter_list *list)
{
	return memfd_sealed("matters", list->head, list->len);
}

int
matter_list_map(int fd, struct matter_list **ret_list)
{
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	const void *bytes = NULL;
	size_t len = 0;
	int r;

	r = memfd_map_sealed(fd, MATTER_LIST_MAX_BYTES, &bytes, &len);
	if (r < 0)
		return r;
	list = xcalloc(1, sizeof *list);
	list->head = bytes;
	list->len = len;
	list->mapped = true;
	r = adopt(list, bytes, len);
	if (r < 0)
		return r;
	*ret_list = TAKE_PTR(list);
	return 0;
}
