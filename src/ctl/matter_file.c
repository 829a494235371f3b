/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/matter_file.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <strings.h>

/* --- CSV ---------------------------------------------------------------------------------------------------------------------- */

enum column { C_CODE, C_NAME, C_CLIENT, C_ALIASES, C_OPEN, COLUMNS };
static const char *const column_names[COLUMNS] = {"code", "name", "client", "aliases", "open"};

#define FIELDS_MAX 32

struct csv {
	struct str text;
	size_t at, line;       /* the line that a record begins in */
	size_t next_line;
	struct buf record;     /* its fields, with a NUL behind each */
	size_t fields[FIELDS_MAX];
	size_t count;
	struct buf *fault;
};

static int
wrong(const struct csv *csv, const char *what)
{
	buf_addf(csv->fault, "line %zu: %s", csv->line, what);
	return -EINVAL;
}

static bool
at_end_of_field(const struct csv *csv)
{
	return csv->at == csv->text.len || strchr(",\r\n", csv->text.p[csv->at]) != NULL;
}

static int
read_quoted(struct csv *csv)
{
	for (csv->at++; csv->at < csv->text.len; csv->at++) {
		char c = csv->text.p[csv->at];

		if (c == '"' && (++csv->at == csv->text.len || csv->text.p[csv->at] != '"'))
			return at_end_of_field(csv) ? 0 : wrong(csv, "something stands behind a closing quote");
		csv->next_line += c == '\n';
		buf_addc(&csv->record, c);
	}
	return wrong(csv, "a quote is not closed");
}

static int
read_field(struct csv *csv)
{
	if (csv->count == FIELDS_MAX)
		return wrong(csv, "has too many fields");
	csv->fields[csv->count++] = csv->record.len;
	if (csv->at < csv->text.len && csv->text.p[csv->at] == '"') {
		if (read_quoted(csv) < 0)
			return -EINVAL;
	} else {
		while (!at_end_of_field(csv))
			buf_addc(&csv->record, csv->text.p[csv->at++]);
	}
	buf_addc(&csv->record, '\0');
	return 0;
}

static void
pass_line_end(struct csv *csv)
{
	bool cr = csv->at < csv->text.len && csv->text.p[csv->at] == '\r';

	csv->at += cr;
	csv->at += csv->at < csv->text.len && csv->text.p[csv->at] == '\n';
	csv->next_line++;
}

/* 1: a record; 0: there are no more. */
static int
read_record(struct csv *csv)
{
	while (csv->at < csv->text.len && strchr("\r\n", csv->text.p[csv->at]) != NULL)
		pass_line_end(csv);
	if (csv->at == csv->text.len)
		return 0;
	csv->line = csv->next_line;
	csv->count = 0;
	buf_clear(&csv->record);
	for (;;) {
		if (read_field(csv) < 0)
			return -EINVAL;
		if (csv->at == csv->text.len || csv->text.p[csv->at] != ',')
			break;
		csv->at++;
	}
	pass_line_end(csv);
	return 1;
}

static struct str
trimmed(struct str s)
{
	while (s.len > 0 && strchr(" \t", s.p[0]) != NULL)
		s = (struct str){s.p + 1, s.len - 1};
	while (s.len > 0 && strchr(" \t", s.p[s.len - 1]) != NULL)
		s.len--;
	return s;
}

static struct str
field_of(const struct csv *csv, size_t i)
{
	return trimmed(str_of(csv->record.p + csv->fields[i]));
}

/* Of which field each column is; FIELDS_MAX: there is none. */
static int
read_header(struct csv *csv, size_t ret_fields[COLUMNS])
{
	int r = read_record(csv);

	if (r <= 0)
		return r < 0 ? r : wrong(csv, "the header line is missing: code,name,client,aliases,open");
	for (size_t c = 0; c < COLUMNS; c++)
		ret_fields[c] = FIELDS_MAX;
	for (size_t i = 0; i < csv->count; i++) {
		struct str name = field_of(csv, i);
		size_t c = 0;

		while (c < COLUMNS && (name.len != strlen(column_names[c]) || strncasecmp(name.p, column_names[c], name.len) != 0))
			c++;
		if (c == COLUMNS || ret_fields[c] != FIELDS_MAX)
			return wrong(csv, "the header must name code, and may name name, client, aliases and open, each once");
		ret_fields[c] = i;
	}
	return ret_fields[C_CODE] != FIELDS_MAX ? 0 : wrong(csv, "the header does not name code");
}

static void
add_string(struct json_object *o, const char *name, struct str s)
{
	struct json_object *string = json_object_new_string_len(s.p, (int)s.len);

	if (name != NULL)
		json_object_object_add(o, name, string);
	else
		json_object_array_add(o, string);
}

