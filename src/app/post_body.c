/* SPDX-License-Identifier: Apache-2.0 */
#include "app/post_body.h"

#include <errno.h>
#include <json-c/json.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"

_Static_assert(crypto_hash_sha256_BYTES == FINGERPRINT_BYTES, "a hash of a body fills its column");

static const char discriminator[] = "MatterComponentTimeEntry";

void
post_fields_release(struct post_fields *fields)
{
	free(fields->description);
	free(fields->notes);
	*fields = (struct post_fields){0};
}

void
post_mark(const char *reference, char ret_mark[POST_MARK_MAX])
{
	snprintf(ret_mark, POST_MARK_MAX, "[rtalp %s]", reference);
}

bool
post_body_names(const char *body, const char *reference, const char *reference_field)
{
	_cleanup_free_ char *member = xasprintf("\"%s\":\"%s\"", reference_field, reference);

	return reference_field[0] != '\0' && strstr(body, member) != NULL;
}

bool
post_body_is_marked(const char *body, const char *reference)
{
	char mark[POST_MARK_MAX];

	post_mark(reference, mark);
	return strstr(body, mark) != NULL;
}

bool
post_is_reference(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && text[digits] == '-' && strspn(text + digits + 1, "0123456789abcdef") == 8 && text[digits + 9] == '\0';
}

/* --- making --------------------------------------------------------------------------------------------------------------- */

static void
put_number(struct json *j, const char *name, int64_t number)
{
	if (number != POST_NONE)
		json_int(j, name, number);
}

static void
put_notes(struct json *j, const struct post_fields *f, const char *reference, bool in_notes)
{
	_cleanup_free_ char *marked = NULL;
	char mark[POST_MARK_MAX];

	if (in_notes) {
		post_mark(reference, mark);
		marked = f->notes != NULL && f->notes[0] != '\0' ? xasprintf("%s %s", f->notes, mark) : xstrdup(mark);
	}
	json_text(j, "notes", marked != NULL ? marked : f->notes != NULL ? f->notes : "");
}

static void
put_fields(struct json *j, const struct post_fields *f)
{
	json_int(j, "matter_component_id", f->component_id);
	json_int(j, "user_id", f->user_id);
	json_day(j, "date", f->day);
	json_int(j, "units", f->units);
	json_text(j, "description", f->description);
	put_number(j, "rate", f->rate);
	put_number(j, "billable_type", f->billable_type);
	put_number(j, "gst_type", f->gst_type);
	json_text(j, "discriminator", discriminator);
}

char *
post_body_make(const struct post_fields *fields, const char *reference, const char *reference_field, bool in_notes)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	put_fields(&j, fields);
	put_notes(&j, fields, reference, in_notes);
	if (reference_field[0] != '\0')
		json_text(&j, reference_field, reference);
	json_close(&j, '}');
	return buf_take(&j.b, NULL);
}

void
post_hash(const struct post_fields *fields, unsigned char ret_hash[FINGERPRINT_BYTES])
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	put_fields(&j, fields);
	put_notes(&j, fields, "", false);
	json_close(&j, '}');
	(void)crypto_hash_sha256(ret_hash, (const unsigned char *)j.b.p, j.b.len);
	buf_release(&j.b);
}

/* --- reading -------------------------------------------------------------------------------------------------------------- */

static int64_t
number_of(struct json_object *body, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(body, name, &value) || !json_object_is_type(value, json_type_int))
		return POST_NONE;
	return json_object_get_int64(value);
}

static char *
text_of(struct json_object *body, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(body, name, &value) || !json_object_is_type(value, json_type_string))
		return NULL;
	return xstrdup(json_object_get_string(value));
}

int
post_body_read(const char *body, struct post_fields *ret_fields)
{
	struct json_object *object = json_tokener_parse(body), *day;
	struct post_fields f = {0};
	int r = -EINVAL;

	if (json_object_is_type(object, json_type_object) && json_object_object_get_ex(object, "date", &day))
		r = day_parse(str_of(json_object_get_string(day)), &f.day);
	if (r == 0) {
		f.user_id = number_of(object, "user_id");
		f.component_id = number_of(object, "matter_component_id");
		f.units = number_of(object, "units");
		f.rate = number_of(object, "rate");
		f.billable_type = number_of(object, "billable_type");
		f.gst_type = number_of(object, "gst_type");
		f.description = text_of(object, "description");
		f.notes = text_of(object, "notes");
		*ret_fields = f;
	}
	json_object_put(object);
	return r;
}

/* --- ids ------------------------------------------------------------------------------------------------------------------ */

static bool
array_has(struct json_object *array, const char *id)
{
	for (size_t i = 0; json_object_is_type(array, json_type_array) && i < json_object_array_length(array); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(array, i)), id) == 0)
			return true;
	return false;
}

bool
ids_have(const char *ids, const char *id)
{
	struct json_object *array = ids != NULL ? json_tokener_parse(ids) : NULL;
	bool has = array_has(array, id);

	json_object_put(array);
	return has;
}

char *
ids_add(char *ids, const char *id)
{
	struct json_object *array = ids != NULL ? json_tokener_parse(ids) : NULL;
	char *text;

	if (!json_object_is_type(array, json_type_array)) {
		json_object_put(array);
		array = json_object_new_array();
	}
	if (id != NULL && !array_has(array, id))
		json_object_array_add(array, json_object_new_string(id));
	text = xstrdup(json_object_to_json_string_ext(array, JSON_C_TO_STRING_PLAIN));
	json_object_put(array);
	free(ids);
	return text;
}
