/* SPDX-License-Identifier: Apache-2.0 */
/* import_words.c - what an entry out of the prototype says. */
#include <stdlib.h>
#include <string.h>

#include "app/import_internal.h"
#include "app/settle.h"
#include "base/alloc.h"

#define TENTH_SECONDS 36 /* of a unit of six minutes */

static void
put(char **field, const char *text)
{
	char *copy = text != NULL ? xstrdup(text) : NULL;

	free(*field);
	*field = copy;
}

void
import_entry(const struct import_claim *claim, int64_t now_ms, struct entry_row *entry)
{
	const struct import_line *line = claim->draft != NULL ? claim->draft : claim->processed;

	*entry = ENTRY_ROW_INIT;
	entry->status = ENTRY_PENDING;
	memcpy(entry->source_hash, claim->hash, sizeof entry->source_hash);
	put(&entry->application, line->application);
	put(&entry->task_description, line->description);
	put(&entry->matter_code, line->matter);
	entry->created_ms = entry->updated_ms = now_ms;
}

static void
put_notes(struct entry_row *entry, const char *notes)
{
	if (notes != NULL && notes[0] != '\0')
		put(&entry->notes, notes);
}

static void
put_application(struct entry_row *entry, const char *application)
{
	if (strcmp(entry_application(entry), application) != 0)
		put(&entry->person_application, application);
}

/* What was shown when it was confirmed is what its draft holds; where there is no draft, what its rows are, and without those what its units say. */
static int64_t
seconds_of(const struct import_claim *claim)
{
	if (claim->draft != NULL)
		return claim->draft->seconds;
	return claim->recorded > 0 ? claim->recorded : claim->processed->units_tenths * TENTH_SECONDS;
}

static void
confirm(const struct import_claim *claim, const struct units_policy *policy, int64_t now_ms, struct entry_row *entry)
{
	const struct import_line *line = claim_line(claim);

	entry->status = ENTRY_SUBMITTED;
	entry->total_seconds = entry->frozen_seconds = seconds_of(claim);
	entry->rows_vanished = false;
	entry->confirmed_ms = line->created_ms > 0 ? line->created_ms : now_ms;
	entry_price(policy, entry);
	entry->person_units_tenths = line->units_tenths >= 0 ? line->units_tenths : entry->units_tenths;
	put_application(entry, line->application);
	put(&entry->person_description, line->description);
	put(&entry->person_matter, line->matter != NULL ? line->matter : "");
}

void
import_decide(const struct import_claim *claim, const struct units_policy *policy, int64_t now_ms, struct entry_row *entry)
{
	if (claim->draft != NULL)
		put_notes(entry, claim->draft->notes);
	if (claim->processed != NULL)
		put_notes(entry, claim->processed->notes);
	if (claim->submitted)
		confirm(claim, policy, now_ms, entry);
	else if (claim->fresh)
		entry->status = claim->draft->status;
}
