/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/alp_entry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alp/alp_internal.h"
#include "alp/json_text.h"
#include "base/alloc.h"

#define TEXT_MAX_BYTES ((size_t)64 * 1024)

void
alp_entry_release(struct alp_entry *entry)
{
	free(entry->description);
	free(entry->notes);
	free(entry->json);
	*entry = (struct alp_entry){0};
}

void
alp_entries_release(struct alp_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++)
		alp_entry_release(&entries->rows[i]);
	free(entries->rows);
	*entries = (struct alp_entries){0};
}

/* Printable, so that it can stand in an address, a log and a table. */
static bool
id_valid(struct str id)
{
	if (id.len == 0)
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (id.p[i] <= ' ' || id.p[i] == 0x7f)
			return false;
	return true;
}

/* Cut short it would be another one. */
static bool
read_id(struct str object, const char *field, char *ret_id, size_t room)
{
	_cleanup_(buf_release) struct buf id = BUF_INIT(room - 1);
	struct str value;

	if (field[0] == '\0' || !json_text_member(object, field, &value) || json_text_add_string(value, &id) < 0 ||
	    !id_valid(buf_str(&id)))
		return false;
	memcpy(ret_id, id.p, id.len + 1);
	return true;
}

static int64_t
read_number(struct str object, const char *field)
{
	struct str value;
	int64_t number;

	if (field[0] == '\0' || !json_text_member(object, field, &value) || json_text_to_i64(value, &number) < 0)
		return ALP_ABSENT;
	return number;
}

static char *
read_text(struct str object, const char *field)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(TEXT_MAX_BYTES);
	struct str value;

	if (field[0] == '\0' || !json_text_member(object, field, &value) || json_text_add_string(value, &text) < 0)
		return NULL;
	return buf_take(&text, NULL);
}

/* An instant other than midnight would be another day somewhere else. */
static bool
is_midnight(const char *rest)
{
	return rest[0] == '\0' || strncmp(rest, "T00:00", 6) == 0 || strncmp(rest, " 00:00", 6) == 0;
}

static day_t
read_day(struct str object, const char *field)
{
	_cleanup_free_ char *text = read_text(object, field);
	day_t day;

	if (text == NULL || strlen(text) < DAY_TEXT_MAX - 1 || !is_midnight(text + DAY_TEXT_MAX - 1) ||
	    day_parse((struct str){text, DAY_TEXT_MAX - 1}, &day) < 0)
		return -1;
	return day;
}

static bool
word_is_one_of(const char *word, const char *words)
{
	size_t len = strlen(word);

	for (const char *p = words; *p != '\0';) {
		size_t n = strcspn(p, " ");

		if (n == len && len > 0 && strncasecmp(p, word, n) == 0)
			return true;
		p += n + strspn(p + n, " ");
	}
	return false;
}

static enum alp_entry_state
read_state(const struct alp_options *o, struct str object, char ret_status[ALP_STATUS_MAX])
{
	_cleanup_free_ char *word = read_text(object, o->status_field);

	if (word == NULL || word[0] == '\0')
		return ALP_ENTRY_OPEN;
	snprintf(ret_status, ALP_STATUS_MAX, "%.*s", ALP_STATUS_MAX - 1, word);
	if (word_is_one_of(word, o->invoiced_words))
		return ALP_ENTRY_INVOICED;
	if (word_is_one_of(word, o->written_off_words))
		return ALP_ENTRY_WRITTEN_OFF;
	if (word_is_one_of(word, o->deleted_words))
		return ALP_ENTRY_DELETED;
	return word_is_one_of(word, o->open_words) ? ALP_ENTRY_OPEN : ALP_ENTRY_OTHER;
}

int
alp_entry_parse(const struct alp_options *o, struct str object, struct alp_entry *ret_entry)
{
	struct alp_entry entry = {0};

	object = json_text_trim(object);
	if (!json_text_is_object(object) || !read_id(object, o->id_field, entry.id, sizeof entry.id))
		return -EBADMSG;
	(void)read_id(object, o->reference_field, entry.reference, sizeof entry.reference);
	entry.state = read_state(o, object, entry.status);
	entry.day = read_day(object, o->date_field);
	entry.user_id = read_number(object, o->user_field);
	entry.component_id = read_number(object, o->component_field);
	entry.units = read_number(object, o->units_field);
	entry.rate = read_number(object, o->rate_field);
	entry.billable_type = read_number(object, o->billable_type_field);
	entry.gst_type = read_number(object, o->gst_type_field);
	entry.description = read_text(object, o->description_field);
	entry.notes = read_text(object, o->notes_field);
	entry.json = object.len <= ALP_ENTRY_JSON_MAX ? xstrndup(object.p, object.len) : NULL;
	*ret_entry = entry;
	return 0;
}
