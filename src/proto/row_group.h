/* SPDX-License-Identifier: Apache-2.0 */
/* row_group.h - what a judged row's group says: by which keys the rules told the entries of its day apart. Pure.
 *
 * Words joined by spaces: "application" and "task" if they are keys, whose values stand in the row; then for each other key
 * "<name>=<bytes>:<value>", or, where those would be too long for a string, "h=" and their digest (base/digest.h). Most rows of most days have the
 * same few bytes here, and each is of the entry that has them, the application and the task.
 */
#ifndef RTALP_PROTO_ROW_GROUP_H
#define RTALP_PROTO_ROW_GROUP_H

#include <stdbool.h>

#include "base/str.h"

#define ROW_GROUP_APPLICATION "application"
#define ROW_GROUP_TASK        "task"

/* If the group begins with that word: moves it to what follows. */
bool row_group_takes(struct str *group, const char *word);

#endif
