/* SPDX-License-Identifier: Apache-2.0 */
/* day_walk.h - one user's days on a real store, and what must hold of them after every step of a history. */
#ifndef RTALP_TESTS_DAY_WALK_H
#define RTALP_TESTS_DAY_WALK_H

#include "app_unit.h"

#include <errno.h>
#include <string.h>

#include "app/day_merge.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "rules/rules.h"
#include "store/check.h"
#include "store/verdicts.h"

#define USER      42
#define DAYS      2
#define DOCUMENTS 9

static struct {
	char dir[64], path[96];
	struct store *store;
	struct app *app;
	struct app_options options;
	day_t today;
	struct rowset *fetched[DAYS]; /* the last answer of each day; NULL: none */
	const char *privacy;          /* what the user wants kept out */
	uint64_t seed;
} b;

static uint64_t
chance(uint64_t n)
{
	b.seed ^= b.seed << 13;
	b.seed ^= b.seed >> 7;
	b.seed ^= b.seed << 17;
	return b.seed % n;
}

static void
on_wake(void *arg)
{
	(void)arg;
}

static void
on_kill(void *arg, int64_t job_id, int32_t run)
{
	(void)arg;
	(void)job_id;
	(void)run;
}

static int
setup(void **state)
{
	struct store_options options = {.path = b.path, .readers = 1, .min_free_bytes = 0};
	bool migrated;
	int schema;

	(void)state;
	memset(&b, 0, sizeof b);
	snprintf(b.dir, sizeof b.dir, "/tmp/rtalp-walk-XXXXXX");
	assert_non_null(mkdtemp(b.dir));
	snprintf(b.path, sizeof b.path, "%s/t.db", b.dir);
	assert_int_equal(store_open(&options, &b.store, &schema, &migrated), 0);
	b.privacy = "";
	b.options = (struct app_options){
	    .store = b.store, .hooks = {.wake = on_wake, .kill_run = on_kill}, .max_live_jobs = 50, .default_zone = "Australia/Sydney", .units = {.rounding = ROUNDING_TENTH_UP},
	    .pace = {.interval_ms = 0, .burst = 31},
	};
	b.app = app_new(&b.options);
	app_has_keeper(b.app, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < DAYS; i++)
		rowset_free(b.fetched[i]);
	store_close(b.store);
	app_free(b.app);
	remove_store(b.path, b.dir);
	return 0;
}

#define CALL(verb, v)                                                                                                  \
	__extension__({                                                                                                \
		struct verb_answer a_ = {0};                                                                           \
		verb(b.app, (v), verb_done, &a_);                                                                      \
		verb_await(b.store, &a_);                                                                              \
	})

/* --- looking ------------------------------------------------------------------------------------------------------------- */

/* All there is of a day; `answer` first, because done() is given the whole. */
struct look {
	struct verb_answer answer;
	day_t day;
	struct activity_list rows;
	struct entry_list entries;
	struct verdicts_row newest;
	char *newest_bytes;
	size_t newest_len;
	bool has_verdicts, unchecked;
};

static int
look_run(struct txn *txn, void *arg)
{
	_cleanup_free_ char *violation = NULL;
	struct look *l = arg;
	int r = l->unchecked ? 0 : store_check(txn, &violation);

	if (r != 0)
		print_error("store_check: %s\n", violation != NULL ? violation : "could not look");
	if (r == 0)
		r = txn_activity_load(txn, USER, l->day, &l->rows);
	if (r == 0)
		r = txn_entry_load_day(txn, USER, l->day, &l->entries);
	if (r == 0)
		r = txn_verdicts_newest(txn, USER, l->day, &l->newest);
	l->has_verdicts = r == 0;
	if (r == 0)
		r = txn_verdicts_get(txn, USER, l->day, l->newest.verdicts_id, &l->newest, &l->newest_bytes, &l->newest_len);
	return r == -ENOENT ? 0 : r > 0 ? -EIO : r;
}

static struct look
look_at(struct look l)
{
	store_read(b.store, look_run, verb_done, &l);
	assert_int_equal(verb_await(b.store, &l.answer), 0);
	return l;
}

