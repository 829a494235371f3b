/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/trail.h"

#include <errno.h>

#define CUT STR(" ...")

/* Room for the cut is always kept. What comes after the cut is refused by the buffer's sticky error. */
static bool
has_room(struct buf *trail, size_t more)
{
	if (trail == NULL || trail->error < 0)
		return false;
	if (trail->len + 1 + more + CUT.len <= trail->max)
		return true;
	buf_add_str(trail, CUT);
	trail->error = -E2BIG;
	return false;
}

void
trail_add(struct buf *trail, struct str word)
{
	if (!has_room(trail, word.len))
		return;
	if (trail->len > 0)
		buf_addc(trail, ' ');
	buf_add_str(trail, word);
}

void
trail_add_code(struct buf *trail, const char *id, char mark, struct str code)
{
	struct str name = str_of(id);

	if (!has_room(trail, name.len + 1 + code.len))
		return;
	if (trail->len > 0)
		buf_addc(trail, ' ');
	buf_add_str(trail, name);
	buf_addc(trail, mark);
	buf_add_str(trail, code);
}

void
trail_add_limit(struct buf *trail, const char *id)
{
	trail_add_code(trail, "limit", '!', str_of(id));
}
