/* SPDX-License-Identifier: Apache-2.0 */
/* import: the prototype's database, day by day. */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/day.h"
#include "ctl/ctl.h"
#include "ctl/prototype.h"
#include "ctl/prototype_line.h"
#include "ctl/url.h"

#define BODY_MAX  ((size_t)16 * 1024 * 1024)
#define LINES_MAX 20000

static const char *const outcomes[] = {"taken", "already_there", "left_to_rules", "not_taken"};
enum { TAKEN, NOT_TAKEN = 3, OUTCOMES };

struct importing {
	struct ctl *ctl;
	struct prototype *file;
	struct json_object *told;  /* with --json: all there is to say of lines */
	int64_t days, counts[OUTCOMES], odd;
	int worst;                 /* enum exit_status */
	/* The day at hand. */
	char day[DAY_TEXT_MAX];    /* "": it is none */
	struct buf body;
	size_t lines;
};

/* --- telling -------------------------------------------------------------------------------------------------------------- */

/* lost: it is not taken. */
static void
tell_line(struct importing *i, const char *table, int64_t row, bool lost, const char *reason)
{
	const char *outcome = lost ? outcomes[NOT_TAKEN] : outcomes[TAKEN];
	struct json_object *line;

	if (!args_has(&i->ctl->args, OPT_JSON)) {
		fprintf(i->ctl->out.out, "%s  %s %" PRId64 ": %s, %s\n", i->day[0] != '\0' ? i->day : "no day    ", table, row,
		    lost ? "not taken" : "taken", reason);
		return;
	}
	line = json_object_new_object();
	json_object_object_add(line, "date", i->day[0] != '\0' ? json_object_new_string(i->day) : NULL);
	json_object_object_add(line, "table", json_object_new_string(table));
	json_object_object_add(line, "row", json_object_new_int64(row));
	json_object_object_add(line, "outcome", json_object_new_string(outcome));
	json_object_object_add(line, "reason", json_object_new_string(reason));
	json_object_array_add(i->told, line);
}

static void
lose(struct importing *i, const char *table, int64_t row, const char *reason)
{
	i->counts[NOT_TAKEN]++;
	tell_line(i, table, row, true, reason);
}

/* What the daemon says of a day. */
static void
tell_day(struct importing *i, struct json_object *told)
{
	struct json_object *lines = json_member(told, "lines");

	for (size_t o = 0; o < OUTCOMES; o++)
		i->counts[o] += json_number_of(told, outcomes[o]);
	for (size_t n = 0; json_object_is_type(lines, json_type_array) && n < json_object_array_length(lines); n++) {
		struct json_object *line = json_object_array_get_idx(lines, n);
		bool lost = strcmp(json_text_of(line, "outcome"), outcomes[NOT_TAKEN]) == 0;

		i->odd += !lost;
		tell_line(i, json_text_of(line, "table"), json_number_of(line, "row"), lost, json_text_of(line, "reason"));
	}
}

