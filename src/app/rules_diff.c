/* SPDX-License-Identifier: Apache-2.0 */
/* rules_diff.c - the entries of a day as they are, beside what the merge would make of them by other verdicts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/merge.h"
#include "app/rules_check.h"
#include "app/settle.h"
#include "base/alloc.h"

static void
side_release(struct check_side *s)
{
	free(s->application);
	free(s->description);
	free(s->matter);
}

struct check_result *
check_result_free(struct check_result *c)
{
	if (c == NULL)
		return NULL;
	for (size_t i = 0; i < c->line_count; i++) {
		side_release(&c->lines[i].before);
		side_release(&c->lines[i].after);
	}
	free(c->lines);
	free(c->hits);
	rule_places_release(&c->places);
	rule_notes_release(&c->notes);
	free(c);
	return NULL;
}

bool
check_has_changes(const struct check_result *c)
{
	for (size_t i = 0; i < CHECK_CHANGES; i++)
		if (i != CHECK_KEPT && c->counts[i] > 0)
			return true;
	return false;
}

/* --- one entry ------------------------------------------------------------------------------------------------------- */

/* A withdrawn one is there for nobody. */
static bool
is_there(const struct entry_row *entry)
{
	return entry != NULL && entry->status != ENTRY_WITHDRAWN;
}

static struct check_side
side_of(const struct entry_row *entry)
{
	const char *matter;

	if (!is_there(entry))
		return (struct check_side){.there = false};
	matter = entry_matter(entry);
	return (struct check_side){
	    .there = true, .application = xstrdup(entry_application(entry)), .description = xstrdup(entry_description(entry)),
	    .matter = matter != NULL ? xstrdup(matter) : NULL, .seconds = entry->total_seconds, .units_tenths = entry_units_tenths(entry),
	    .status = entry->status,
	};
}

static bool
differ(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") != 0;
}

static unsigned
changes_of(const struct check_side *before, const struct check_side *after)
{
	unsigned changes = 0;

	if (!before->there || !after->there)
		return before->there ? 1u << CHECK_VANISHES : after->there ? 1u << CHECK_APPEARS : 0;
	if (differ(before->matter, after->matter))
		changes |= 1u << CHECK_MOVES_MATTER;
	if (differ(before->application, after->application) || differ(before->description, after->description))
		changes |= 1u << CHECK_RENAMED;
	if (before->units_tenths != after->units_tenths)
		changes |= 1u << (after->units_tenths > before->units_tenths ? CHECK_GAINS_UNITS : CHECK_LOSES_UNITS);
	if (before->seconds != after->seconds)
		changes |= 1u << (after->seconds > before->seconds ? CHECK_GAINS_SECONDS : CHECK_LOSES_SECONDS);
	return changes;
}

static size_t
text_bytes(const struct check_side *s)
{
	return s->there ? strlen(s->application) + strlen(s->description) + (s->matter != NULL ? strlen(s->matter) : 0) : 0;
}

/* Takes the line's texts over. */
static void
add_line(struct check_result *c, struct check_line *line)
{
	for (size_t i = 0; i < CHECK_CHANGES; i++)
		c->counts[i] += (line->changes >> i & 1u) != 0;
	c->bytes += text_bytes(&line->before) + text_bytes(&line->after);
	if (line->changes == 0 || c->line_count == CHECK_LINES_MAX || c->bytes > CHECK_BYTES_MAX) {
		c->lines_left_out += line->changes != 0;
		side_release(&line->before);
		side_release(&line->after);
		return;
	}
	if ((c->line_count & (c->line_count - 1)) == 0)
		c->lines = xreallocarray(c->lines, MAX_OF(2 * c->line_count, (size_t)1), sizeof *c->lines);
	c->lines[c->line_count++] = *line;
}

/* before NULL: a new entry. */
static void
compare_entries(struct check_result *c, day_t day, const struct entry_row *before, const struct entry_row *after)
{
	struct check_line line = {.day = day, .entry_id = before != NULL ? before->entry_id : 0, .before = side_of(before), .after = side_of(after)};

	line.changes = changes_of(&line.before, &line.after);
	if (before != NULL && entry_kept(before))
		line.changes |= 1u << CHECK_KEPT;
	add_line(c, &line);
}

/* --- one day --------------------------------------------------------------------------------------------------------- */

