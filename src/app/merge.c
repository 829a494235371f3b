/* SPDX-License-Identifier: Apache-2.0 */
#include "app/merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/import_match.h"
#include "app/settle.h"
#include "app/supplement.h"
#include "base/alloc.h"
#include "base/hash.h"
#include "rules/rule_places.h"

/* A rules file has fewer rules (ruleset_file.h); whoever sums up what was dropped looks through those that dropped something. */
#define DROP_RULES_MAX 2048
/* What the entries of a day say altogether. A rowset has a word once, however many rows say it; each entry has its own. An answer of
 * 8 MB cannot come to as much. */
#define WORDS_MAX      ((size_t)64 * 1024 * 1024)

/* The entry that rows of one group become, and what is said of it. */
struct group {
	struct row_view verdict; /* its first row's; without a group: there was none */
	size_t at;               /* in the list of entries, or MERGE_NO_ENTRY */
};

/* Open addressing: number + 1, or 0. */
struct table {
	uint32_t *slots;
	size_t mask;
};

struct index {
	const struct group_names *names; /* NULL: no verdicts */
	struct group_names *own;         /* those, if nobody had made them */
	struct group *groups;            /* by the number of the name */
	size_t words;          /* bytes of what is said of all groups */
	struct table by_hash;  /* of entries, by source_hash */
	struct table by_rule;  /* of rows, by the rule that dropped them: the first of each */
	size_t drop_rules;
	size_t known;          /* entries that were there before the merge, by entry_id */
	size_t entries_room;
	bool *kept;            /* of those that were there: its rows stay with it */
	size_t imported;       /* how many of those came out of the prototype's database */
};

static void
table_init(struct table *t, size_t count_max)
{
	size_t room = 16;

	while (room < count_max * 2)
		room *= 2;
	t->slots = xcalloc(room, sizeof *t->slots);
	t->mask = room - 1;
}

static uint32_t *
slot_of_hash(const struct index *index, const struct entry_list *entries, const char *source_hash)
{
	size_t i = source_hash_key(source_hash) & index->by_hash.mask;

	while (index->by_hash.slots[i] != 0 && strcmp(entries->rows[index->by_hash.slots[i] - 1].source_hash, source_hash) != 0)
		i = (i + 1) & index->by_hash.mask;
	return &index->by_hash.slots[i];
}

static void
index_init(struct index *index, const struct merge *m)
{
	size_t rows = m->verdicts != NULL ? m->rows->count : 0;

	index->known = index->entries_room = m->entries->count;
	if (m->verdicts != NULL && m->names == NULL)
		index->own = group_names_new(m->alp_user_id, m->day, m->verdicts);
	index->names = m->names != NULL ? m->names : index->own;
	index->groups = xcalloc(index->names != NULL ? group_names_count(index->names) : 0, sizeof *index->groups);
	table_init(&index->by_rule, MIN_OF(rows, (size_t)DROP_RULES_MAX));
	index->kept = xcalloc(index->known, sizeof *index->kept);
	supplements_kept(m->entries, index->kept);
	for (size_t at = 0; at < index->known; at++)
		index->imported += entry_is_imported(&m->entries->rows[at]);
	table_init(&index->by_hash, m->verdicts != NULL ? index->known : 0);
	for (size_t at = 0; at < index->known && m->verdicts != NULL; at++)
		*slot_of_hash(index, m->entries, m->entries->rows[at].source_hash) = (uint32_t)at + 1;
}

static void
index_release(struct index *index)
{
	free(index->kept);
	free(index->groups);
	group_names_free(index->own);
	free(index->by_hash.slots);
	free(index->by_rule.slots);
}

static size_t
entry_of_id(const struct merge *m, const struct index *index, int64_t entry_id)
{
	size_t low = 0, high = index->known;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->entries->rows[middle].entry_id < entry_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < index->known && m->entries->rows[low].entry_id == entry_id ? low : MERGE_NO_ENTRY;
}

