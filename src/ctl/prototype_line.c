/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/prototype_line.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/day.h"
#include "base/utf8.h"

/* What the daemon takes. */
#define TITLE_MAX   4096 /* bytes */
#define NOTES_MAX   4000
#define MATTER_MAX  64
#define HASH_MAX    128
#define ID_MAX      64
#define SECONDS_MAX 1000000
#define UNITS_MAX   10000

struct line {
	struct json_object *object;
	struct line_notes *notes;
};

static void
lose(struct line *l, const char *why)
{
	if (l->notes->lost == NULL)
		l->notes->lost = why;
}

static void
note(struct line *l, const char *what)
{
	if (l->notes->odd == NULL)
		l->notes->odd = what;
}

/* --- texts ---------------------------------------------------------------------------------------------------------------- */

/* Numbers are taken as what they look like. */
static struct str
text_of(const struct cell *cell, char scratch[32])
{
	if (cell->type == CELL_TEXT)
		return cell->text;
	if (cell->type != CELL_INTEGER)
		return STR_NONE;
	snprintf(scratch, 32, "%" PRId64, cell->integer);
	return str_of(scratch);
}

static void
replace_controls(struct line *l, struct buf *text)
{
	for (size_t i = 0; i < text->len; i++) {
		unsigned char c = (unsigned char)text->p[i];

		if ((c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r')
			continue;
		text->p[i] = ' ';
		note(l, "control_characters_replaced");
	}
}

/* False: there is none. */
static bool
put_text(struct line *l, const char *name, const struct cell *cell, size_t max)
{
	_cleanup_(buf_release) struct buf text = BUF_INIT(TITLE_MAX * 2);
	char scratch[32];
	struct str raw = text_of(cell, scratch);
	uint32_t replaced = 0;

	if (raw.len == 0)
		return false;
	(void)utf8_add_clean(&text, raw, max, &replaced);
	if (replaced > 0)
		note(l, "bad_utf8_replaced");
	else if (text.len < raw.len)
		note(l, "too_long_cut");
	replace_controls(l, &text);
	json_object_object_add(l->object, name, json_object_new_string_len(text.p, (int)text.len));
	return true;
}

/* What would be another if it were cut or mended is left out. */
static bool
put_exact(struct line *l, const char *name, const struct cell *cell, size_t max, const char *otherwise)
{
	char scratch[32];
	struct str raw = text_of(cell, scratch);

	if (raw.len == 0)
		return false;
	for (size_t i = 0; i < raw.len; i++)
		if ((unsigned char)raw.p[i] < 0x20 || raw.p[i] == 0x7f)
			max = 0;
	if (raw.len > max || !utf8_valid(raw)) {
		note(l, otherwise);
		return false;
	}
	json_object_object_add(l->object, name, json_object_new_string_len(raw.p, (int)raw.len));
	return true;
}

/* --- numbers -------------------------------------------------------------------------------------------------------------- */

static void
put_seconds(struct line *l, const struct cell *cell)
{
	if (cell->type != CELL_INTEGER)
		lose(l, "seconds_not_a_number");
	else if (cell->integer < 0)
		lose(l, "seconds_negative");
	else if (cell->integer > SECONDS_MAX)
		lose(l, "seconds_out_of_range");
	else
		json_object_object_add(l->object, "seconds", json_object_new_int64(cell->integer));
}

static void
put_productivity(struct line *l, const struct cell *cell)
{
	bool good = cell->type == CELL_INTEGER && cell->integer >= -2 && cell->integer <= 2;

	if (!good && cell->type != CELL_NULL)
		note(l, "productivity_out_of_range");
	json_object_object_add(l->object, "productivity", json_object_new_int64(good ? cell->integer : 0));
}

/* Tenths, as the prototype makes them; what lies between two is the higher one. */
static void
put_units(struct line *l, const struct cell *cell)
{
	double units = cell->type == CELL_REAL ? cell->real : (double)cell->integer;
	int64_t tenths;
	char text[32];

	if ((cell->type != CELL_REAL && cell->type != CELL_INTEGER) || !(units >= 0 && units <= UNITS_MAX)) {
		lose(l, "units_out_of_range");
		return;
	}
	tenths = llround(units * 10);
	if (fabs((double)tenths - units * 10) > 1e-6) {
		tenths = (int64_t)ceil(units * 10);
		note(l, "units_rounded");
	}
	snprintf(text, sizeof text, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
	json_object_object_add(l->object, "time_units", json_object_new_double_s((double)tenths / 10, text));
}

static bool
is_instant(const char *text)
{
	day_t day;

	return day_parse((struct str){text, 10}, &day) == 0 && memcmp(text + 11, "24", 2) < 0 && memcmp(text + 14, "60", 2) < 0 &&
	       memcmp(text + 17, "60", 2) < 0;
}

/* "2025-03-14 09:30:00", in UTC, perhaps with a fraction, which is left out. */
static bool
put_instant(struct line *l, const char *name, const struct cell *cell)
{
	static const char form[] = "dddd-dd-dd dd:dd:dd";
	char text[sizeof form + 1];

	if (cell->type == CELL_NULL || (cell->type == CELL_TEXT && cell->text.len == 0))
		return false;
	for (size_t i = 0; i < sizeof form - 1; i++) {
		char c = cell->type == CELL_TEXT && i < cell->text.len ? cell->text.p[i] : '\0';
		bool right = form[i] == 'd' ? c >= '0' && c <= '9' : c == form[i] || (form[i] == ' ' && c == 'T');

		if (!right) {
			note(l, "instant_unreadable");
			return true;
		}
		text[i] = form[i] == ' ' ? 'T' : c;
	}
	memcpy(text + sizeof form - 1, "Z", 2);
	if (!is_instant(text)) {
		note(l, "instant_unreadable");
		return true;
	}
	json_object_object_add(l->object, name, json_object_new_string(text));
	return true;
}

/* --- rows ----------------------------------------------------------------------------------------------------------------- */

static bool
is_word(const struct cell *cell, const char *word)
{
	return cell->type == CELL_TEXT && str_eq(cell->text, str_of(word));
}

static void
put_status(struct line *l, const struct cell *cell, bool processed)
{
	static const char *const known[] = {"pending", "ignored", "submitted"};

	for (size_t i = 0; i < ELEMENTSOF(known); i++) {
		if (!is_word(cell, known[i]))
			continue;
		json_object_object_add(l->object, "status", json_object_new_string(known[i]));
		return;
	}
	/* What was confirmed is not billed again, whatever else is said of it. */
	if (!processed) {
		lose(l, "status_unknown");
		return;
	}
	note(l, "status_unknown");
	json_object_object_add(l->object, "status", json_object_new_string("submitted"));
}

static void
put_activity(struct line *l, const struct cell *cells)
{
	if (!put_text(l, "application", &cells[A_ACTIVITY], TITLE_MAX))
		lose(l, "activity_missing");
	if (!put_text(l, "description", &cells[A_DOCUMENT], TITLE_MAX))
		json_object_object_add(l->object, "description", json_object_new_string("No Details"));
	(void)put_text(l, "category", &cells[A_CATEGORY], TITLE_MAX);
	put_productivity(l, &cells[A_PRODUCTIVITY]);
	put_seconds(l, &cells[A_SECONDS]);
}

static void
put_words(struct line *l, const struct cell *application, const struct cell *description, const struct cell *notes, const struct cell *matter,
    const struct cell *hash)
{
	if (!put_text(l, "application", application, TITLE_MAX))
		lose(l, "application_missing");
	if (!put_text(l, "description", description, TITLE_MAX))
		lose(l, "description_missing");
	(void)put_text(l, "notes", notes, NOTES_MAX);
	(void)put_exact(l, "matter_code", matter, MATTER_MAX, "matter_code_unusable");
	if (!put_exact(l, "source_hash", hash, HASH_MAX, "source_hash_unusable"))
		lose(l, "source_hash_missing");
}

static void
put_draft(struct line *l, const struct cell *cells)
{
	put_words(l, &cells[D_APPLICATION], &cells[D_DESCRIPTION], &cells[D_NOTES], &cells[D_MATTER], &cells[D_HASH]);
	put_seconds(l, &cells[D_SECONDS]);
	put_status(l, &cells[D_STATUS], false);
}

static void
put_processed(struct line *l, const struct cell *cells)
{
	put_words(l, &cells[P_APPLICATION], &cells[P_DESCRIPTION], &cells[P_NOTES], &cells[P_MATTER], &cells[P_HASH]);
	put_units(l, &cells[P_UNITS]);
	put_status(l, &cells[P_STATUS], true);
	(void)put_instant(l, "created_at", &cells[P_CREATED]);
	/* With either it was sent, even if neither can be read. */
	if (put_instant(l, "submitted_to_alp_at", &cells[P_SUBMITTED]))
		json_object_object_add(l->object, "status", json_object_new_string("submitted"));
	if (cells[P_ALP_ID].type == CELL_NULL || put_exact(l, "alp_entry_id", &cells[P_ALP_ID], ID_MAX, "alp_entry_id_unusable"))
		return;
	if (cells[P_ALP_ID].type != CELL_TEXT || cells[P_ALP_ID].text.len > 0)
		json_object_object_add(l->object, "status", json_object_new_string("submitted"));
}

void
prototype_line(enum prototype_table table, int64_t row, const struct cell *cells, struct buf *json, struct line_notes *ret_notes)
{
	static void (*const put[])(struct line *, const struct cell *) = {put_activity, put_draft, put_processed};
	struct line l = {.object = json_object_new_object(), .notes = ret_notes};

	*ret_notes = (struct line_notes){0};
	json_object_object_add(l.object, "table", json_object_new_string(prototype_tables[table]));
	json_object_object_add(l.object, "row", json_object_new_int64(row < 0 ? 0 : row));
	put[table](&l, cells);
	if (ret_notes->lost == NULL)
		buf_addz(json, json_object_to_json_string_ext(l.object, JSON_C_TO_STRING_PLAIN));
	json_object_put(l.object);
}
