/* SPDX-License-Identifier: Apache-2.0 */
#include "store/entry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "store/fold.h"
#include "store/sqlite.h"

const char *
entry_status_name(enum entry_status status)
{
	switch (status) {
	case ENTRY_PENDING:
		return "pending";
	case ENTRY_SUBMITTED:
		return "submitted";
	case ENTRY_IGNORED:
		return "ignored";
	case ENTRY_WITHDRAWN:
		return "withdrawn";
	}
	return "unknown";
}

/* Its beginning says as much as the whole: it was chosen by a digest, not by whoever chose what it is of. */
uint64_t
source_hash_key(const char *source_hash)
{
	uint32_t beginning[4] = {0};

	memcpy(beginning, source_hash, strnlen(source_hash, sizeof beginning));
	return hash_of_numbers(beginning, ELEMENTSOF(beginning));
}

void
entry_row_release(struct entry_row *entry)
{
	free(entry->application);
	free(entry->task_description);
	free(entry->matter_code);
	free(entry->matter_rule);
	free(entry->matter_evidence);
	free(entry->machine_values);
	free(entry->person_application);
	free(entry->person_description);
	free(entry->person_matter);
	free(entry->notes);
	for (size_t i = 0; i < entry->suggested_count; i++) {
		free(entry->suggested[i].matter_code);
		free(entry->suggested[i].reason);
	}
	free(entry->suggested);
	free(entry->posting);
	*entry = ENTRY_ROW_INIT;
}

bool
entry_touched(const struct entry_row *entry)
{
	return entry->person_application != NULL || entry->person_description != NULL || entry->person_units_tenths >= 0 || entry->person_matter != NULL ||
	    entry->notes != NULL;
}

bool
entry_kept(const struct entry_row *entry)
{
	return entry->status == ENTRY_IGNORED || entry->status == ENTRY_SUBMITTED || entry->merged_into != 0 || entry_touched(entry);
}

void
entry_list_release(struct entry_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		entry_row_release(&list->rows[i]);
	free(list->rows);
	*list = (struct entry_list){0};
}

/* What an insert and an update write alike, around the columns only one of them has. */
static void
bind_machine(struct query *q, const struct entry_row *entry)
{
	bind_text(q, entry->application);
	bind_text(q, entry->task_description);
	bind_i64(q, entry->total_seconds);
	bind_i64(q, entry->units_tenths);
	bind_text(q, entry->matter_code);
	bind_text(q, entry->matter_rule);
	bind_text(q, entry->matter_evidence);
	bind_i64(q, entry->rounding);
	bind_i64(q, entry->units_per);
	bind_i64(q, entry->minimum_tenths);
	bind_i64(q, entry->verdicts_id);
	bind_text(q, entry->machine_values);
}

static void
bind_person(struct query *q, const struct entry_row *entry)
{
	bind_text(q, entry->person_application);
	bind_text(q, entry->person_description);
	bind_i64(q, entry->person_units_tenths);
	bind_text(q, entry->person_matter);
	bind_text(q, entry->notes);
	bind_i64(q, entry->frozen_seconds);
	bind_i64(q, entry->drift_seconds);
	bind_i64(q, entry->confirmed_ms);
	bind_i64(q, entry->rows_vanished);
	bind_i64(q, entry->created_ms);
	bind_i64(q, entry->updated_ms);
}

int
txn_entry_take_ids(struct txn *txn, int64_t count, int64_t *ret_first)
{
	return counter_take(txn, "entry_id", count, ret_first);
}

/* Which of a list is a row's source; open addressing, index + 1, or 0. */
struct sources {
	const struct entry_list *list;
	uint32_t *slots;
	size_t mask;
};

static uint32_t *
slot_of_source(const struct sources *s, const char *source_hash)
{
	size_t i = source_hash_key(source_hash) & s->mask;

	while (s->slots[i] != 0 && strcmp(s->list->rows[s->slots[i] - 1].source_hash, source_hash) != 0)
		i = (i + 1) & s->mask;
	return &s->slots[i];
}

/* -EEXIST if two of them are of one source. */
static int
sources_init(struct sources *s, const struct entry_list *list, const bool *which)
{
	size_t room = 16;

	while (room < list->count * 2)
		room *= 2;
	*s = (struct sources){.list = list, .slots = xcalloc(room, sizeof *s->slots), .mask = room - 1};
	for (size_t at = 0; at < list->count; at++) {
		uint32_t *slot;

		if (!which[at])
			continue;
		slot = slot_of_source(s, list->rows[at].source_hash);
		if (*slot != 0)
			return -EEXIST;
		*slot = (uint32_t)at + 1;
	}
	return 0;
}

static void
sources_release(struct sources *s)
{
	free(s->slots);
}

