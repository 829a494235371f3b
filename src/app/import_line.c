/* SPDX-License-Identifier: Apache-2.0 */
/* import_line.c - what belongs to the lines of a day that is imported, for whoever makes them. */
#include <stdlib.h>

#include "app/import.h"

const char *
import_table_name(enum import_table table)
{
	static const char *const names[] = {"activity_log", "time_entries", "processed_time_entries"};

	return names[table];
}

const char *
import_outcome_name(enum import_outcome outcome)
{
	static const char *const names[] = {"open", "taken", "already_there", "left_to_rules", "not_taken"};

	return names[outcome];
}

void
import_day_release(struct import_day *v)
{
	for (size_t n = 0; n < v->count; n++) {
		struct import_line *line = &v->lines[n];

		free(line->application);
		free(line->description);
		free(line->category);
		free(line->matter);
		free(line->notes);
		free(line->source_hash);
		free(line->alp_entry_id);
	}
	free(v->lines);
	v->lines = NULL;
	v->count = 0;
}