static void
sum_entries(const struct entry_list *entries, const struct activity_list *rows, struct check_sums *sums)
{
	for (size_t i = 0; i < entries->count; i++) {
		const struct entry_row *entry = &entries->rows[i];

		if (entry->status != ENTRY_PENDING && entry->status != ENTRY_SUBMITTED)
			continue;
		sums->entries++;
		sums->recorded_seconds += entry->total_seconds;
		sums->billed_tenths += entry_units_tenths(entry);
	}
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].rule != NULL)
			sums->dropped_seconds += rows->rows[i].seconds;
}

static void
add_sums(struct check_sums *all, const struct check_sums *one)
{
	all->entries += one->entries;
	all->recorded_seconds += one->recorded_seconds;
	all->billed_tenths += one->billed_tenths;
	all->dropped_seconds += one->dropped_seconds;
}

static void
count_word(struct check_result *c, struct str word, int32_t seconds)
{
	const char *mark = word.len > 0 ? memchr(word.p, '=', word.len) : NULL;
	const struct rule_place *place;
	char id[RULE_ID_SIZE] = "";

	if (mark == NULL && word.len > 0)
		mark = memchr(word.p, '!', word.len);
	if (mark != NULL)
		word.len = (size_t)(mark - word.p);
	if (word.len == 0 || word.len >= sizeof id)
		return;
	memcpy(id, word.p, word.len);
	place = rule_places_find(&c->places, id);
	if (place == NULL)
		return;
	c->hits[place - c->places.rows].rows++;
	c->hits[place - c->places.rows].seconds += seconds;
}

/* A rule that fired on a row more than once stands there more than once, and counts as once where the words follow each other. */
static void
count_hits(struct check_result *c, const struct rowset *verdicts)
{
	for (size_t i = 0; i < rowset_count(verdicts); i++) {
		struct row_view row = rowset_row(verdicts, i);
		const char *p = row.trail.p, *end = p != NULL ? p + row.trail.len : NULL;

		while (p != NULL && p < end) {
			const char *space = memchr(p, ' ', (size_t)(end - p)), *stop = space != NULL ? space : end;

			count_word(c, (struct str){p, (size_t)(stop - p)}, row.seconds);
			p = stop + 1;
		}
	}
}

static int
merge_copy(const struct check_day *v, int64_t now_ms, struct activity_list *rows, struct entry_list *entries)
{
	struct merge m = {
	    .alp_user_id = v->alp_user_id, .day = v->day, .units = v->result->units, .verdicts = v->verdicts, .rules_version = v->result->version,
	    .now_ms = now_ms, .rows = rows, .entries = entries,
	};
	int r = merge_day(&m);

	merge_release(&m);
	return r;
}

static void
tell_day(const struct check_day *v, const struct entry_list *before, const struct entry_list *after, struct check_day_sums *sums)
{
	struct check_result *c = v->result;

	for (size_t i = 0; i < after->count; i++)
		compare_entries(c, v->day, i < before->count ? &before->rows[i] : NULL, &after->rows[i]);
	add_sums(&c->before, &sums->before);
	add_sums(&c->after, &sums->after);
	c->days[c->day_count++] = *sums;
	count_hits(c, v->verdicts);
}

static int
day_run(struct txn *txn, struct op *op)
{
	_cleanup_(activity_list_release) struct activity_list rows = {0};
	_cleanup_(entry_list_release) struct entry_list before = {0}, after = {0};
	struct check_day *v = op->verb;
	struct check_day_sums sums = {.day = v->day};
	struct day_row day;
	int r = txn_day_get(txn, v->alp_user_id, v->day, &day);

	if (r < 0 || v->result->day_count == CHECK_DAYS_MAX)
		return r == -ENOENT || r == 0 ? -EBADMSG : r;
	v->outdated = day.generation != v->generation || day.pruned_ms != 0;
	if (v->outdated)
		return 0;
	r = txn_activity_load(txn, v->alp_user_id, v->day, &rows);
	if (r == 0)
		r = txn_entry_load_day(txn, v->alp_user_id, v->day, &before);
	if (r == 0)
		r = txn_entry_load_day(txn, v->alp_user_id, v->day, &after);
	sum_entries(&before, &rows, &sums.before);
	if (r == 0)
		r = merge_copy(v, op->now_ms, &rows, &after);
	if (r < 0)
		return r;
	sum_entries(&after, &rows, &sums.after);
	tell_day(v, &before, &after, &sums);
	return 0;
}

void
app_check_day(struct app *app, struct check_day *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, day_run, NULL, done, arg);
}

void
check_day_release(struct check_day *v)
{
	v->verdicts = rowset_free(v->verdicts);
}