static void
print_end(struct importing *i)
{
	bool dry = args_has(&i->ctl->args, OPT_DRY_RUN);
	struct json_object *all;

	if (!args_has(&i->ctl->args, OPT_JSON)) {
		fprintf(i->ctl->out.out,
		    "%" PRId64 " days: %" PRId64 " rows %s, %" PRId64 " already there, %" PRId64 " drafts left to the rules, %" PRId64 " not taken\n", i->days,
		    i->counts[0], dry ? "would be taken" : "taken", i->counts[1], i->counts[2], i->counts[NOT_TAKEN]);
		return;
	}
	all = json_object_new_object();
	json_object_object_add(all, "dry_run", json_object_new_boolean(dry));
	json_object_object_add(all, "days", json_object_new_int64(i->days));
	for (size_t o = 0; o < OUTCOMES; o++)
		json_object_object_add(all, outcomes[o], json_object_new_int64(i->counts[o]));
	json_object_object_add(all, "lines", json_object_get(i->told));
	fprintf(i->ctl->out.out, "%s\n", json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(all);
}

/* --- a day ---------------------------------------------------------------------------------------------------------------- */

static int
take_row(void *arg, enum prototype_table table, int64_t row, const struct cell *cells)
{
	struct importing *i = arg;
	struct line_notes notes;
	size_t before = i->body.len;

	if (i->lines == LINES_MAX) {
		lose(i, prototype_tables[table], row, "too_many_of_the_day");
		return 0;
	}
	buf_addz(&i->body, before > 1 ? ",\n" : "");
	prototype_line(table, row, cells, &i->body, &notes);
	if (i->body.error < 0) {
		say("%s: is more than a day may be: 16 MiB", i->day);
		return i->body.error;
	}
	if (notes.lost != NULL) {
		i->body.len = before;
		i->body.p[before] = '\0';
		lose(i, prototype_tables[table], row, notes.lost);
		return 0;
	}
	i->lines++;
	if (notes.odd != NULL) {
		i->odd++;
		tell_line(i, prototype_tables[table], row, false, notes.odd);
	}
	return 0;
}

static int
lose_row(void *arg, enum prototype_table table, int64_t row, const struct cell *cells)
{
	(void)cells;
	lose(arg, prototype_tables[table], row, "date_unreadable");
	return 0;
}

static int
send_day(struct importing *i)
{
	_cleanup_(answer_release) struct answer a = {0};
	_cleanup_(buf_release) struct buf path = BUF_INIT(4096);
	int r;

	buf_addf(&path, "/api/import/days/%s", i->day);
	url_add_number(&path, "alp_user_id", i->ctl->args.number[OPT_USER]);
	if (args_has(&i->ctl->args, OPT_DRY_RUN))
		url_add(&path, "dry_run", "true");
	buf_addc(&i->body, ']');
	r = ctl_ask(i->ctl, &(struct request){.method = "PUT", .path = path.p, .body = buf_str(&i->body)}, &a);
	if (r == EXIT_STATUS_OK) {
		tell_day(i, answer_json(&a));
		return 0;
	}
	i->worst = r;
	say("%s: none of its %zu rows was taken", i->day, i->lines);
	i->counts[NOT_TAKEN] += (int64_t)i->lines;
	/* The next day may do, if it was this one's fault. */
	return r == EXIT_STATUS_FAILED ? 0 : -ECANCELED;
}

static int
take_day(void *arg, const struct cell *cell)
{
	struct importing *i = arg;
	day_t day = -1;
	bool good = cell->type == CELL_TEXT && day_parse(cell->text, &day) == 0;
	int r = 0;

	i->day[0] = '\0';
	if (good)
		day_format(day, i->day);
	i->days += good;
	i->lines = 0;
	buf_clear(&i->body);
	buf_addc(&i->body, '[');
	for (enum prototype_table t = 0; r == 0 && t < PROTOTYPE_TABLES; t++)
		r = prototype_rows(i->file, t, cell, good ? take_row : lose_row, i);
	if (r == -E2BIG) {
		i->worst = EXIT_STATUS_FAILED;
		return 0;
	}
	return r == 0 && i->lines > 0 ? send_day(i) : r;
}

/* --- the file ------------------------------------------------------------------------------------------------------------- */

/* The rules make drafts of what was taken. */
static int
process_days(struct importing *i)
{
	_cleanup_(answer_release) struct answer a = {0};
	char body[64];

	if (args_has(&i->ctl->args, OPT_DRY_RUN) || i->counts[TAKEN] == 0)
		return EXIT_STATUS_OK;
	snprintf(body, sizeof body, "{\"alp_user_id\": %" PRId64 "}", i->ctl->args.number[OPT_USER]);
	return ctl_ask(i->ctl, &(struct request){.method = "POST", .path = "/api/jobs/process", .body = str_of(body)}, &a);
}

static int
import_file(struct importing *i)
{
	int r = prototype_days(i->file, take_day, i), processed;

	if (r == -EIO)
		say("%s: is damaged: what stands behind %s was not read", i->ctl->args.operand, i->day[0] != '\0' ? i->day : "its beginning");
	processed = r == -ECANCELED ? EXIT_STATUS_OK : process_days(i);
	print_end(i);
	if (i->worst != EXIT_STATUS_OK)
		return i->worst;
	if (processed != EXIT_STATUS_OK)
		return processed;
	return r < 0 || i->counts[NOT_TAKEN] > 0 ? EXIT_STATUS_FAILED : EXIT_STATUS_OK;
}

int
cmd_import(struct ctl *ctl)
{
	_cleanup_(prototype_closep) struct prototype *file = NULL;
	_cleanup_(buf_release) struct buf fault = BUF_INIT(8192);
	struct importing i = {.ctl = ctl, .body = BUF_INIT(BODY_MAX)};
	int r;

	if (prototype_open(ctl->args.operand, &file, &fault) < 0) {
		say("%s: %s", ctl->args.operand, fault.len > 0 ? fault.p : "cannot be read");
		return EXIT_STATUS_USAGE;
	}
	i.file = file;
	i.told = json_object_new_array();
	r = import_file(&i);
	json_object_put(i.told);
	buf_release(&i.body);
	return r;
}
