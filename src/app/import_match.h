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

#include <stddef.h>

#include "store/activity.h"

struct import_name {
	const char *application, *description;
};

#define IMPORT_NO_NAME SIZE_MAX

/* For each row the name it is of, or IMPORT_NO_NAME. */
void import_match(const struct import_name *names, size_t count, const struct activity_list *rows, size_t *ret_of_row);

#endif
