/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

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
