/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/notes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/utf8.h"

#define TEXT_MAX 1024

void
rule_notes_add(struct rule_notes *notes, unsigned line, const char *kind, const char *rule, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	if (notes->count == RULE_NOTES_MAX) {
		notes->left_off++;
		return;
	}
	if ((notes->count & (notes->count - 1)) == 0)
		notes->rows = xreallocarray(notes->rows, MAX_OF(2 * notes->count, (size_t)1), sizeof *notes->rows);
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	notes->rows[notes->count++] =
	    (struct rule_note){.line = line, .kind = kind, .rule = xstrdup(rule), .text = xstrdup(text)};
}

/* Few, and nearly in order already. */
void
rule_notes_sort(struct rule_notes *notes)
{
	for (size_t i = 1; i < notes->count; i++) {
		struct rule_note note = notes->rows[i];
		size_t at = i;

		for (; at > 0 && notes->rows[at - 1].line > note.line; at--)
			notes->rows[at] = notes->rows[at - 1];
		notes->rows[at] = note;
	}
}

void
rule_notes_release(struct rule_notes *notes)
{
	for (size_t i = 0; i < notes->count; i++) {
		free(notes->rows[i].rule);
		free(notes->rows[i].text);
	}
	free(notes->rows);
	*notes = (struct rule_notes){.rows = NULL};
}

/* --- to another process --------------------------------------------------------------------------------------------------------- */

#define ID_MAX      60
#define LEFT_MAX    1000000

/* Text of a file: whatever would end the field becomes a space. */
static void
write_field(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		(void)buf_addc(out, *text == '\n' || *text == '\t' ? ' ' : *text);
}

void
rule_notes_write(const struct rule_notes *notes, struct buf *out)
{
	(void)buf_addf(out, "%zu\n", MIN_OF(notes->left_off, (size_t)LEFT_MAX));
	for (size_t i = 0; i < notes->count; i++) {
		const struct rule_note *note = &notes->rows[i];

		(void)buf_addf(out, "%u\t%s\t%s\t", note->line, note->kind, note->rule);
		write_field(out, note->text);
		(void)buf_addc(out, '\n');
	}
}

static bool
take_until(struct str *text, char end, struct str *ret_part)
{
	const char *at = text->len > 0 ? memchr(text->p, end, text->len) : NULL;

	if (at == NULL)
		return false;
	*ret_part = (struct str){text->p, (size_t)(at - text->p)};
	*text = (struct str){at + 1, text->len - ret_part->len - 1};
	return true;
}

static const char *
known_kind(struct str kind, const char *const *kinds)
{
	for (; *kinds != NULL; kinds++)
		if (str_eq(kind, str_of(*kinds)))
			return *kinds;
	return NULL;
}

static int
read_line(struct str line, const char *const *kinds, struct rule_notes *notes)
{
	struct str number, kind, rule;
	int64_t at = 0;

	if (!take_until(&line, '\t', &number) || !take_until(&line, '\t', &kind) || !take_until(&line, '\t', &rule) ||
	    str_to_i64(number, 0, INT32_MAX, &at) < 0 || known_kind(kind, kinds) == NULL || rule.len == 0 || rule.len > ID_MAX ||
	    notes->count == RULE_NOTES_MAX || line.len >= TEXT_MAX)
		return -EBADMSG;
	rule_notes_add(notes, (unsigned)at, known_kind(kind, kinds), "", "%.*s", STR_ARG(line));
	free(notes->rows[notes->count - 1].rule);
	notes->rows[notes->count - 1].rule = xstrndup(rule.p, rule.len);
	return 0;
}

int
rule_notes_read(struct str text, const char *const *kinds, struct rule_notes *ret_notes)
{
	struct str line;
	int64_t left = 0;
	int r = 0;

	if (text.len > RULE_NOTES_BYTES_MAX || (text.len > 0 && memchr(text.p, '\0', text.len) != NULL) || !utf8_valid(text) ||
	    !take_until(&text, '\n', &line) || str_to_i64(line, 0, LEFT_MAX, &left) < 0)
		return -EBADMSG;
	ret_notes->left_off = (size_t)left;
	while (text.len > 0 && r == 0)
		r = take_until(&text, '\n', &line) ? read_line(line, kinds, ret_notes) : -EBADMSG;
	return r;
}
