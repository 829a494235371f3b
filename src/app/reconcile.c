/* SPDX-License-Identifier: Apache-2.0 */
#include "app/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/utf8.h"

#define TEXT_SHOWN_MAX ((size_t)4096)

void
reconcile_decision_release(struct reconcile_decision *decision)
{
	free(decision->evidence);
	*decision = (struct reconcile_decision){0};
}

/* --- how two entries differ ------------------------------------------------------------------------------------------------ */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Systems trim texts and fold their blanks; nothing else is overlooked. */
static bool
same_words(const char *a, const char *b)
{
	for (;;) {
		bool parted_a = is_blank(*a), parted_b = is_blank(*b);

		while (is_blank(*a))
			a++;
		while (is_blank(*b))
			b++;
		if (*a == '\0' || *b == '\0')
			return *a == *b;
		if (*a != *b || parted_a != parted_b)
			return false;
		a++;
		b++;
	}
}

static const char *
skip_blanks(const char *text)
{
	while (text != NULL && is_blank(*text))
		text++;
	return text;
}

static bool
same_text(const char *ours, const char *theirs)
{
	return theirs == NULL || same_words(skip_blanks(ours != NULL ? ours : ""), skip_blanks(theirs));
}

static void
put_clean(struct json *j, const char *name, const char *text)
{
	struct buf clean = BUF_INIT(TEXT_SHOWN_MAX * 3);
	uint32_t replaced = 0;

	if (text == NULL) {
		json_null(j, name);
		return;
	}
	(void)utf8_add_clean(&clean, str_of(text), TEXT_SHOWN_MAX, &replaced);
	json_str(j, name, buf_str(&clean));
	buf_release(&clean);
}

static void
put_number(struct json *j, const char *name, int64_t number)
{
	if (number == ALP_ABSENT)
		json_null(j, name);
	else
		json_int(j, name, number);
}

struct number_field {
	const char *name;
	int64_t ours, theirs;
};

#define NUMBER_FIELDS 6

/* A number that we did not say is ALP's to choose. */
static void
numbers_of(const struct post_fields *ours, const struct alp_entry *theirs, struct number_field ret_fields[NUMBER_FIELDS])
{
	const struct number_field fields[NUMBER_FIELDS] = {
	    {"units", ours->units, theirs->units},
	    {"gst_type", ours->gst_type, theirs->gst_type},
	    {"rate", ours->rate, theirs->rate},
	    {"billable_type", ours->billable_type, theirs->billable_type},
	    {"matter_component_id", ours->component_id, theirs->component_id},
	    {"user_id", ours->user_id, theirs->user_id},
	};

	memcpy(ret_fields, fields, sizeof fields);
}

static bool
number_differs(const struct number_field *f)
{
	return f->ours != POST_NONE && f->theirs != ALP_ABSENT && f->ours != f->theirs;
}

static void
begin_difference(struct json *j, const char *field)
{
	json_open(j, NULL, '{');
	json_text(j, "field", field);
}

static size_t
put_differences(struct json *j, const struct post_fields *ours, const struct alp_entry *theirs)
{
	struct number_field fields[NUMBER_FIELDS];
	size_t count = 0;

	numbers_of(ours, theirs, fields);
	for (size_t i = 0; i < NUMBER_FIELDS; i++) {
		if (!number_differs(&fields[i]))
			continue;
		begin_difference(j, fields[i].name);
		json_int(j, "ours", fields[i].ours);
		json_int(j, "alp", fields[i].theirs);
		json_close(j, '}');
		count++;
	}
	if (theirs->day >= 0 && theirs->day != ours->day) {
		begin_difference(j, "date");
		json_day(j, "ours", ours->day);
		json_day(j, "alp", theirs->day);
		json_close(j, '}');
		count++;
	}
	if (!same_text(ours->description, theirs->description)) {
		begin_difference(j, "description");
		put_clean(j, "ours", ours->description);
		put_clean(j, "alp", theirs->description);
		json_close(j, '}');
		count++;
	}
	return count;
}

char *
post_differences(const struct post_fields *ours, const struct alp_entry *theirs)
{
	struct json j = JSON_INIT;
	size_t count;

	json_open(&j, NULL, '[');
	count = put_differences(&j, ours, theirs);
	json_close(&j, ']');
	if (count > 0)
		return buf_take(&j.b, NULL);
	buf_release(&j.b);
	return NULL;
}

bool
alp_entry_is_whole(const struct alp_entry *entry)
{
	return entry->units != ALP_ABSENT && entry->gst_type != ALP_ABSENT && entry->rate != ALP_ABSENT && entry->component_id != ALP_ABSENT &&
	       entry->day >= 0 && entry->description != NULL;
}

/* --- evidence -------------------------------------------------------------------------------------------------------------- */

