/* SPDX-License-Identifier: Apache-2.0 */
/* import_match.h - which recorded rows an entry of the prototype was made of.
 *
 * The prototype named an entry after its rows: the application as it was recorded, and what its cleaning left of the title. So a row is of the
 * entry whose words stand in its title, one after the other and whole; of several entries of that kind the longest has it.
 * Only if there is none, the last of the words may be the beginning of one. What stands between words
 * (spaces, brackets, hyphens) is not looked at, because the cleaning changes it.
 *
 * Pure. Threads: any.
 */
#ifndef RTALP_APP_IMPORT_MATCH_H
#define RTALP_APP_IMPORT_MATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "store/activity.h"
#include "store/entry.h"

struct import_name {
	const char *application, *description;
};

#define IMPORT_NO_NAME SIZE_MAX

/* For each row the name it is of, or IMPORT_NO_NAME. */
void import_match(const struct import_name *names, size_t count, const struct activity_list *rows, size_t *ret_of_row);

/* Do the words of a name stand in that title? */
bool import_is_in(const char *description, struct str title);

/* An entry that came out of the prototype's database: no rules ever decided about it. */
static inline bool
entry_is_imported(const struct entry_row *entry)
{
	return entry->verdicts_id == 0 && entry->supplement_of == 0 && entry->entry_id != 0;
}

#endif
