/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/row_group.h"

bool
row_group_takes(struct str *group, const char *word)
{
	const struct str w = str_of(word);

	if (!str_starts(*group, w) || (group->len > w.len && group->p[w.len] != ' '))
		return false;
	*group = group->len > w.len ? (struct str){group->p + w.len + 1, group->len - w.len - 1} : STR_NONE;
	return true;
}