static size_t
append_entry(struct merge *m, struct index *index, const char *source_hash)
{
	size_t at = m->entries->count++;
	struct entry_row *entry;

	if (at >= index->entries_room) {
		/* At most one for each row that has none yet. */
		index->entries_room = m->entries->count + m->rows->count;
		m->entries->rows = xreallocarray(m->entries->rows, index->entries_room, sizeof *m->entries->rows);
		m->entry_changed = xreallocarray(m->entry_changed, index->entries_room, sizeof *m->entry_changed);
	}
	entry = &m->entries->rows[at];
	*entry = ENTRY_ROW_INIT;
	entry->alp_user_id = m->alp_user_id;
	entry->day = m->day;
	entry->status = ENTRY_PENDING;
	memcpy(entry->source_hash, source_hash, sizeof entry->source_hash);
	entry->created_ms = m->now_ms;
	m->entry_changed[at] = true;
	return at;
}

static bool
text_is(const char *have, struct str want)
{
	return str_eq(str_of(have), want);
}

/* Of a new entry, instead of set_text(): most that a merge writes are. */
static void
borrow_words(struct entry_row *entry, const struct row_view *verdict)
{
	char **const fields[] = {&entry->application, &entry->task_description, &entry->matter_code, &entry->matter_rule, &entry->matter_evidence};
	const struct str words[] = {verdict->application, verdict->task, verdict->matter, verdict->rule, verdict->evidence};

	for (size_t i = 0; i < ELEMENTSOF(fields); i++)
		*fields[i] = words[i].len > 0 || i < 2 ? (char *)(uintptr_t)words[i].p : NULL;
}

/* True if it was another. `empty` is what stands for an empty text. */
static bool
set_text(char **field, struct str want, const char *empty)
{
	if (*field != NULL && text_is(*field, want))
		return false;
	if (*field == NULL && want.len == 0 && empty == NULL)
		return false;
	free(*field);
	*field = want.len > 0 ? xstrndup(want.p, want.len) : empty != NULL ? xstrdup(empty) : NULL;
	return true;
}

/* What the rules say of an entry that is the machine's alone. */
static void
take_decision(struct merge *m, size_t at, const struct row_view *verdict)
{
	struct entry_row *entry = &m->entries->rows[at];
	bool changed = false;

	if (entry_kept(entry))
		return;
	if (m->borrows && entry->application == NULL) {
		borrow_words(entry, verdict);
	} else {
		changed |= set_text(&entry->application, verdict->application, "");
		changed |= set_text(&entry->task_description, verdict->task, "");
		changed |= set_text(&entry->matter_code, verdict->matter, NULL);
		changed |= set_text(&entry->matter_rule, verdict->rule, NULL);
		changed |= set_text(&entry->matter_evidence, verdict->evidence, NULL);
	}
	if (strcmp(entry->rules_version, m->rules_version) != 0) {
		strncpy(entry->rules_version, m->rules_version, sizeof entry->rules_version - 1);
		changed = true;
	}
	m->entry_changed[at] = m->entry_changed[at] || changed;
}

/* The entry of that name, made if there is none. */
static size_t
entry_of_group(struct merge *m, struct index *index, const struct group *group)
{
	const struct group_name *name = group_names_at(index->names, (size_t)(group - index->groups));
	char source_hash[SOURCE_HASH_TEXT_MAX] = "";
	size_t at = 0;

	group_name_write(name, source_hash);
	if (index->known > 0)
		at = *slot_of_hash(index, m->entries, source_hash);
	at = at > 0 ? at - 1 : append_entry(m, index, source_hash);
	take_decision(m, at, &group->verdict);
	return at;
}

static bool
says_the_same(const struct row_view *a, const struct row_view *b)
{
	return str_eq(a->task, b->task) && str_eq(a->application, b->application) && str_eq(a->matter, b->matter) &&
	       str_eq(a->rule, b->rule) && str_eq(a->evidence, b->evidence);
}