/* -EEXIST if an entry of the day has the source of one of these. */
static int
sources_are_new(struct txn *txn, const struct sources *s, const struct entry_row *of)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_SOURCES);
	char source_hash[SOURCE_HASH_TEXT_MAX];
	int r;

	bind_user(&q, of->alp_user_id);
	bind_i64(&q, of->day);
	while ((r = query_step(&q)) > 0) {
		column_text_into(&q, source_hash, sizeof source_hash);
		if (*slot_of_source(s, source_hash) != 0)
			return -EEXIST;
	}
	return r;
}

/* Entries of one day; `of` is one of them. */
static int
check_sources(struct txn *txn, const struct entry_list *list, const bool *which, const struct entry_row *of)
{
	_cleanup_(sources_release) struct sources s = {0};
	int r = sources_init(&s, list, which);

	return r < 0 ? r : sources_are_new(txn, &s, of);
}

static int
insert_one(struct txn *txn, struct entry_row *entry)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_INSERT);
	int r;

	bind_user(&q, entry->alp_user_id);
	bind_i64(&q, entry->day);
	bind_i64(&q, entry->entry_id);
	bind_i64(&q, entry->status);
	bind_text(&q, entry->source_hash);
	bind_i64(&q, entry->supplement_of);
	bind_i64(&q, entry->merged_into);
	bind_machine(&q, entry);
	bind_person(&q, entry);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_entry_insert(struct txn *txn, struct entry_row *entry)
{
	const int64_t given = entry->entry_id;
	const bool which = true;
	int r = check_sources(txn, &(struct entry_list){.rows = entry, .count = 1}, &which, entry);

	if (r == 0 && given == 0)
		r = counter_next(txn, "entry_id", &entry->entry_id);
	if (r == 0)
		r = insert_one(txn, entry);
	if (r < 0)
		entry->entry_id = given;
	else
		entry->revision = 1;
	return r;
}

/* All that ENTRY_INSERT_GIVEN says of every entry, and what it says as of this one. */
static bool
same_but_for_given(const struct entry_row *a, const struct entry_row *first)
{
	return a->alp_user_id == first->alp_user_id && a->day == first->day && a->supplement_of == 0 && a->merged_into == 0 && a->rounding == first->rounding &&
	       a->units_per == first->units_per && a->minimum_tenths == first->minimum_tenths && a->verdicts_id == first->verdicts_id &&
	       a->machine_values == NULL && !entry_touched(a) && a->frozen_seconds == -1 &&
	       a->drift_seconds == 0 && a->confirmed_ms == 0 && !a->rows_vanished && a->created_ms == first->created_ms &&
	       a->updated_ms == first->updated_ms;
}

static int
insert_given(struct txn *txn, const struct entry_list *list, const bool *which, const struct entry_row *first)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_INSERT_GIVEN);
	int r;

	bind_user(&q, first->alp_user_id);
	bind_i64(&q, first->day);
	bind_i64(&q, first->rounding);
	bind_i64(&q, first->units_per);
	bind_i64(&q, first->minimum_tenths);
	bind_i64(&q, first->verdicts_id);
	bind_i64(&q, first->created_ms);
	bind_i64(&q, first->updated_ms);
	txn->given_entries = (struct given_entries){.rows = list->rows, .which = which, .count = list->count};
	r = query_run(&q);
	txn->given_entries = (struct given_entries){0};
	return r < 0 ? r : 0;
}

int
txn_entry_insert_many(struct txn *txn, const struct entry_list *list, const bool *which)
{
	_cleanup_free_ bool *alike = xcalloc(list->count, sizeof *alike);
	struct entry_row *first = NULL;
	int r = 0;

	for (size_t at = 0; at < list->count; at++) {
		if (which[at] && first == NULL)
			first = &list->rows[at];
		alike[at] = which[at] && same_but_for_given(&list->rows[at], first);
	}
	if (first == NULL)
		return 0;
	r = check_sources(txn, list, which, first);
	if (r == 0)
		r = insert_given(txn, list, alike, first);
	for (size_t at = 0; r == 0 && at < list->count; at++) {
		if (which[at] && !alike[at])
			r = insert_one(txn, &list->rows[at]);
		if (which[at])
			list->rows[at].revision = 1;
	}
	return r;
}

int
txn_entry_update(struct txn *txn, struct entry_row *entry)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_UPDATE);
	int r;

	bind_i64(&q, entry->status);
	bind_i64(&q, entry->merged_into);
	bind_machine(&q, entry);
	bind_person(&q, entry);
	bind_user(&q, entry->alp_user_id);
	bind_i64(&q, entry->day);
	bind_i64(&q, entry->entry_id);
	bind_i64(&q, entry->revision);
	r = query_run(&q);
	if (r < 0)
		return r;
	if (r == 0)
		return -ESTALE;
	entry->revision++;
	return 0;
}