static void
put_candidate(struct json *j, const struct post_fields *ours, const struct alp_entry *e)
{
	json_open(j, NULL, '{');
	put_clean(j, "alp_entry_id", e->id);
	json_day(j, "date", e->day);
	put_number(j, "units", e->units);
	put_number(j, "gst_type", e->gst_type);
	put_number(j, "matter_component_id", e->component_id);
	put_clean(j, "description", e->description);
	put_clean(j, "reference", e->reference[0] != '\0' ? e->reference : NULL);
	json_open(j, "differences", '[');
	(void)put_differences(j, ours, e);
	json_close(j, ']');
	json_close(j, '}');
}

/* shown: NULL: none. */
static char *
evidence_of(const struct reconcile_input *in, const bool *shown, size_t count)
{
	const size_t listed = in->listed != NULL && shown != NULL ? in->listed->count : 0;
	struct json j = JSON_INIT;
	size_t told = 0;

	json_open(&j, NULL, '{');
	json_int(&j, "candidate_count", (int64_t)count);
	json_boolean(&j, "listing_complete", in->complete);
	json_boolean(&j, "listed_before_sending", in->preimage != NULL);
	json_int(&j, "others_unsettled", in->rivals);
	json_open(&j, "candidates", '[');
	for (size_t i = 0; i < listed && told < RECONCILE_SHOWN_MAX; i++)
		if (shown[i]) {
			put_candidate(&j, in->ours, &in->listed->rows[i]);
			told++;
		}
	json_close(&j, ']');
	json_close(&j, '}');
	return buf_take(&j.b, NULL);
}

/* --- the decision ----------------------------------------------------------------------------------------------------------- */

static struct reconcile_decision
decide(enum reconcile_verdict verdict, const char *code)
{
	return (struct reconcile_decision){.verdict = verdict, .code = code};
}

static bool
has_reference(const struct reconcile_input *in, const struct alp_entry *e)
{
	char mark[POST_MARK_MAX];

	if (e->reference[0] != '\0' && strcmp(e->reference, in->reference) == 0)
		return true;
	if (!in->in_notes || e->notes == NULL)
		return false;
	post_mark(in->reference, mark);
	return strstr(e->notes, mark) != NULL;
}

bool
of_lane(const struct alp_entry *entry, int64_t component_id, day_t from, day_t to)
{
	return (entry->component_id == component_id || entry->component_id == ALP_ABSENT) &&
	       (entry->day < 0 || (entry->day >= from && entry->day <= to));
}

/* Whatever else stands where a reference should may be ALP's own, or what it made of ours. */
static bool
bears_another(const struct reconcile_input *in, const struct alp_entry *e)
{
	return post_is_reference(e->reference) && strcmp(e->reference, in->reference) != 0;
}

/* Cut off after the first of its letters behind the number, in other letters, or with words around it. */
static bool
bears_changed(const struct reconcile_input *in, const struct alp_entry *e)
{
	size_t len = strlen(e->reference), number = strcspn(in->reference, "-") + 1;

	return len > 0 && (strcasestr(e->reference, in->reference) != NULL || (len > number && strncasecmp(e->reference, in->reference, len) == 0));
}

/* New since it was sent, nobody's, and without the reference of another one. */
static bool
could_be_ours(const struct reconcile_input *in, size_t at)
{
	const struct alp_entry *e = &in->listed->rows[at];

	return !in->taken[at] && !bears_another(in, e) && !ids_have(in->preimage, e->id);
}

static bool
has_our_words(const struct post_fields *ours, const struct alp_entry *e)
{
	return e->description != NULL && same_text(ours->description, e->description);
}

static bool
says_the_same(const struct post_fields *ours, const struct alp_entry *e)
{
	return (e->units == ALP_ABSENT || e->units == ours->units) &&
	       (ours->gst_type == POST_NONE || e->gst_type == ALP_ABSENT || e->gst_type == ours->gst_type) &&
	       has_our_words(ours, e);
}

struct found {
	size_t count, at;
	bool *which;
};

static void
found_release(struct found *found)
{
	free(found->which);
}

static void
add_found(struct found *found, size_t at)
{
	found->which[at] = true;
	found->at = at;
	found->count++;
}

static struct found
find(const struct reconcile_input *in, bool (*wanted)(const struct reconcile_input *in, size_t at))
{
	struct found found = {.which = xcalloc(in->listed->count + 1, sizeof *found.which)};

	for (size_t i = 0; i < in->listed->count; i++)
		if (wanted(in, i))
			add_found(&found, i);
	return found;
}

static bool
bears_reference(const struct reconcile_input *in, size_t at)
{
	return !in->taken[at] && has_reference(in, &in->listed->rows[at]);
}

static bool
is_candidate(const struct reconcile_input *in, size_t at)
{
	return of_lane(&in->listed->rows[at], in->ours->component_id, in->ours->day, in->ours->day) && could_be_ours(in, at);
}

/* ALP may have put it on a day beside its own, and rounded it besides: that is no reason to send it again. */
static bool
is_near(const struct reconcile_input *in, size_t at)
{
	const struct alp_entry *e = &in->listed->rows[at];

	return of_lane(e, in->ours->component_id, in->ours->day - 1, in->ours->day + 1) && e->day != in->ours->day && could_be_ours(in, at) &&
	       has_our_words(in->ours, e);
}

