/* SPDX-License-Identifier: Apache-2.0 */
/* import_posting.c - what was submitted before this service was there has a posting too, so that nobody posts it again. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/audit.h"
#include "app/import_internal.h"
#include "app/post_internal.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "base/digest.h"
#include "base/json.h"

/* Nothing sends it; it says what was asked for. Without a component: the prototype did not keep one. */
static char *
body_of(const struct entry_row *entry)
{
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_int(&j, "user_id", entry->alp_user_id);
	json_day(&j, "date", entry->day);
	json_int(&j, "units", units_whole(entry_units_tenths(entry)));
	json_text(&j, "description", entry_description(entry));
	json_text(&j, "notes", entry->notes != NULL ? entry->notes : "");
	json_close(&j, '}');
	return buf_take(&j.b, NULL);
}

static int
insert(struct txn *txn, const struct op *op, const struct entry_row *entry, struct posting_row *p)
{
	struct post_fields fields = {0};
	char hex[DIGEST_HEX_SIZE], text[96];
	int r = txn_posting_take_id(txn, &p->posting_id);

	if (r < 0)
		return r;
	snprintf(text, sizeof text, "import %" PRId64 " %" PRId64 " %" PRIu64, p->posting_id, entry->entry_id, op->random);
	digest_hex(str_of(text), hex);
	snprintf(p->idempotency_key, sizeof p->idempotency_key, "import-%s", hex);
	snprintf(p->reference, sizeof p->reference, "i%" PRId64 "-%.8s", p->posting_id, hex);
	p->alp_user_id = entry->alp_user_id;
	p->entry_id = entry->entry_id;
	p->entry_revision = entry->revision;
	p->day = entry->day;
	p->units_tenths = entry_units_tenths(entry);
	p->units = units_whole(p->units_tenths);
	p->created_ms = p->next_ms = op->now_ms;
	p->body = body_of(entry);
	r = post_body_read(p->body, &fields);
	if (r == 0)
		post_hash(&fields, p->body_hash);
	post_fields_release(&fields);
	return r < 0 ? r : txn_posting_insert(txn, p);
}

/* 1: it is another posting's. */
static int
id_taken(struct txn *txn, const char *alp_entry_id)
{
	_cleanup_(posting_row_release) struct posting_row other = {0};
	int r = txn_posting_by_alp_id(txn, alp_entry_id, &other);

	return r == -ENOENT ? 0 : r < 0 ? r : 1;
}

static void
be_posted(const struct op *op, const struct import_line *line, struct posting_row *p)
{
	p->state = POSTING_POSTED;
	snprintf(p->alp_entry_id, sizeof p->alp_entry_id, "%s", line->alp_entry_id);
	p->alp_state = POSTING_ALP_OPEN;
	p->posted_ms = line->submitted_ms > 0 ? line->submitted_ms : line->created_ms > 0 ? line->created_ms : op->now_ms;
	/* What ALP says of it is not known yet. */
	p->sync_ms = op->now_ms;
}

static void
need_person(struct posting_row *p, const char *detail)
{
	p->state = POSTING_NEEDS_PERSON;
	p->problem_code = xstrdup(POSTING_IMPORTED);
	p->problem_detail = xstrdup(detail);
}

int
txn_import_posting(struct txn *txn, const struct op *op, const struct actor *actor, struct import_claim *claim, const struct entry_row *entry)
{
	_cleanup_(posting_row_release) struct posting_row p = {0};
	struct import_line *line = claim_line(claim);
	bool has_id = line->alp_entry_id != NULL && line->alp_entry_id[0] != '\0' && strlen(line->alp_entry_id) < POSTING_ALP_ID_MAX;
	int taken = has_id ? id_taken(txn, line->alp_entry_id) : 0;
	int r = taken < 0 ? taken : insert(txn, op, entry, &p);

	if (r < 0)
		return r;
	if (has_id && taken == 0)
		be_posted(op, line, &p);
	else if (taken > 0)
		need_person(&p, "submitted before, under an id of ALP's that another posting has");
	else
		need_person(&p, "submitted before; under which id of ALP's is not known");
	if (taken > 0)
		line->reason = "alp_id_taken";
	r = txn_posting_update(txn, &p, op->now_ms, "imported", NULL);
	return r < 0 ? r
		     : txn_audit_posting(txn, op->now_ms, actor, AUDIT_POST, p.alp_user_id, p.entry_id, p.posting_id, NULL, p.body);
}
