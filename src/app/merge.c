/* SPDX-License-Identifier: Apache-2.0 */
#include "app/merge.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/alloc.h"

#define HASH_BYTES 16

struct by_id {
	int64_t entry_id;
	size_t at;
	UT_hash_handle hh;
};

struct by_hash {
	char source_hash[SOURCE_HASH_TEXT_MAX];
	size_t at;
	UT_hash_handle hh;
};

struct index {
	struct by_id *ids;
	struct by_hash *hashes;
	size_t entries_room;
};

static void
add_part(crypto_generichash_state *state, const void *bytes, size_t len)
{
	uint64_t prefix = len;

	/* Lengths in front, so that no two different lists of parts run together into the same bytes. */
	crypto_generichash_update(state, (const unsigned char *)&prefix, sizeof prefix);
	crypto_generichash_update(state, bytes, len);
}

void
entry_source_hash(int64_t alp_user_id, day_t day, struct str application, struct str task, char ret_hash[SOURCE_HASH_TEXT_MAX])
{
	unsigned char digest[HASH_BYTES];
	crypto_generichash_state state;

	crypto_generichash_init(&state, NULL, 0, sizeof digest);
	add_part(&state, &alp_user_id, sizeof alp_user_id);
	add_part(&state, &day, sizeof day);
	add_part(&state, application.p, application.len);
	add_part(&state, task.p, task.len);
	crypto_generichash_final(&state, digest, sizeof digest);
	sodium_bin2hex(ret_hash, SOURCE_HASH_TEXT_MAX, digest, sizeof digest);
}

int64_t
entry_units_tenths(const struct entry_row *entry)
{
	return entry->person_units_tenths >= 0 ? entry->person_units_tenths : entry->units_tenths;
}

void
entry_settle(struct entry_row *entry)
{
	bool touched = entry_touched(entry);

	entry->rows_vanished = touched && entry->total_seconds == 0;
	if (entry->status == ENTRY_PENDING && entry->total_seconds == 0 && !touched)
		entry->status = ENTRY_WITHDRAWN;
	else if (entry->status == ENTRY_WITHDRAWN && (entry->total_seconds > 0 || touched))
		entry->status = ENTRY_PENDING;
}

/* Keeps its rows whatever the rules say. */
static bool
is_kept_by_a_person(const struct entry_row *entry)
{
	return entry->status == ENTRY_IGNORED || entry->status == ENTRY_SUBMITTED || entry_touched(entry);
}

static void
index_add(struct index *index, const struct entry_row *entry, size_t at)
{
	struct by_hash *hash = xcalloc(1, sizeof *hash);

	memcpy(hash->source_hash, entry->source_hash, sizeof hash->source_hash);
	hash->at = at;
	HASH_ADD_STR(index->hashes, source_hash, hash);
	if (entry->entry_id != 0) {
		struct by_id *id = xcalloc(1, sizeof *id);

		id->entry_id = entry->entry_id;
		id->at = at;
		HASH_ADD(hh, index->ids, entry_id, sizeof id->entry_id, id);
	}
}

static void
index_release(struct index *index)
{
	struct by_id *id, *next_id;
	struct by_hash *hash, *next_hash;

	HASH_ITER(hh, index->ids, id, next_id) {
		HASH_DEL(index->ids, id);
		free(id);
	}
	HASH_ITER(hh, index->hashes, hash, next_hash) {
		HASH_DEL(index->hashes, hash);
		free(hash);
	}
}

static size_t
entry_of_id(const struct index *index, int64_t entry_id)
{
	struct by_id *id = NULL;

	HASH_FIND(hh, index->ids, &entry_id, sizeof entry_id, id);
	return id != NULL ? id->at : MERGE_NO_ENTRY;
}

static size_t
append_entry(struct merge *m, struct index *index, const char *source_hash, const struct row_view *verdict)
{
	size_t at = m->entries->count++;
	struct entry_row *entry;

	if (at >= index->entries_room) {
		index->entries_room = MAX_OF(at * 2, (size_t)32);
		m->entries->rows = xreallocarray(m->entries->rows, index->entries_room, sizeof *m->entries->rows);
		m->entry_changed = xreallocarray(m->entry_changed, index->entries_room, sizeof *m->entry_changed);
	}
	entry = &m->entries->rows[at];
	*entry = ENTRY_ROW_INIT;
	entry->alp_user_id = m->alp_user_id;
	entry->day = m->day;
	entry->status = ENTRY_PENDING;
	memcpy(entry->source_hash, source_hash, sizeof entry->source_hash);
	entry->application = xstrndup(verdict->activity.p, verdict->activity.len);
	entry->task_description = xstrndup(verdict->task.p, verdict->task.len);
	entry->created_ms = m->now_ms;
	m->entry_changed[at] = true;
	index_add(index, entry, at);
	return at;
}

/* The entry that the verdict's task names, made if there is none. */
static size_t
entry_of_task(struct merge *m, struct index *index, const struct row_view *verdict)
{
	char source_hash[SOURCE_HASH_TEXT_MAX];
	struct by_hash *hash = NULL;

	entry_source_hash(m->alp_user_id, m->day, verdict->activity, verdict->task, source_hash);
	HASH_FIND_STR(index->hashes, source_hash, hash);
	return hash != NULL ? hash->at : append_entry(m, index, source_hash, verdict);
}

