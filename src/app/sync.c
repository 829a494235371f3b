/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sync.h"

#include <stdlib.h>
#include <string.h>

#include "app/reconcile.h"
#include "base/macro.h"

#define HOUR_MS       ((int64_t)3600 * 1000)
#define DAY_MS        (24 * HOUR_MS)
#define FRESH_FOR_MS  (2 * DAY_MS)
#define HOURLY_FOR_MS (14 * DAY_MS)
#define MISSED_BELIEVED 2

void
sync_decision_release(struct sync_decision *d)
{
	free(d->differences);
	*d = (struct sync_decision){0};
}

bool
sync_bears_reference(const struct alp_entry *entry, const char *reference, bool in_notes)
{
	char mark[POST_MARK_MAX];

	if (entry->reference[0] != '\0' && strcmp(entry->reference, reference) == 0)
		return true;
	if (!in_notes || entry->notes == NULL)
		return false;
	post_mark(reference, mark);
	return strstr(entry->notes, mark) != NULL;
}

enum posting_alp_state
sync_alp_state(const struct alp_entry *entry, const char *differences, enum posting_alp_state before)
{
	switch (entry->state) {
	case ALP_ENTRY_INVOICED:
		return POSTING_ALP_INVOICED;
	case ALP_ENTRY_WRITTEN_OFF:
		return POSTING_ALP_WRITTEN_OFF;
	case ALP_ENTRY_DELETED:
		return POSTING_ALP_DELETED;
	case ALP_ENTRY_OTHER:
		if (before != POSTING_ALP_NONE)
			return before;
		break;
	case ALP_ENTRY_OPEN:
		break;
	}
	return differences != NULL ? POSTING_ALP_CHANGED : POSTING_ALP_OPEN;
}

/* Of both loops: its own entry, and a living one besides that bears its reference. */
static void
find(const struct sync_input *in, struct sync_decision *d)
{
	bool other = false;

	for (size_t i = 0; i < in->listed->count; i++) {
		const struct alp_entry *e = &in->listed->rows[i];

		if (strcmp(e->id, in->posting->alp_entry_id) == 0) {
			d->seen = true;
			d->at = i;
		} else if (e->state != ALP_ENTRY_DELETED && sync_bears_reference(e, in->posting->reference, in->in_notes)) {
			other = true;
			d->other = i;
		}
	}
	if (other)
		d->look = d->seen && in->listed->rows[d->at].state != ALP_ENTRY_DELETED ? SYNC_TWICE : SYNC_ELSEWHERE;
}

static void
judge_seen(const struct sync_input *in, struct sync_decision *d)
{
	const struct alp_entry *e = &in->listed->rows[d->at];

	d->missed = d->missed_ms = 0;
	d->differences = post_differences(in->ours, e);
	d->strange = e->state == ALP_ENTRY_OTHER;
	if (d->strange)
		return;
	d->alp_state = sync_alp_state(e, d->differences, d->alp_state);
	d->state = e->state == ALP_ENTRY_DELETED ? POSTING_GONE : POSTING_POSTED;
	if (d->state != in->posting->state)
		d->code = d->state == POSTING_GONE ? SYNC_DELETED : SYNC_BACK;
}

static void
judge_missing(const struct sync_input *in, struct sync_decision *d)
{
	const struct posting_row *p = in->posting;

	/* Its time is there under another id, or the listing is older than what we know, or half. */
	if (d->look != NULL || !in->complete || p->state != POSTING_POSTED || in->asked_ms <= MAX_OF(p->posted_ms, p->seen_ms))
		return;
	if (p->missed == 0) {
		d->missed = 1;
		d->missed_ms = in->asked_ms;
		return;
	}
	/* One that comes too soon after the first is no second one. */
	if (in->asked_ms - p->missed_ms < in->missing_ms)
		return;
	d->missed++;
	if (d->missed < MISSED_BELIEVED)
		return;
	d->state = POSTING_GONE;
	d->alp_state = POSTING_ALP_DELETED;
	d->code = SYNC_MISSING;
}

struct sync_decision
sync_decide(const struct sync_input *in)
{
	const struct posting_row *p = in->posting;
	struct sync_decision d = {.state = p->state, .alp_state = p->alp_state, .missed = p->missed, .missed_ms = p->missed_ms};

	find(in, &d);
	if (d.seen)
		judge_seen(in, &d);
	else
		judge_missing(in, &d);
	return d;
}

int64_t
sync_next_ms(const struct sync_options *o, const struct posting_row *p, int64_t now_ms, uint64_t random)
{
	int64_t age_ms = now_ms - p->posted_ms;
	int64_t pause_ms = age_ms < FRESH_FOR_MS ? o->fresh_ms : age_ms < HOURLY_FOR_MS ? MAX_OF(o->fresh_ms, HOUR_MS) : MAX_OF(o->fresh_ms, DAY_MS);

	if (p->state == POSTING_POSTED && p->missed > 0)
		pause_ms = MIN_OF(pause_ms, MAX_OF(p->missed_ms + o->missing_ms - now_ms, (int64_t)0));
	else if (age_ms >= o->keep_ms)
		return INT64_MAX;
	return now_ms + pause_ms + (int64_t)(random % ((uint64_t)pause_ms / 10 + 1));
}
