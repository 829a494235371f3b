/* SPDX-License-Identifier: Apache-2.0 */
#include "day_text.h"

#include <errno.h>
#include <stdlib.h>

#include "params.h"

#define FIELDS_MIN 6
#define FIELDS_MAX 7

static const char *const sources[] = { "computers", "mobile", "offline" };

static int
hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c | 0x20) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* Undoes the escapes of one field into `out`. */
static int
unescape(struct text in, struct buf *out)
{
	size_t i;

	out->len = 0;
	for (i = 0; i < in.n; i++) {
		if (in.s[i] != '\\') {
			buf_putc(out, in.s[i]);
			continue;
		}
		if (++i == in.n)
			return -EINVAL;
		if (in.s[i] == '\\') {
			buf_putc(out, '\\');
		} else if (in.s[i] == 't') {
			buf_putc(out, '\t');
		} else if (in.s[i] == 'n') {
			buf_putc(out, '\n');
		} else if (in.s[i] == 'r') {
			buf_putc(out, '\r');
		} else if (in.s[i] == 'x' && i + 2 < in.n && hex(in.s[i + 1]) >= 0 && hex(in.s[i + 2]) >= 0) {
			buf_putc(out, (char)(hex(in.s[i + 1]) * 16 + hex(in.s[i + 2])));
			i += 2;
		} else {
			return -EINVAL;
		}
	}
	return 0;
}

static int
read_text(struct day *d, struct text field, struct buf *scratch, struct text *ret)
{
	if (unescape(field, scratch) < 0)
		return -EINVAL;
	*ret = day_text(d, scratch->data, scratch->len);
	return 0;
}

static int
read_number(struct text field, int64_t lo, int64_t hi, int64_t *ret)
{
	char digits[24];

	if (field.n >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, field.s, field.n);
	digits[field.n] = '\0';
	return parse_int(digits, lo, hi, ret);
}

static int
read_time(struct text field, uint16_t *ret)
{
	int64_t h, m;

	if (field.n != 5 || field.s[2] != ':')
		return -EINVAL;
	if (read_number((struct text){ field.s, 2 }, 0, 23, &h) < 0 ||
	    read_number((struct text){ field.s + 3, 2 }, 0, 59, &m) < 0)
		return -EINVAL;
	*ret = (uint16_t)(h * 60 + m);
	return 0;
}

static int
read_source(struct text field, uint8_t *ret)
{
	uint8_t i;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (text_equal(field, text_of(sources[i]))) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static size_t
split(struct text line, struct text fields[FIELDS_MAX])
{
	size_t count = 0;

	while (count < FIELDS_MAX) {
		const char *tab = memchr(line.s, '\t', line.n);

		fields[count].s = line.s;
		fields[count++].n = tab ? (size_t)(tab - line.s) : line.n;
		if (!tab)
			return count;
		line.n -= (size_t)(tab - line.s) + 1;
		line.s = tab + 1;
	}
	return FIELDS_MAX + 1;
}

static int
read_line(struct day *d, struct text line, struct buf *scratch)
{
	struct text f[FIELDS_MAX];
	struct row r = { .source = SOURCE_COMPUTER };
	size_t count = split(line, f);
	int64_t productivity;

	if (count < FIELDS_MIN || count > FIELDS_MAX)
		return -EINVAL;
	if (read_time(f[0], &r.minute) < 0 || read_number(f[1], INT64_MIN, INT64_MAX, &r.seconds) < 0 ||
	    read_text(d, f[2], scratch, &r.activity) < 0 || read_text(d, f[3], scratch, &r.document) < 0 ||
	    read_text(d, f[4], scratch, &r.category) < 0 || read_number(f[5], -128, 127, &productivity) < 0)
		return -EINVAL;
	if (count == FIELDS_MAX && read_source(f[6], &r.source) < 0)
		return -EINVAL;
	r.productivity = (int8_t)productivity;
	day_add(d, &r);
	return 0;
}

int
day_read(const char *s, size_t n, struct day **ret_day, unsigned *ret_line)
{
	struct day *d = day_new();
	struct buf scratch = { 0 };
	unsigned line_no = 0;
	int r = 0;

	while (n && r == 0) {
		const char *end = memchr(s, '\n', n);
		struct text line = { s, end ? (size_t)(end - s) : n };

		n -= line.n + (end ? 1 : 0);
		s += line.n + (end ? 1 : 0);
		line_no++;
		if (line.n && line.s[line.n - 1] == '\r')
			line.n--;
		if (line.n && line.s[0] != '#')
			r = read_line(d, line, &scratch);
	}
	buf_release(&scratch);
	if (r < 0) {
		day_free(d);
		*ret_line = line_no;
		return r;
	}
	day_sort(d);
	*ret_day = d;
	return 0;
}

static void
write_text(struct text s, struct buf *out)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.s[i];

		if (c == '\\')
			buf_puts(out, "\\\\");
		else if (c == '\t')
			buf_puts(out, "\\t");
		else if (c == '\n')
			buf_puts(out, "\\n");
		else if (c == '\r')
			buf_puts(out, "\\r");
		else if (c < 0x20)
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '\t');
}

void
day_write(const struct day *d, struct buf *out)
{
	size_t i;

	for (i = 0; i < d->count; i++) {
		const struct row *r = &d->rows[i];

		buf_printf(out, "%02u:%02u\t%lld\t", r->minute / 60U, r->minute % 60U, (long long)r->seconds);
		write_text(r->activity, out);
		write_text(r->document, out);
		write_text(r->category, out);
		buf_printf(out, "%d\t%s\n", r->productivity, sources[r->source]);
	}
}