static bool
text_is(const char *have, struct str want)
{
	return str_eq(str_of(have), want);
}

static void
set_text(char **field, struct str want)
{
	free(*field);
	*field = want.len > 0 ? xstrndup(want.p, want.len) : NULL;
}

/* What the rules found out about an entry beside its time. Every row of one task carries the same, so the last one may win. */
static void
take_evidence(struct merge *m, size_t at, const struct row_view *verdict)
{
	struct entry_row *entry = &m->entries->rows[at];
	bool same = text_is(entry->matter_code, verdict->matter) && text_is(entry->matter_rule, verdict->rule) &&
		    strcmp(entry->rules_version, m->rules_version) == 0;

	if (same || entry->status == ENTRY_SUBMITTED)
		return;
	set_text(&entry->matter_code, verdict->matter);
	set_text(&entry->matter_rule, verdict->rule);
	strncpy(entry->rules_version, m->rules_version, sizeof entry->rules_version - 1);
	m->entry_changed[at] = true;
}

static void
assign(struct merge *m, size_t i, size_t at, struct str rule)
{
	struct activity_row *row = &m->rows->rows[i];
	int64_t entry_id = at != MERGE_NO_ENTRY ? m->entries->rows[at].entry_id : 0;
	bool fresh = at != MERGE_NO_ENTRY && entry_id == 0;

	m->row_entry[i] = at;
	if (!fresh && entry_id == row->entry_id && text_is(row->rule, rule))
		return;
	m->row_changed[i] = true;
	row->entry_id = entry_id;
	set_text(&row->rule, rule);
}

static int
place_row(struct merge *m, struct index *index, size_t i)
{
	struct activity_row *row = &m->rows->rows[i];
	size_t current = row->entry_id != 0 ? entry_of_id(index, row->entry_id) : MERGE_NO_ENTRY;
	struct row_view verdict;

	m->row_entry[i] = current;
	if (m->verdicts == NULL)
		return 0;
	verdict = rowset_row(m->verdicts, i);
	if (!text_is(row->activity, verdict.activity) || !text_is(row->document, verdict.document))
		return -EBADMSG;
	if (current != MERGE_NO_ENTRY && is_kept_by_a_person(&m->entries->rows[current]))
		return 0;
	if (verdict.task.len == 0) {
		if (verdict.rule.len == 0)
			return -EBADMSG;
		assign(m, i, MERGE_NO_ENTRY, verdict.rule);
		return 0;
	}
	current = entry_of_task(m, index, &verdict);
	assign(m, i, current, STR_NONE);
	take_evidence(m, current, &verdict);
	return 0;
}

/* Sets an entry's time and units from its rows. Runs on every entry of the day; the ones that stay the same are left alone. */
static void
settle_entry(struct merge *m, size_t at, int64_t seconds)
{
	struct entry_row *entry = &m->entries->rows[at];
	int64_t units = units_tenths(m->units, seconds);
	enum entry_status status = entry->status;
	bool vanished = entry->rows_vanished;
	bool repriced = m->verdicts != NULL && (units != entry->units_tenths || entry->rounding != (int32_t)m->units.rounding ||
						   entry->minimum_tenths != m->units.minimum_tenths);

	if (entry->status == ENTRY_SUBMITTED)
		return;
	if (seconds != entry->total_seconds || repriced) {
		entry->total_seconds = seconds;
		entry->units_tenths = units;
		entry->rounding = (int32_t)m->units.rounding;
		entry->minimum_tenths = m->units.minimum_tenths;
		m->entry_changed[at] = true;
	}
	entry_settle(entry);
	if (entry->status != status || entry->rows_vanished != vanished)
		m->entry_changed[at] = true;
}

static void
settle_entries(struct merge *m)
{
	_cleanup_free_ int64_t *seconds = xcalloc(m->entries->count, sizeof *seconds);

	for (size_t i = 0; i < m->rows->count; i++)
		if (m->row_entry[i] != MERGE_NO_ENTRY)
			seconds[m->row_entry[i]] += m->rows->rows[i].seconds;
	for (size_t at = 0; at < m->entries->count; at++) {
		settle_entry(m, at, seconds[at]);
		if (m->entry_changed[at])
			m->entries->rows[at].updated_ms = m->now_ms;
	}
}

int
merge_day(struct merge *m)
{
	struct index index = {.entries_room = m->entries->count};
	int r = 0;

	if (m->verdicts != NULL && rowset_count(m->verdicts) != m->rows->count)
		return -EBADMSG;
	m->row_changed = xcalloc(m->rows->count, sizeof *m->row_changed);
	m->row_entry = xcalloc(m->rows->count, sizeof *m->row_entry);
	m->entry_changed = xcalloc(m->entries->count, sizeof *m->entry_changed);
	for (size_t at = 0; at < m->entries->count; at++)
		index_add(&index, &m->entries->rows[at], at);
	for (size_t i = 0; i < m->rows->count && r == 0; i++)
		r = place_row(m, &index, i);
	if (r == 0)
		settle_entries(m);
	index_release(&index);
	return r;
}

void
merge_release(struct merge *m)
{
	free(m->row_changed);
	free(m->row_entry);
	free(m->entry_changed);
	m->row_changed = m->entry_changed = NULL;
	m->row_entry = NULL;
}