/* Between two looks of one step nobody broke anything. */
static struct look
glance(day_t day)
{
	return look_at((struct look){.day = day, .unchecked = true});
}

static struct look
look(day_t day)
{
	return look_at((struct look){.day = day});
}

static void
look_release(struct look *l)
{
	activity_list_release(&l->rows);
	entry_list_release(&l->entries);
	free(l->newest_bytes);
}

static const char *
or_none(const char *text)
{
	return text != NULL ? text : "-";
}

static void
write_entry(struct buf *out, const struct entry_row *e)
{
	buf_addf(out, "%d of %d in %d r%d s%d %s|%s|%s|%s|%s|%s %d s %d u %d/%d/%d %s v%d | %s %d %s %s f%d d%d c%lld %s %d\n", (int)e->entry_id, (int)e->supplement_of, (int)e->merged_into, (int)e->revision, (int)e->status,
	    e->source_hash, e->application, e->task_description, or_none(e->matter_code), or_none(e->matter_rule), or_none(e->matter_evidence),
	    (int)e->total_seconds, (int)e->units_tenths, (int)e->rounding, (int)e->units_per, (int)e->minimum_tenths, e->rules_version,
	    (int)e->verdicts_id, or_none(e->person_description), (int)e->person_units_tenths, or_none(e->person_matter), or_none(e->notes),
	    (int)e->frozen_seconds, (int)e->drift_seconds, (long long)e->confirmed_ms, or_none(e->machine_values), (int)e->updated_ms);
}

static char *
text_of(const struct look *l)
{
	struct buf out = BUF_INIT(1 << 20);

	for (size_t i = 0; i < l->rows.count; i++)
		buf_addf(&out, "%s %s %d %d %s\n", l->rows.rows[i].activity, l->rows.rows[i].document, (int)l->rows.rows[i].seconds,
		    (int)l->rows.rows[i].entry_id, or_none(l->rows.rows[i].rule));
	for (size_t i = 0; i < l->entries.count; i++)
		write_entry(&out, &l->entries.rows[i]);
	buf_addf(&out, "newest %d %zu\n", (int)l->newest.verdicts_id, l->newest_len);
	return buf_take(&out, NULL);
}

/* --- what must hold ------------------------------------------------------------------------------------------------------ */

static int64_t
root_of(const struct look *l, const struct entry_row *e)
{
	int64_t with_rows = e->supplement_of != 0 ? e->supplement_of : e->entry_id;

	for (size_t i = 0; i < l->entries.count; i++)
		if (l->entries.rows[i].entry_id == with_rows && l->entries.rows[i].merged_into != 0)
			return l->entries.rows[i].merged_into;
	return with_rows;
}

/* In the order in which a family's time is divided: its root first. */
static bool
stands_before(const struct look *l, size_t a, size_t b_)
{
	const struct entry_row *x = &l->entries.rows[a], *y = &l->entries.rows[b_];

	if (root_of(l, x) != root_of(l, y) || a == b_)
		return false;
	if (root_of(l, x) == x->entry_id || root_of(l, y) == y->entry_id)
		return root_of(l, x) == x->entry_id;
	return a < b_;
}

static int64_t
seconds_of_rows(const struct look *l, int64_t entry_id)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < l->rows.count; i++)
		seconds += l->rows.rows[i].entry_id == entry_id ? l->rows.rows[i].seconds : 0;
	return seconds;
}

/* What was recorded, confirmed and hangs over, from the rows themselves; what is pending, from the drafts that are shown. */
static void
assert_drafts_agree(day_t day, const struct report_day *r)
{
	struct look l = glance(day);
	int64_t supplements = 0, overhang = 0;

	for (size_t i = 0; i < l.entries.count; i++) {
		const struct entry_row *e = &l.entries.rows[i];
		int64_t frozen = 0, recorded = 0;

		supplements += e->supplement_of != 0 && e->status == ENTRY_PENDING ? e->total_seconds : 0;
		for (size_t k = 0; k < l.entries.count; k++)
			frozen += root_of(&l, &l.entries.rows[k]) == e->entry_id ? MAX_OF(l.entries.rows[k].frozen_seconds, (int64_t)0) : 0;
		for (size_t k = 0; k < l.entries.count; k++)
			recorded += root_of(&l, &l.entries.rows[k]) == e->entry_id ? seconds_of_rows(&l, l.entries.rows[k].entry_id) : 0;
		overhang += MAX_OF(frozen - recorded, (int64_t)0);
	}
	assert_int_equal(r->sums.supplement_seconds, supplements);
	assert_int_equal(r->sums.overhang_seconds, overhang);
	look_release(&l);
}