/* -EBADMSG if it says too much. */
static int
group_begin(struct index *index, struct group *group, const struct row_view *verdict)
{
	index->words += verdict->task.len + verdict->application.len + verdict->matter.len + verdict->rule.len + verdict->evidence.len;
	*group = (struct group){.verdict = *verdict, .at = MERGE_NO_ENTRY};
	return index->words > WORDS_MAX ? -EBADMSG : 0;
}

/* The row's group; its entry is not looked for before a row joins it. -EBADMSG if another row says something else of it. */
static int
find_group(struct index *index, size_t i, const struct row_view *verdict, struct group **ret_group)
{
	struct group *group;
	int r = 0;

	/* Supplements are named like this (supplement.c); a key's name, with which groups begin, is not. */
	if (verdict->group.len == 0 || verdict->group.p[0] == '+')
		return -EBADMSG;
	group = &index->groups[group_names_of_row(index->names, i)];
	if (group->verdict.group.len == 0)
		r = group_begin(index, group, verdict);
	if (r < 0)
		return r;
	*ret_group = group;
	return says_the_same(&group->verdict, verdict) ? 0 : -EBADMSG;
}

static void
assign(struct merge *m, size_t i, size_t at, struct str rule)
{
	struct activity_row *row = &m->rows->rows[i];
	int64_t entry_id = at != MERGE_NO_ENTRY ? m->entries->rows[at].entry_id : 0;
	bool fresh = at != MERGE_NO_ENTRY && entry_id == 0;

	m->row_entry[i] = at;
	if (m->borrows && row->rule == NULL && rule.len > 0) {
		row->rule = (char *)(uintptr_t)rule.p;
		m->row_changed[i] = true;
	} else {
		m->row_changed[i] = set_text(&row->rule, rule, NULL) || fresh || entry_id != row->entry_id;
	}
	row->entry_id = entry_id;
}

/* Is the verdict on this row, and one that the rules can have said? */
static int
check_verdict(const struct activity_row *row, const struct row_view *verdict)
{
	/* The very bytes, if the rows are those of the verdicts. */
	const bool same = row->activity == verdict->activity.p && row->document == verdict->document.p;

	if ((!same && (!text_is(row->activity, verdict->activity) || !text_is(row->document, verdict->document))) || verdict->seconds != row->seconds ||
	    verdict->rule.len >= RULE_ID_SIZE)
		return -EBADMSG;
	if (verdict->task.len > 0)
		return 0;
	return verdict->rule.len == 0 || verdict->group.len > 0 ? -EBADMSG : 0;
}

/* A worker that makes up a rule for each row would cost every report of the day the square of them. */
static int
count_drop_rule(struct index *index, const struct rowset *verdicts, size_t i, struct str rule)
{
	size_t at = hash_of(rule) & index->by_rule.mask;

	while (index->by_rule.slots[at] != 0) {
		if (str_eq(rowset_row(verdicts, index->by_rule.slots[at] - 1).rule, rule))
			return 0;
		at = (at + 1) & index->by_rule.mask;
	}
	if (index->drop_rules == DROP_RULES_MAX)
		return -EBADMSG;
	index->drop_rules++;
	index->by_rule.slots[at] = (uint32_t)i + 1;
	return 0;
}

/* The entry that has that work already, in whatever words today's rules put it: else it would be billed twice. One that was submitted and lacks rows
 * of its own takes those that have its words, too. MERGE_NO_ENTRY: none has. */
static size_t
imported_entry(const struct merge *m, const struct index *index, const struct row_view *verdict)
{
	for (size_t at = 0; at < index->known && index->imported > 0; at++) {
		const struct entry_row *entry = &m->entries->rows[at];

		if (!entry_is_imported(entry) || !index->kept[at] || !text_is(entry->application, verdict->activity))
			continue;
		if (text_is(entry->task_description, verdict->task) || text_is(entry->task_description, verdict->document) ||
		    (entry->drift_seconds < 0 && import_is_in(entry->task_description, verdict->document)))
			return at;
	}
	return MERGE_NO_ENTRY;
}

