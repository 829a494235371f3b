/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/sse.h"

void
sse_init(struct sse *s, int (*on_data)(struct str data, void *arg), void *arg)
{
	*s = (struct sse){.line = BUF_INIT(SSE_EVENT_MAX), .data = BUF_INIT(SSE_EVENT_MAX), .on_data = on_data, .arg = arg};
}

void
sse_release(struct sse *s)
{
	buf_release(&s->line);
	buf_release(&s->data);
}

static int
take_field(struct sse *s, struct str line)
{
	struct str value;

	if (str_eq(line, STR("data")))
		return buf_addc(&s->data, '\n');
	if (!str_starts(line, STR("data:")))
		return 0;
	value = (struct str){line.p + 5, line.len - 5};
	if (str_starts(value, STR(" ")))
		value = (struct str){value.p + 1, value.len - 1};
	buf_add_str(&s->data, value);
	return buf_addc(&s->data, '\n');
}

/* An empty line ends an event. Its data loses the last line end. */
static int
end_line(struct sse *s)
{
	int r = 0;

	if (s->line.len > 0)
		r = take_field(s, buf_str(&s->line));
	else if (s->data.len > 0) {
		r = s->on_data((struct str){s->data.p, s->data.len - 1}, s->arg);
		buf_clear(&s->data);
	}
	buf_clear(&s->line);
	return r;
}

int
sse_feed(struct sse *s, struct str piece)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < piece.len; i++) {
		char c = piece.p[i];
		bool pair = c == '\n' && s->after_cr;

		s->after_cr = c == '\r';
		if (c != '\n' && c != '\r')
			r = buf_addc(&s->line, c);
		else if (!pair)
			r = end_line(s);
	}
	return r;
}