static void
add_aliases(struct json_object *matter, struct str list)
{
	struct json_object *aliases = json_object_new_array();

	while (list.len > 0) {
		const char *end = memchr(list.p, ';', list.len);
		size_t len = end != NULL ? (size_t)(end - list.p) : list.len;
		struct str alias = trimmed((struct str){list.p, len});

		if (alias.len > 0)
			add_string(aliases, NULL, alias);
		len += end != NULL;
		list = (struct str){list.p + len, list.len - len};
	}
	json_object_object_add(matter, "aliases", aliases);
}

static int
add_open(struct csv *csv, struct json_object *matter, struct str word)
{
	static const char *const words[] = {"yes", "no", "true", "false", "1", "0", "open", "closed"};

	if (word.len == 0)
		return 0;
	for (size_t i = 0; i < ELEMENTSOF(words); i++) {
		if (word.len != strlen(words[i]) || strncasecmp(word.p, words[i], word.len) != 0)
			continue;
		json_object_object_add(matter, "open", json_object_new_boolean(i % 2 == 0));
		return 0;
	}
	return wrong(csv, "open must be yes or no");
}

static int
make_matter(struct csv *csv, const size_t fields[COLUMNS], struct json_object *matter)
{
	for (size_t c = C_CODE; c <= C_CLIENT; c++)
		if (fields[c] < csv->count)
			add_string(matter, column_names[c], field_of(csv, fields[c]));
	if (fields[C_ALIASES] < csv->count)
		add_aliases(matter, field_of(csv, fields[C_ALIASES]));
	return fields[C_OPEN] < csv->count ? add_open(csv, matter, field_of(csv, fields[C_OPEN])) : 0;
}

static void
add_matter(struct buf *json, struct json_object *matter)
{
	buf_addz(json, json->p[json->len - 1] == '[' ? "" : ",\n");
	buf_addz(json, json_object_to_json_string_ext(matter, JSON_C_TO_STRING_PLAIN));
}

static int
convert_records(struct csv *csv, struct buf *json)
{
	size_t fields[COLUMNS], header;
	int r = read_header(csv, fields);

	header = csv->count;
	while (r == 0 && (r = read_record(csv)) > 0) {
		struct json_object *matter = json_object_new_object();

		r = csv->count > header ? wrong(csv, "has more fields than the header") : make_matter(csv, fields, matter);
		if (r == 0)
			add_matter(json, matter);
		json_object_put(matter);
	}
	return r;
}

static int
convert_csv(struct str text, struct buf *json, struct buf *fault)
{
	struct csv csv = {.text = text, .line = 1, .next_line = 1, .record = BUF_INIT(MATTER_FILE_MAX + FIELDS_MAX), .fault = fault};
	int r = convert_records(&csv, json);

	buf_release(&csv.record);
	return r;
}

/* --- JSON --------------------------------------------------------------------------------------------------------------------- */

static void
add_element(struct buf *json, struct json_object *element)
{
	struct json_object *matter;

	if (!json_object_is_type(element, json_type_string) && !json_object_is_type(element, json_type_int)) {
		add_matter(json, element);
		return;
	}
	matter = json_object_new_object();
	json_object_object_add(matter, "code", json_object_get(element));
	add_matter(json, matter);
	json_object_put(matter);
}

static int
convert_json(struct str text, struct buf *json, struct buf *fault)
{
	struct json_tokener *tok = json_tokener_new();
	struct json_object *array = tok != NULL ? json_tokener_parse_ex(tok, text.p, (int)text.len) : NULL;
	bool good = json_object_is_type(array, json_type_array);

	if (!good)
		buf_addz(fault, "is neither a JSON array nor CSV with a header line");
	for (size_t i = 0; good && i < json_object_array_length(array); i++)
		add_element(json, json_object_array_get_idx(array, i));
	json_object_put(array);
	json_tokener_free(tok);
	return good ? 0 : -EINVAL;
}

int
matter_file_convert(struct str text, struct buf *json, struct buf *fault)
{
	struct str first;
	int r;

	if (text.len > MATTER_FILE_MAX)
		return -E2BIG;
	if (text.len == 0 || memchr(text.p, '\0', text.len) != NULL) {
		buf_addz(fault, text.len == 0 ? "is empty; [] is a list without any matter" : "holds a NUL: it is no text");
		return -EINVAL;
	}
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = (struct str){text.p + 3, text.len - 3};
	first = text;
	while (first.len > 0 && strchr(" \t\r\n", first.p[0]) != NULL)
		first = (struct str){first.p + 1, first.len - 1};
	buf_addc(json, '[');
	r = first.len > 0 && first.p[0] == '[' ? convert_json(first, json, fault) : convert_csv(text, json, fault);
	buf_addc(json, ']');
	return r < 0 ? r : json->error;
}