static int
place_row(struct merge *m, struct index *index, size_t i)
{
	const struct activity_row *row = &m->rows->rows[i];
	size_t current = row->entry_id != 0 ? entry_of_id(m, index, row->entry_id) : MERGE_NO_ENTRY;
	struct group *group = NULL;
	struct row_view verdict;
	int r;

	m->row_entry[i] = current;
	if (m->verdicts == NULL)
		return 0;
	verdict = rowset_row(m->verdicts, i);
	r = check_verdict(row, &verdict);
	if (r == 0 && verdict.task.len > 0)
		r = find_group(index, i, &verdict, &group);
	else if (r == 0)
		r = count_drop_rule(index, m->verdicts, i, verdict.rule);
	if (r < 0 || (current != MERGE_NO_ENTRY && index->kept[current]))
		return r;
	current = imported_entry(m, index, &verdict);
	if (group == NULL || current != MERGE_NO_ENTRY) {
		assign(m, i, current, current == MERGE_NO_ENTRY ? verdict.rule : STR_NONE);
		return 0;
	}
	if (group->at == MERGE_NO_ENTRY)
		group->at = entry_of_group(m, index, group);
	assign(m, i, group->at, STR_NONE);
	return 0;
}

static void
settle_entries(struct merge *m)
{
	_cleanup_free_ int64_t *seconds = xcalloc(m->entries->count, sizeof *seconds);

	for (size_t i = 0; i < m->rows->count; i++)
		if (m->row_entry[i] != MERGE_NO_ENTRY)
			seconds[m->row_entry[i]] += m->rows->rows[i].seconds;
	settle_times(&m->units, m->now_ms, m->entries, &seconds, &m->entry_changed);
	for (size_t at = 0; at < m->entries->count; at++)
		if (m->entry_changed[at])
			m->entries->rows[at].updated_ms = m->now_ms;
}

int
merge_day(struct merge *m)
{
	_cleanup_(index_release) struct index index = {0};
	int r = 0;

	if (m->verdicts != NULL && rowset_count(m->verdicts) != m->rows->count)
		return -EBADMSG;
	m->row_changed = xcalloc(m->rows->count, sizeof *m->row_changed);
	m->row_entry = xcalloc(m->rows->count, sizeof *m->row_entry);
	m->entry_changed = xcalloc(m->entries->count, sizeof *m->entry_changed);
	index_init(&index, m);
	for (size_t i = 0; i < m->rows->count && r == 0; i++)
		r = place_row(m, &index, i);
	if (r == 0)
		settle_entries(m);
	return r;
}

static void
give_back(char **field, struct str from)
{
	if ((uintptr_t)*field >= (uintptr_t)from.p && (uintptr_t)*field < (uintptr_t)from.p + from.len)
		*field = NULL;
}

static void
give_words_back(struct merge *m)
{
	const struct str from = rowset_bytes(m->verdicts);

	for (size_t i = 0; i < m->rows->count; i++)
		give_back(&m->rows->rows[i].rule, from);
	for (size_t at = 0; at < m->entries->count; at++) {
		struct entry_row *entry = &m->entries->rows[at];

		give_back(&entry->application, from);
		give_back(&entry->task_description, from);
		give_back(&entry->matter_code, from);
		give_back(&entry->matter_rule, from);
		give_back(&entry->matter_evidence, from);
	}
}

void
merge_release(struct merge *m)
{
	if (m->borrows && m->verdicts != NULL)
		give_words_back(m);
	free(m->row_changed);
	free(m->row_entry);
	free(m->entry_changed);
	m->row_changed = m->entry_changed = NULL;
	m->row_entry = NULL;
}
