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

static bool
is_escaped(char c)
{
	return c == ' ' || c == '%';
}

static size_t
escaped_length(struct str code)
{
	size_t len = code.len;

	for (size_t i = 0; i < code.len; i++)
		len += is_escaped(code.p[i]) ? 2 : 0;
	return len;
}

static void
add_escaped(struct buf *trail, struct str code)
{
	for (size_t i = 0; i < code.len; i++) {
		if (is_escaped(code.p[i]))
			buf_add_str(trail, code.p[i] == ' ' ? STR("%20") : STR("%25"));
		else
			buf_addc(trail, code.p[i]);
	}
}

void
trail_add_code(struct buf *trail, const char *id, char mark, struct str code)
{
	struct str name = str_of(id);
	size_t len = escaped_length(code);

	if (!has_room(trail, name.len + 1 + len))
		return;
	if (trail->len > 0)
		buf_addc(trail, ' ');
	buf_add_str(trail, name);
	buf_addc(trail, mark);
	if (len == code.len)
		buf_add_str(trail, code);
	else
		add_escaped(trail, code);
}

void
trail_add_limit(struct buf *trail, const char *id)
{
	trail_add_code(trail, "limit", '!', str_of(id));
}

void
trail_add_time(struct buf *trail, int32_t bucket_s, int32_t seconds)
{
	unsigned minutes = (unsigned)bucket_s / 60, left = (unsigned)seconds;
	char word[sizeof "00:00+2147483647"] = {[2] = ':', [5] = '+'}, digits[10];
	size_t len = 6, count = 0;

	str_put_digits(word, 2, minutes / 60);
	str_put_digits(word + 3, 2, minutes % 60);
	do
		digits[count++] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	while (count > 0)
		word[len++] = digits[--count];
	trail_add(trail, (struct str){word, len});
}