static void
assert_balance(day_t day)
{
	struct report_day r = {.alp_user_id = USER, .day = day};
	const struct report_sums *s = &r.sums;
	int64_t listed = 0;

	assert_int_equal(CALL(app_report_day, &r), 0);
	assert_int_equal(s->captured_seconds + s->overhang_seconds,
	    s->pending_seconds + s->submitted_seconds + s->supplement_seconds + s->ignored_seconds + s->filtered_seconds + s->below_minimum_seconds +
	        s->excluded_seconds + s->unprocessed_seconds);
	for (size_t i = 0; i < r.filtered.count; i++) {
		listed += r.filtered.rows[i].seconds;
		if (strcmp(r.filtered.rows[i].rule, RULE_BELOW_MINIMUM) == 0)
			assert_int_equal(r.filtered.rows[i].seconds, s->below_minimum_seconds);
	}
	assert_int_equal(listed, s->filtered_seconds + s->below_minimum_seconds);
	if (r.raw_rows_kept)
		assert_drafts_agree(day, &r);
	report_day_release(&r);
}

static const char *
seen_matter(const struct entry_row *e)
{
	const char *matter = e->person_matter != NULL ? e->person_matter : e->matter_code;

	return matter != NULL ? matter : "";
}

/* A tenth is 36 s. */
static int64_t
price(const struct verdicts_row *policy, int64_t seconds)
{
	int64_t step = policy->rounding == ROUNDING_UNIT_UP ? 10 : 1, tenths = 0;

	while (tenths * 36 < seconds)
		tenths += step;
	return seconds > 0 && tenths < policy->minimum_tenths ? policy->minimum_tenths : tenths;
}

/* The lines of the matter of line `at` add up to what the matter is worth, less what was submitted of it. */
static void
assert_matter(const struct look *l, size_t at)
{
	int64_t all = 0, pending_s = 0, pending = 0, held = 0;

	for (size_t i = 0; i < l->entries.count; i++) {
		const struct entry_row *e = &l->entries.rows[i];

		if (strcmp(seen_matter(e), seen_matter(&l->entries.rows[at])) != 0)
			continue;
		if (e->status == ENTRY_SUBMITTED) {
			all += e->frozen_seconds;
			held += e->units_tenths;
		} else if (e->status == ENTRY_PENDING) {
			all += e->total_seconds;
			pending_s += e->total_seconds;
			pending += e->units_tenths;
		}
	}
	assert_int_equal(pending, pending_s == 0 || price(&l->newest, all) < held ? 0 : price(&l->newest, all) - held);
}

/* Of the same rows: what was confirmed, and the drafts that were there before this one. */
static int64_t
billed_before(const struct look *l, size_t at)
{
	int64_t seconds = 0;

	for (size_t i = 0; i < l->entries.count; i++) {
		const struct entry_row *e = &l->entries.rows[i];

		if (root_of(l, e) == root_of(l, &l->entries.rows[at]))
			seconds += e->status == ENTRY_SUBMITTED ? e->frozen_seconds : e->status == ENTRY_PENDING && stands_before(l, i, at) ? e->total_seconds : 0;
	}
	return seconds;
}

