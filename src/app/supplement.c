/* SPDX-License-Identifier: Apache-2.0 */
#include "app/supplement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/merge.h"
#include "app/settle.h"
#include "base/alloc.h"

struct member {
	int64_t root;
	bool is_root;
	size_t at; /* in the list of entries */
};

struct families {
	struct member *members; /* family by family, the root first */
	size_t count;
};

static int
by_family(const void *pa, const void *pb)
{
	const struct member *a = pa, *b = pb;

	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	/* What is merged into it may be older. */
	if (a->is_root != b->is_root)
		return a->is_root ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static bool
is_in_a_family(const struct entry_row *entry)
{
	return entry->supplement_of != 0 || entry->merged_into != 0 || entry->status == ENTRY_SUBMITTED;
}

int64_t
supplement_root(const struct entry_list *day, const struct entry_row *entry)
{
	const int64_t owner = entry->supplement_of;

	if (owner == 0)
		return entry->merged_into != 0 ? entry->merged_into : entry->entry_id;
	for (size_t at = 0; at < day->count; at++)
		if (day->rows[at].entry_id == owner && day->rows[at].merged_into != 0)
			return day->rows[at].merged_into;
	return owner;
}

/* None on a day where nothing was ever confirmed, which is most of them. */
static struct families
families_of(const struct entry_list *day)
{
	struct families f = {.count = 0};
	size_t first = 0;

	while (first < day->count && !is_in_a_family(&day->rows[first]))
		first++;
	if (first == day->count)
		return f;
	f.members = xcalloc(day->count, sizeof *f.members);
	for (size_t at = 0; at < day->count; at++) {
		const struct entry_row *entry = &day->rows[at];

		if (entry->entry_id != 0 || entry->supplement_of != 0)
			f.members[f.count++] = (struct member){supplement_root(day, entry), entry->supplement_of == 0 && entry->merged_into == 0, at};
	}
	qsort(f.members, f.count, sizeof *f.members, by_family);
	return f;
}

static void
families_release(struct families *f)
{
	free(f->members);
}

static size_t
family_size(const struct families *f, size_t begin)
{
	size_t end = begin + 1;

	while (end < f->count && f->members[end].root == f->members[begin].root)
		end++;
	return end - begin;
}

void
supplements_recorded(const struct entry_list *day, int64_t *ret_recorded)
{
	_cleanup_(families_release) struct families f = families_of(day);

	for (size_t at = 0; at < day->count; at++)
		ret_recorded[at] = day->rows[at].total_seconds;
	for (size_t i = 0, n; i < f.count; i += n) {
		int64_t all = 0;

		n = family_size(&f, i);
		for (size_t k = 0; k < n; k++) {
			const struct entry_row *entry = &day->rows[f.members[i + k].at];

			all += entry->total_seconds + MIN_OF(entry->drift_seconds, (int64_t)0);
			ret_recorded[f.members[i + k].at] = 0;
		}
		ret_recorded[f.members[i].at] = all;
	}
}

/* --- dividing ------------------------------------------------------------------------------------------------------------ */

struct sharing {
	struct entry_list *day;
	int64_t now_ms;
	int64_t *seconds;
	bool *changed;
	/* the family at hand */
	const struct member *members;
	size_t count;
	int64_t recorded, frozen;
};

static struct entry_row *
member_entry(const struct sharing *s, size_t i)
{
	return &s->day->rows[s->members[i].at];
}

static bool
copy_text(char **field, const char *want)
{
	bool same = want == NULL ? *field == NULL : *field != NULL && strcmp(*field, want) == 0;

	if (same)
		return false;
	free(*field);
	*field = want != NULL ? xstrdup(want) : NULL;
	return true;
}

/* It is more of the same work. */
static bool
say_what_root_says(struct entry_row *supplement, const struct entry_row *root)
{
	bool changed = copy_text(&supplement->application, entry_application(root));

	changed |= copy_text(&supplement->task_description, entry_description(root));
	changed |= copy_text(&supplement->matter_code, entry_matter(root));
	changed |= copy_text(&supplement->matter_rule, root->matter_rule);
	changed |= copy_text(&supplement->matter_evidence, root->matter_evidence);
	return changed;
}

/* Numbered within its root; what supplements there ever were stay. */
static size_t
next_number(const struct entry_list *day, int64_t root_id)
{
	size_t number = 1;

	for (size_t at = 0; at < day->count; at++)
		number += day->rows[at].supplement_of == root_id;
	return number;
}

struct entry_row *
supplement_append(struct entry_list *day, size_t root_at, int64_t now_ms)
{
	const size_t number = next_number(day, day->rows[root_at].entry_id);
	struct entry_row *entry;
	const struct entry_row *root;
	char name[SOURCE_HASH_TEXT_MAX + 32];

	day->rows = xreallocarray(day->rows, day->count + 1, sizeof *day->rows);
	entry = &day->rows[day->count++];
	root = &day->rows[root_at];
	*entry = ENTRY_ROW_INIT;
	entry->alp_user_id = root->alp_user_id;
	entry->day = root->day;
	entry->status = ENTRY_PENDING;
	entry->supplement_of = root->entry_id;
	/* No group of rows is named like this: those begin with a key's name. */
	snprintf(name, sizeof name, "+%zu %s", number, root->source_hash);
	entry_source_hash(root->alp_user_id, root->day, str_of(name), entry->source_hash);
	memcpy(entry->rules_version, root->rules_version, sizeof entry->rules_version);
	entry->verdicts_id = root->verdicts_id;
	entry->created_ms = entry->updated_ms = now_ms;
	say_what_root_says(entry, root);
	return entry;
}

static void
append_supplement(struct sharing *s, int64_t seconds)
{
	const size_t at = s->day->count;

	s->seconds = xreallocarray(s->seconds, at + 1, sizeof *s->seconds);
	s->changed = xreallocarray(s->changed, at + 1, sizeof *s->changed);
	supplement_append(s->day, s->members[0].at, s->now_ms);
	s->seconds[at] = seconds;
	s->changed[at] = true;
}

static bool
holds_its_own(const struct entry_row *entry)
{
	return entry->status == ENTRY_IGNORED || entry_touched(entry);
}

/* It may hold some of the rest. */
static bool
is_open(const struct entry_row *entry)
{
	return entry->status != ENTRY_SUBMITTED && entry->merged_into == 0;
}

static void
divide(struct sharing *s)
{
	int64_t rest = MAX_OF(s->recorded - s->frozen, (int64_t)0);
	size_t taker = 0;

	while (taker < s->count && !is_open(member_entry(s, taker))) {
		s->seconds[s->members[taker].at] = 0;
		taker++;
	}
	for (size_t i = taker + 1; i < s->count; i++) {
		const struct entry_row *entry = member_entry(s, i);
		int64_t held = is_open(entry) && holds_its_own(entry) ? MIN_OF(entry->total_seconds, rest) : 0;

		s->seconds[s->members[i].at] = held;
		rest -= held;
	}
	if (taker == s->count) {
		if (rest > 0)
			append_supplement(s, rest);
		return;
	}
	s->seconds[s->members[taker].at] = rest;
	if (taker > 0 && !entry_kept(member_entry(s, taker)) && say_what_root_says(member_entry(s, taker), member_entry(s, 0)))
		s->changed[s->members[taker].at] = true;
}

static void
set_drift(const struct sharing *s, size_t i, int64_t drift_seconds)
{
	struct entry_row *entry = member_entry(s, i);

	if (entry->drift_seconds != drift_seconds)
		s->changed[s->members[i].at] = true;
	entry->drift_seconds = drift_seconds;
}

/* Told by the first one that is confirmed. What an open root has more than its confirmed supplements is no drift: it is its own. */
static void
set_drifts(const struct sharing *s)
{
	int64_t drift = s->recorded - s->frozen;

	if (member_entry(s, 0)->status != ENTRY_SUBMITTED)
		drift = MIN_OF(drift, (int64_t)0);
	for (size_t i = 0; i < s->count; i++) {
		bool tells = member_entry(s, i)->status == ENTRY_SUBMITTED;

		set_drift(s, i, tells ? drift : 0);
		drift = tells ? 0 : drift;
	}
}

void
supplements_share(struct entry_list *day, int64_t now_ms, int64_t **seconds, bool **changed)
{
	_cleanup_(families_release) struct families f = families_of(day);
	struct sharing s = {.day = day, .now_ms = now_ms, .seconds = *seconds, .changed = *changed};

	for (size_t i = 0; i < f.count; i += s.count) {
		s.members = &f.members[i];
		s.count = family_size(&f, i);
		s.recorded = s.frozen = 0;
		for (size_t k = 0; k < s.count; k++) {
			const struct entry_row *entry = member_entry(&s, k);

			s.recorded += s.seconds[s.members[k].at];
			s.frozen += entry->status == ENTRY_SUBMITTED ? entry->frozen_seconds : 0;
		}
		set_drifts(&s);
		divide(&s);
	}
	*seconds = s.seconds;
	*changed = s.changed;
}

/* --- looking ------------------------------------------------------------------------------------------------------------- */

void
supplements_before(const struct entry_list *day, int64_t *ret_before)
{
	_cleanup_(families_release) struct families f = families_of(day);

	memset(ret_before, 0, day->count * sizeof *ret_before);
	for (size_t i = 0, n; i < f.count; i += n) {
		int64_t billed = 0;

		n = family_size(&f, i);
		for (size_t k = 0; k < n; k++) {
			const struct entry_row *entry = &day->rows[f.members[i + k].at];

			billed += entry->status == ENTRY_SUBMITTED ? entry->frozen_seconds : 0;
		}
		for (size_t k = 0; k < n; k++) {
			const struct entry_row *entry = &day->rows[f.members[i + k].at];

			ret_before[f.members[i + k].at] = billed;
			billed += entry->status == ENTRY_PENDING ? entry->total_seconds : 0;
		}
	}
}

void
supplements_confirmed_before(const struct entry_list *day, int64_t *ret_before)
{
	_cleanup_(families_release) struct families f = families_of(day);
	int64_t seconds = 0;

	memset(ret_before, 0, day->count * sizeof *ret_before);
	for (size_t i = 0; i < f.count; i++) {
		const struct entry_row *entry = &day->rows[f.members[i].at];

		if (i == 0 || f.members[i].root != f.members[i - 1].root)
			seconds = 0;
		ret_before[f.members[i].at] = seconds;
		seconds += entry->status == ENTRY_SUBMITTED ? MAX_OF(entry->frozen_seconds, (int64_t)0) : 0;
	}
}

void
supplements_kept(const struct entry_list *day, bool *ret_kept)
{
	_cleanup_(families_release) struct families f = families_of(day);

	for (size_t at = 0; at < day->count; at++)
		ret_kept[at] = entry_kept(&day->rows[at]);
	for (size_t i = 0, n; i < f.count; i += n) {
		n = family_size(&f, i);
		for (size_t k = 1; k < n; k++)
			ret_kept[f.members[i].at] |= ret_kept[f.members[i + k].at];
	}
}