int
txn_entry_decided_again(struct txn *txn, int64_t alp_user_id, day_t day, int64_t verdicts_id)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_DECIDED_AGAIN);
	int r;

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	bind_i64(&q, verdicts_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

static void
entry_read(struct query *q, struct entry_row *entry)
{
	*entry = ENTRY_ROW_INIT;
	entry->alp_user_id = column_i64(q);
	entry->day = column_i32(q);
	entry->entry_id = column_i64(q);
	entry->status = (enum entry_status)column_i32(q);
	entry->revision = column_i64(q);
	column_text_into(q, entry->source_hash, sizeof entry->source_hash);
	entry->supplement_of = column_i64(q);
	entry->merged_into = column_i64(q);
	entry->application = column_text(q);
	entry->task_description = column_text(q);
	entry->total_seconds = column_i64(q);
	entry->units_tenths = column_i64(q);
	entry->matter_code = column_text(q);
	entry->matter_rule = column_text(q);
	entry->matter_evidence = column_text(q);
	entry->rounding = column_i32(q);
	entry->units_per = column_i32(q);
	entry->minimum_tenths = column_i32(q);
	entry->verdicts_id = column_i64(q);
	entry->machine_values = column_text(q);
	entry->person_application = column_text(q);
	entry->person_description = column_text(q);
	entry->person_units_tenths = column_i64(q);
	entry->person_matter = column_text(q);
	entry->notes = column_text(q);
	entry->frozen_seconds = column_i64(q);
	entry->drift_seconds = column_i64(q);
	entry->confirmed_ms = column_i64(q);
	entry->rows_vanished = column_bool(q);
	entry->created_ms = column_i64(q);
	entry->updated_ms = column_i64(q);
}

static int
read_rules(struct txn *txn, struct entry_row *entry)
{
	_query_ struct query q = query_begin(txn, ST_VERDICTS_RULES);
	int r;

	bind_user(&q, entry->alp_user_id);
	bind_i64(&q, entry->day);
	bind_i64(&q, entry->verdicts_id);
	r = query_one(&q);
	if (r == 0)
		column_text_into(&q, entry->rules_version, sizeof entry->rules_version);
	return r == -ENOENT ? 0 : r;
}

/* They are those of its verdicts. Entries that are read after each other mostly have the same, and `before` says them; NULL: it is the first. */
static int
add_rules(struct txn *txn, const struct entry_row *before, struct entry_row *entry)
{
	if (entry->verdicts_id == 0)
		return 0;
	if (before == NULL || before->verdicts_id != entry->verdicts_id || before->day != entry->day || before->alp_user_id != entry->alp_user_id)
		return read_rules(txn, entry);
	memcpy(entry->rules_version, before->rules_version, sizeof entry->rules_version);
	return 0;
}

int
txn_entry_get(struct txn *txn, int64_t entry_id, struct entry_row *ret_entry)
{
	_cleanup_(entry_row_release) struct entry_row entry = ENTRY_ROW_INIT;
	_query_ struct query q = query_begin(txn, ST_ENTRY_GET);
	int r;

	bind_i64(&q, entry_id);
	r = query_one(&q);
	if (r < 0)
		return r;
	entry_read(&q, &entry);
	r = add_rules(txn, NULL, &entry);
	if (r < 0)
		return r;
	*ret_entry = entry;
	entry = ENTRY_ROW_INIT;
	return 0;
}

int
txn_entry_supplemented(struct txn *txn, int64_t entry_id)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_SUPPLEMENTED);
	int r;

	bind_i64(&q, entry_id);
	r = query_one(&q);
	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static int
entries_read(struct query *q, struct entry_list *ret_list)
{
	_cleanup_(entry_list_release) struct entry_list list = {0};
	int r;

	while ((r = query_step(q)) > 0) {
		struct entry_row *entry;

		list.rows = array_grow(list.rows, list.count, sizeof *list.rows);
		entry = &list.rows[list.count++];
		entry_read(q, entry);
		r = add_rules(q->txn, list.count > 1 ? entry - 1 : NULL, entry);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	*ret_list = list;
	list = (struct entry_list){0};
	return 0;
}

int
txn_entry_load_day(struct txn *txn, int64_t alp_user_id, day_t day, struct entry_list *ret_list)
{
	_query_ struct query q = query_begin(txn, ST_ENTRY_LOAD_DAY);

	bind_user(&q, alp_user_id);
	bind_i64(&q, day);
	return entries_read(&q, ret_list);
}

int
txn_entry_list(struct txn *txn, const struct entry_filter *filter, struct entry_list *ret_list)
{
	_cleanup_free_ char *folded = filter->text != NULL ? text_fold(filter->text) : NULL;
	_query_ struct query q = query_begin(txn, ST_ENTRY_LIST);
	bool next_page = filter->after_id > 0 && filter->after_day >= filter->from;

	bind_user(&q, filter->alp_user_id);
	bind_i64(&q, next_page ? filter->after_day : filter->from);
	bind_i64(&q, filter->to);
	bind_i64(&q, next_page ? filter->after_id : 0);
	bind_i64(&q, filter->statuses);
	bind_text(&q, filter->matter_code);
	bind_i64(&q, filter->updated_since_ms);
	bind_text(&q, folded);
	bind_i64(&q, filter->limit > 0 ? filter->limit : -1);
	return entries_read(&q, ret_list);
}