static void
assert_priced(const struct look *l)
{
	for (size_t i = 0; i < l->entries.count; i++) {
		const struct entry_row *e = &l->entries.rows[i];

		if (e->status != ENTRY_PENDING)
			continue;
		assert_int_equal(e->rounding, l->newest.rounding);
		assert_int_equal(e->units_per, l->newest.units_per);
		assert_int_equal(e->minimum_tenths, l->newest.minimum_tenths);
		if (l->newest.units_per == UNITS_PER_MATTER && seen_matter(e)[0] != '\0')
			assert_matter(l, i);
		else
			assert_int_equal(e->units_tenths,
			    price(&l->newest, billed_before(l, i) + e->total_seconds) - price(&l->newest, billed_before(l, i)));
	}
}

/* Of one entry's time, what nobody decided about is in one place: in the first that is open. */
static void
assert_divided(const struct look *l)
{
	for (size_t i = 0; i < l->entries.count; i++) {
		const struct entry_row *e = &l->entries.rows[i];
		bool first = true;

		for (size_t k = 0; k < l->entries.count; k++)
			first &= !stands_before(l, k, i) || l->entries.rows[k].status == ENTRY_SUBMITTED || l->entries.rows[k].merged_into != 0;
		if (e->merged_into != 0 || (!first && !entry_kept(e)))
			assert_int_equal(e->total_seconds, 0);
	}
}

static const struct entry_row *
entry_of(const struct look *l, int64_t entry_id)
{
	for (size_t i = 0; i < l->entries.count; i++)
		if (l->entries.rows[i].entry_id == entry_id)
			return &l->entries.rows[i];
	return NULL;
}

static bool
same_text(const char *a, const char *b_)
{
	return strcmp(or_none(a), or_none(b_)) == 0;
}

/* A person decided about it, or about a part of its time. */
static bool
is_kept(const struct look *l, int64_t entry_id)
{
	for (size_t i = 0; i < l->entries.count; i++)
		if ((root_of(l, &l->entries.rows[i]) == entry_id || l->entries.rows[i].entry_id == entry_id) && entry_kept(&l->entries.rows[i]))
			return true;
	return false;
}

/* What the machine may not do: to what a person made his, to what was submitted, to what was ignored. */
static void
assert_kept(const struct look *before, const struct look *after)
{
	for (size_t i = 0; i < before->entries.count; i++) {
		const struct entry_row *was = &before->entries.rows[i], *is = entry_of(after, was->entry_id);

		if (is == NULL) {
			fail_msg("entry %d is gone", (int)was->entry_id);
			return;
		}
		assert_string_equal(is->source_hash, was->source_hash);
		assert_true(same_text(is->person_description, was->person_description) && same_text(is->person_matter, was->person_matter) &&
			    same_text(is->notes, was->notes));
		assert_int_equal(is->person_units_tenths, was->person_units_tenths);
		assert_int_equal(is->merged_into, was->merged_into);
		if (!entry_kept(was))
			continue;
		assert_int_equal(is->status, was->status);
		assert_int_equal(is->verdicts_id, was->verdicts_id);
		assert_true(same_text(is->application, was->application) && same_text(is->task_description, was->task_description) &&
			    same_text(is->matter_code, was->matter_code) && same_text(is->matter_rule, was->matter_rule));
		if (was->status == ENTRY_SUBMITTED) {
			assert_int_equal(is->units_tenths, was->units_tenths);
			assert_int_equal(is->total_seconds, was->total_seconds);
			assert_int_equal(is->frozen_seconds, was->frozen_seconds);
			assert_int_equal(is->confirmed_ms, was->confirmed_ms);
			assert_true(is->rounding == was->rounding && is->units_per == was->units_per &&
				    is->minimum_tenths == was->minimum_tenths && same_text(is->rules_version, was->rules_version));
			assert_int_equal(is->revision, was->revision + (is->drift_seconds != was->drift_seconds));
		}
	}
	for (size_t i = 0, k = 0; i < before->rows.count && k < after->rows.count;) {
		const struct activity_row *x = &before->rows.rows[i], *y = &after->rows.rows[k];
		int c = strcmp(x->activity, y->activity) != 0 ? strcmp(x->activity, y->activity) : strcmp(x->document, y->document);

		if (c == 0 && is_kept(before, x->entry_id))
			assert_int_equal(y->entry_id, x->entry_id);
		i += c <= 0;
		k += c >= 0;
	}
}

#endif
