/* SPDX-License-Identifier: Apache-2.0 */
#include "app/proof.h"

#include <string.h>

#include "app/post_body.h"
#include "app/sync.h"
#include "base/json.h"

struct sums {
	const struct proof_input *in;
	day_t day;
	int64_t posted_units, alp_units, differences;
	struct json j;
};

/* theirs, p: NULL: there is none. */
static void
tell(struct sums *s, const char *why, const struct posting_row *p, const struct alp_entry *theirs)
{
	struct json *j = &s->j;

	s->differences++;
	json_open(j, NULL, '{');
	json_text(j, "why", why);
	if (p != NULL) {
		json_int(j, "posting_id", p->posting_id);
		if (p->entry_id != 0)
			json_int(j, "entry_id", p->entry_id);
		else
			json_null(j, "entry_id");
		json_int(j, "posted_units", p->state == POSTING_POSTED ? p->units : 0);
	} else {
		json_null(j, "posting_id");
		json_null(j, "entry_id");
		json_int(j, "posted_units", 0);
	}
	json_text(j, "alp_entry_id", theirs != NULL ? theirs->id : p != NULL && p->alp_entry_id[0] != '\0' ? p->alp_entry_id : NULL);
	if (theirs != NULL && theirs->units != ALP_ABSENT)
		json_int(j, "alp_units", theirs->units);
	else if (theirs != NULL)
		json_null(j, "alp_units");
	else
		json_int(j, "alp_units", 0);
	json_close(j, '}');
}

static bool
is_adopted(const struct posting_row *p, const struct alp_entry *e)
{
	return p->alp_entry_id[0] != '\0' && strcmp(p->alp_entry_id, e->id) == 0;
}

/* Posted before the listing was begun: only then the listing says something of it. */
static bool
is_judged(const struct proof_input *in, const struct posting_row *p)
{
	return p->state == POSTING_POSTED && p->posted_ms < in->asked_ms;
}

static void
take_posted(struct sums *s, const struct posting_row *p)
{
	const struct alp_entry *own = NULL;

	for (size_t i = 0; i < s->in->listed->count; i++)
		if (is_adopted(p, &s->in->listed->rows[i]))
			own = &s->in->listed->rows[i];
	s->posted_units += p->units;
	if (own == NULL || own->state == ALP_ENTRY_DELETED)
		tell(s, own == NULL ? PROOF_MISSING : PROOF_DELETED, p, own);
	else if (own->units != p->units)
		tell(s, PROOF_UNITS, p, own);
}

/* Whose it is by the id or else by the reference; NULL: not ours. */
static const struct posting_row *
owner_of(const struct proof_input *in, const struct alp_entry *e, bool *ret_adopted)
{
	const struct posting_row *bearer = NULL;

	for (size_t i = 0; i < in->postings->count; i++) {
		const struct posting_row *p = &in->postings->rows[i];

		if (is_adopted(p, e)) {
			*ret_adopted = true;
			return p;
		}
		if (sync_bears_reference(e, p->reference, in->in_notes))
			bearer = p;
	}
	*ret_adopted = false;
	return bearer;
}

static void
take_listed(struct sums *s, const struct alp_entry *e)
{
	bool adopted = false;
	const struct posting_row *p = owner_of(s->in, e, &adopted);
	/* A day of ALP's own counts where the posting is not known or was posted for it. */
	day_t day = p != NULL ? p->day : e->day;

	if (e->state == ALP_ENTRY_DELETED || day != s->day)
		return;
	if (p == NULL) {
		bool ours = post_is_reference(e->reference);

		if (!ours && !s->in->doubtful)
			return;
		tell(s, ours ? PROOF_STRANGER : PROOF_UNADOPTED, NULL, e);
		/* Somebody may have made it in ALP by hand: it does not count for ours. */
		if (!ours)
			return;
	} else if (p->state == POSTING_SENDING || p->state == POSTING_UNKNOWN) {
		return; /* it is being looked for */
	} else if (!adopted) {
		tell(s, p->state == POSTING_POSTED ? PROOF_TWICE : PROOF_NOT_POSTED, p, e);
	} else if (p->state == POSTING_POSTED && !is_judged(s->in, p)) {
		return;
	} else if (p->state != POSTING_POSTED) {
		tell(s, PROOF_NOT_POSTED, p, e);
	}
	s->alp_units += e->units != ALP_ABSENT ? e->units : 0;
}

void
proof_of_day(const struct proof_input *in, day_t day, struct alp_proof_row *ret_row)
{
	struct sums s = {.in = in, .day = day, .j = JSON_INIT};

	json_open(&s.j, NULL, '[');
	for (size_t i = 0; i < in->postings->count; i++)
		if (in->postings->rows[i].day == day && is_judged(in, &in->postings->rows[i]))
			take_posted(&s, &in->postings->rows[i]);
	for (size_t i = 0; i < in->listed->count; i++)
		take_listed(&s, &in->listed->rows[i]);
	json_close(&s.j, ']');
	*ret_row = (struct alp_proof_row){.day = day, .posted_units = s.posted_units, .alp_units = s.alp_units, .difference_count = s.differences,
	    .differences = buf_take(&s.j.b, NULL)};
}
