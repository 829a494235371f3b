/* SPDX-License-Identifier: Apache-2.0 */
#include "http/render_check.h"

#include "http/resources.h"

/* By the bits of enum check_change. */
const char *const check_change_choices[] = {"appears", "vanishes", "moves_matter", "gains_units", "loses_units", "gains_seconds", "loses_seconds",
    "renamed", "kept", NULL};
/* By enum rule_section; privacy rules judge no stored day. */
static const char *const sections[] = {"", "clean", "vague", "codes", "refuse", NULL};

static void
render_warning(struct json *j, const char *kind, const char *rule, unsigned line, const char *text)
{
	json_open(j, NULL, '{');
	json_text(j, "kind", kind);
	json_text(j, "rule", rule);
	json_int(j, "line", line);
	json_text(j, "message", text);
	json_close(j, '}');
}

static void
render_warnings(struct json *j, const struct check_result *c)
{
	json_open(j, "warnings", '[');
	for (size_t i = 0; i < c->notes.count; i++)
		render_warning(j, c->notes.rows[i].kind, c->notes.rows[i].rule, c->notes.rows[i].line, c->notes.rows[i].text);
	json_close(j, ']');
	json_int(j, "warnings_left_out", (int64_t)c->notes.left_off);
}

static void
render_hits(struct json *j, const struct check_result *c)
{
	json_open(j, "rules", '[');
	for (size_t i = 0; i < c->places.count; i++) {
		const struct rule_place *place = &c->places.rows[i];

		if (place->section >= SECTION_PRIVACY)
			continue;
		json_open(j, NULL, '{');
		json_text(j, "rule", place->id);
		json_text(j, "section", sections[place->section]);
		json_int(j, "line", place->line);
		json_int(j, "hits", c->hits[i].rows);
		json_int(j, "seconds", c->hits[i].seconds);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
render_sums(struct json *j, const char *name, const struct check_sums *s)
{
	json_open(j, name, '{');
	json_int(j, "entries", s->entries);
	json_int(j, "recorded_seconds", s->recorded_seconds);
	json_tenths(j, "billed_units", s->billed_tenths);
	json_int(j, "dropped_seconds", s->dropped_seconds);
	json_close(j, '}');
}

static void
render_days(struct json *j, const struct check_result *c)
{
	json_open(j, "days", '[');
	for (size_t i = 0; i < c->day_count; i++) {
		json_open(j, NULL, '{');
		json_day(j, "date", c->days[i].day);
		render_sums(j, "before", &c->days[i].before);
		render_sums(j, "after", &c->days[i].after);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_int(j, "days_without_rows", c->days_pruned);
}

static void
render_side(struct json *j, const char *name, const struct check_side *s)
{
	if (!s->there) {
		json_null(j, name);
		return;
	}
	json_open(j, name, '{');
	json_text(j, "application", s->application);
	json_text(j, "task_description", s->description);
	json_text(j, "matter_code", s->matter);
	json_int(j, "total_seconds", s->seconds);
	json_tenths(j, "time_units", s->units_tenths);
	json_text(j, "status", entry_status_name(s->status));
	json_close(j, '}');
}

static void
render_line(struct json *j, const struct check_line *line)
{
	json_open(j, NULL, '{');
	json_day(j, "date", line->day);
	if (line->entry_id > 0)
		json_int(j, "entry_id", line->entry_id);
	else
		json_null(j, "entry_id");
	json_open(j, "changes", '[');
	for (size_t i = 0; i < CHECK_CHANGES; i++)
		if ((line->changes >> i & 1u) != 0)
			json_text(j, NULL, check_change_choices[i]);
	json_close(j, ']');
	render_side(j, "before", &line->before);
	render_side(j, "after", &line->after);
	json_close(j, '}');
}

static void
render_counts(struct json *j, const struct check_result *c)
{
	json_open(j, "counts", '{');
	for (size_t i = 0; i < CHECK_CHANGES; i++)
		json_int(j, check_change_choices[i], c->counts[i]);
	json_close(j, '}');
}

void
render_check(struct json *j, const struct check_result *c)
{
	json_open(j, NULL, '{');
	json_int(j, "job_id", c->job_id);
	json_int(j, "alp_user_id", c->alp_user_id);
	json_day(j, "from", c->from_day);
	json_day(j, "to", c->to_day);
	json_text(j, "rules_version", c->version);
	json_text(j, "present_version", c->present);
	json_boolean(j, "changed", check_has_changes(c));
	render_counts(j, c);
	render_sums(j, "before", &c->before);
	render_sums(j, "after", &c->after);
	render_days(j, c);
	json_open(j, "entries", '[');
	for (size_t i = 0; i < c->line_count; i++)
		render_line(j, &c->lines[i]);
	json_close(j, ']');
	json_int(j, "entries_left_out", c->lines_left_out);
	render_warnings(j, c);
	render_hits(j, c);
	json_close(j, '}');
}