static struct reconcile_decision
for_person(const struct reconcile_input *in, const char *code, const struct found *found)
{
	struct reconcile_decision d = decide(RECONCILE_PERSON, code);

	d.evidence = evidence_of(in, found->which, found->count);
	return d;
}

static struct reconcile_decision
by_candidates(const struct reconcile_input *in, const struct found *found)
{
	struct reconcile_decision d = decide(RECONCILE_ADOPT, "found_by_contents");

	if (found->count > 1)
		return for_person(in, "several_candidates", found);
	if (in->preimage == NULL)
		return for_person(in, "not_listed_before", found);
	/* They may settle. */
	if (in->rivals > 0)
		return in->last ? for_person(in, "others_unsettled", found) : decide(RECONCILE_AGAIN, "others_unsettled");
	if (!says_the_same(in->ours, &in->listed->rows[found->at]))
		return for_person(in, "candidate_differs", found);
	d.at = found->at;
	return d;
}

static struct reconcile_decision
nothing_found(const struct reconcile_input *in)
{
	const struct found none = {0};

	if (!in->complete)
		return decide(RECONCILE_AGAIN, "listing_incomplete");
	if (!in->last)
		return decide(RECONCILE_AGAIN, "not_seen_yet");
	if (in->misses)
		return for_person(in, "listing_misses_others", &none);
	if (in->refused)
		return decide(RECONCILE_REJECT, "not_there");
	if (in->made)
		return for_person(in, "made_but_not_found", &none);
	if (!in->can.lists_fresh)
		return for_person(in, "fresh_entries_not_listed", &none);
	return decide(RECONCILE_RESEND, "not_there");
}

static bool
is_same_without_reference(const struct reconcile_input *in, size_t at)
{
	const struct alp_entry *e = &in->listed->rows[at];

	return of_lane(e, in->ours->component_id, in->ours->day - 1, in->ours->day + 1) && could_be_ours(in, at) &&
	       (says_the_same(in->ours, e) || bears_changed(in, e));
}

/* An entry like ours that bears no reference, or something like it: perhaps ALP does not keep them after all. */
static struct reconcile_decision
reference_missing(const struct reconcile_input *in)
{
	_cleanup_(found_release) struct found same = find(in, is_same_without_reference);

	/* Ours may come to light yet. */
	return same.count > 0 && in->last ? for_person(in, "same_without_reference", &same) : nothing_found(in);
}

/* Contents decide only where ALP keeps no reference, and on a complete listing: who sees half of it sees one of two. */
static struct reconcile_decision
without_reference(const struct reconcile_input *in)
{
	_cleanup_(found_release) struct found candidates = find(in, is_candidate), near = {0};

	if (!in->complete)
		return nothing_found(in);
	if (in->can.keeps_reference)
		return reference_missing(in);
	if (candidates.count > 0)
		return by_candidates(in, &candidates);
	near = find(in, is_near);
	if (near.count > 0)
		return for_person(in, "on_another_day", &near);
	return nothing_found(in);
}

struct reconcile_decision
reconcile(const struct reconcile_input *in)
{
	const struct found none = {0};
	struct reconcile_decision d = decide(RECONCILE_ADOPT, "found_by_reference");
	_cleanup_(found_release) struct found found = {0};

	if (in->listed == NULL)
		return for_person(in, "cannot_be_listed", &none);
	found = find(in, bears_reference);
	if (found.count > 1)
		return for_person(in, "several_with_reference", &found);
	if (found.count == 0)
		return without_reference(in);
	d.at = found.at;
	return d;
}

/* --- after a restore -------------------------------------------------------------------------------------------------------- */

/* A reference does not rule it out here: the posting that has it may be lost. */
static bool
may_be_lost_one(const struct reconcile_input *in, size_t at)
{
	const struct alp_entry *e = &in->listed->rows[at];

	if (in->taken[at] || e->state == ALP_ENTRY_DELETED || ids_have(in->preimage, e->id))
		return false;
	if (of_lane(e, in->ours->component_id, in->ours->day, in->ours->day))
		return true;
	return e->day >= in->ours->day - 1 && e->day <= in->ours->day + 1 && has_our_words(in->ours, e);
}

struct reconcile_decision
reconcile_restored(const struct reconcile_input *in)
{
	const struct found none = {0};
	struct reconcile_decision d = decide(RECONCILE_ADOPT, "found_by_reference");
	_cleanup_(found_release) struct found own = {0}, others = {0};

	if (in->listed == NULL)
		return for_person(in, RECONCILE_RESTORED, &none);
	own = find(in, bears_reference);
	if (own.count > 1)
		return for_person(in, "several_with_reference", &own);
	if (own.count == 1) {
		d.at = own.at;
		return d;
	}
	others = find(in, may_be_lost_one);
	return others.count > 0 ? for_person(in, RECONCILE_RESTORED, &others) : decide(RECONCILE_RESEND, "not_there");
}
