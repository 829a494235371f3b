/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/ruleset_read.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/utf8.h"

#define LINE_MAX_BYTES 1024
#define WORDS_MAX      256

void
row_list_add(struct row_list *list, const void *row)
{
	/* A power of two is when the room is used up. */
	if ((list->count & (list->count - 1)) == 0)
		list->rows = xreallocarray(list->rows, MAX_OF(2 * list->count, (size_t)1), list->row_size);
	memcpy((char *)list->rows + list->count++ * list->row_size, row, list->row_size);
}

void *
row_list_take(struct row_list *list, struct arena *arena)
{
	void *rows = arena_copy(arena, list->rows, list->count, list->row_size);

	free(list->rows);
	list->rows = NULL;
	list->count = 0;
	return rows;
}

void
fault(struct reading *in, unsigned line, const char *format, ...)
{
	struct told told = {.line = MAX_OF(line, 1u)};
	char what[LINE_MAX_BYTES];
	va_list args;

	if (in->faults.count == RULES_FAULTS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(what, sizeof what, format, args);
	va_end(args);
	told.text = xasprintf("%s:%u: %s%s%s", in->name, line, in->place, *in->place != '\0' ? ": " : "", what);
	in->faults.row_size = sizeof told;
	row_list_add(&in->faults, &told);
}

void
take_faults(struct reading *in, struct rule_faults *faults)
{
	const struct told *told = in->faults.rows;

	if (in->faults.count == 0)
		return;
	faults->lines = xcalloc(in->faults.count, sizeof *faults->lines);
	/* Of one line in the order in which they were found. */
	for (unsigned last = 0, next; faults->count < in->faults.count; last = next) {
		next = UINT_MAX;
		for (size_t i = 0; i < in->faults.count; i++)
			if (told[i].line > last)
				next = MIN_OF(next, told[i].line);
		for (size_t i = 0; i < in->faults.count; i++)
			if (told[i].line == next)
				faults->lines[faults->count++] = told[i].text;
	}
	free(in->faults.rows);
	in->faults = (struct row_list){.rows = NULL};
}

unsigned
line_of_setting(const config_setting_t *setting)
{
	return (unsigned)config_setting_source_line(setting);
}

static void *
place_of(const struct field *f, void *to)
{
	return (char *)to + f->offset;
}

static void
fault_must(struct reading *in, const config_setting_t *value, const struct field *f, const char *allowed)
{
	fault(in, line_of_setting(value), "%s must be %s", f->name, allowed);
}

/* The text in the arena, or NULL after a fault. */
static const char *
take_text(struct reading *in, const config_setting_t *value, const struct field *f)
{
	const char *text = config_setting_get_string(value);
	char allowed[WORDS_MAX];

	if (text == NULL) {
		fault_must(in, value, f, "a text in quotes");
	} else if (strlen(text) < (size_t)f->min || strlen(text) > (size_t)f->max) {
		(void)snprintf(allowed, sizeof allowed, "a text of %lld to %lld bytes", (long long)f->min, (long long)f->max);
		fault_must(in, value, f, allowed);
	} else if (!utf8_valid(str_of(text))) {
		fault_must(in, value, f, "UTF-8; an escape such as \\xe9 stands for a byte, not for a character");
	} else {
		return arena_text(in->arena, text);
	}
	return NULL;
}

void
read_text(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	const char *text = take_text(in, value, f);

	if (text != NULL)
		*(struct given_text *)place_of(f, to) = (struct given_text){text, line_of_setting(value)};
}

static bool
is_list(const config_setting_t *value)
{
	return config_setting_is_array(value) == CONFIG_TRUE || config_setting_is_list(value) == CONFIG_TRUE;
}

void
read_texts(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	struct row_list list = {.row_size = sizeof(const char *)};
	struct given_texts *texts = place_of(f, to);

	if (!is_list(value) || config_setting_length(value) == 0) {
		fault_must(in, value, f, "a list of texts, such as [ \"one\", \"two\" ]");
		return;
	}
	for (unsigned i = 0; i < (unsigned)config_setting_length(value); i++) {
		const char *text = take_text(in, config_setting_get_elem(value, i), f);

		if (text != NULL)
			row_list_add(&list, &text);
	}
	texts->count = list.count;
	texts->texts = row_list_take(&list, in->arena);
	texts->line = line_of_setting(value);
}

void
read_flag(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	if (config_setting_type(value) != CONFIG_TYPE_BOOL)
		fault_must(in, value, f, "true or false");
	else
		*(bool *)place_of(f, to) = config_setting_get_bool(value) != 0;
}

void
read_number(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	int type = config_setting_type(value);
	int64_t number = type == CONFIG_TYPE_INT ? config_setting_get_int(value) : config_setting_get_int64(value);
	char allowed[WORDS_MAX];

	if ((type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64) && number >= f->min && number <= f->max) {
		*(int64_t *)place_of(f, to) = number;
		return;
	}
	(void)snprintf(allowed, sizeof allowed, "a whole number from %lld to %lld", (long long)f->min, (long long)f->max);
	fault_must(in, value, f, allowed);
}

static const struct field_word *
find_word(const struct field *f, const config_setting_t *value)
{
	const char *text = config_setting_get_string(value);

	for (const struct field_word *w = f->words; text != NULL && w->word != NULL; w++)
		if (strcmp(w->word, text) == 0)
			return w;
	return NULL;
}

static void
fault_words(struct reading *in, const config_setting_t *value, const struct field *f, const char *what)
{
	_cleanup_(buf_release) struct buf allowed = BUF_INIT(WORDS_MAX);

	buf_addz(&allowed, what);
	for (const struct field_word *w = f->words; w->word != NULL; w++)
		buf_addf(&allowed, "%s\"%s\"", w == f->words ? "" : ", ", w->word);
	fault_must(in, value, f, allowed.p);
}

void
read_word(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	const struct field_word *w = find_word(f, value);

	if (w == NULL)
		fault_words(in, value, f, "one of ");
	else
		*(int *)place_of(f, to) = w->value;
}

void
read_bits(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	unsigned bits = 0;

	for (unsigned i = 0; is_list(value) && i < (unsigned)config_setting_length(value); i++) {
		const struct field_word *w = find_word(f, config_setting_get_elem(value, i));

		if (w == NULL || (bits & (unsigned)w->value) != 0) {
			bits = 0;
			break;
		}
		bits |= (unsigned)w->value;
	}
	if (bits == 0)
		fault_words(in, value, f, "a list of one or more different ones of ");
	else
		*(unsigned *)place_of(f, to) = bits;
}

void
read_section(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	const char *before = in->place;

	if (config_setting_is_group(value) != CONFIG_TRUE) {
		fault_must(in, value, f, "a group: { name = value; ... }");
		return;
	}
	in->place = f->name;
	read_fields(in, value, f->fields, to);
	in->place = before;
}

void
read_each(struct reading *in, const config_setting_t *value, const struct field *f, void *to)
{
	const char *before = in->place;

	if (config_setting_is_list(value) != CONFIG_TRUE) {
		fault_must(in, value, f, "a list of groups: ( { ... }, { ... } )");
		return;
	}
	for (unsigned i = 0; i < (unsigned)config_setting_length(value); i++) {
		const config_setting_t *group = config_setting_get_elem(value, i);

		if (config_setting_is_group(group) == CONFIG_TRUE)
			f->each(in, group, f, place_of(f, to));
		else
			fault(in, line_of_setting(group), "%s is a list of groups: ( { ... }, { ... } )", f->name);
		in->place = before;
	}
}

/* The known key that was probably meant. */
static const char *
nearest(const struct field *fields, const char *name)
{
	size_t best = strlen(name) / 3 + 2;
	const char *found = NULL;

	for (const struct field *f = fields; f->name != NULL; f++) {
		size_t distance = edit_distance(name, f->name);

		if (distance < best) {
			best = distance;
			found = f->name;
		}
	}
	return found;
}

static const struct field *
find_field(const struct field *fields, const char *name)
{
	for (; fields->name != NULL; fields++)
		if (strcmp(fields->name, name) == 0)
			return fields;
	return NULL;
}

void
read_fields(struct reading *in, const config_setting_t *group, const struct field *fields, void *to)
{
	for (unsigned i = 0; i < (unsigned)config_setting_length(group); i++) {
		const config_setting_t *value = config_setting_get_elem(group, i);
		const char *name = config_setting_name(value);
		const struct field *f = find_field(fields, name);
		const char *meant = f == NULL ? nearest(fields, name) : NULL;

		if (f != NULL)
			f->read(in, value, f, to);
		else
			fault(in, line_of_setting(value), "there is no %s here%s%s%s", name, meant != NULL ? "; did you mean " : "",
			      meant != NULL ? meant : "", meant != NULL ? "?" : "");
	}
}
