/* SPDX-License-Identifier: Apache-2.0 */
/* notes.h - what is to be said of rules of a set, each with its rule and the line of the file where it stands: examples that are not so
 * (try.h), rules that are suspect (lint.h).
 *
 * Ownership: rule_notes_release() gives back what the notes hold; it accepts a zeroed one. Threads: one at a time.
 */
#ifndef RTALP_RULES_NOTES_H
#define RTALP_RULES_NOTES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/macro.h"
#include "base/str.h"

#define RULE_NOTES_MAX 500 /* what comes after those is counted only */

struct rule_note {
	unsigned line;
	const char *kind; /* a word of the module that says it, static */
	char *rule;       /* the id */
	char *text;
};

struct rule_notes {
	struct rule_note *rows;
	size_t count;
	size_t left_off;
};

void rule_notes_add(struct rule_notes *notes, unsigned line, const char *kind, const char *rule, const char *format, ...) _printf_(5, 6);
/* By line; of one line as they were added. */
void rule_notes_sort(struct rule_notes *notes);
void rule_notes_release(struct rule_notes *notes);

/* As lines, for another process: "LINE<tab>KIND<tab>RULE<tab>TEXT", and before them how many were left off. Never more than RULE_NOTES_BYTES_MAX. */
#define RULE_NOTES_BYTES_MAX ((size_t)1024 * 1024)
void rule_notes_write(const struct rule_notes *notes, struct buf *out);
/* What another process says. `kinds` are the words there may be, ended by NULL. -EBADMSG: that is not how notes are written; *ret_notes, zeroed by the
 * caller, is to be released in any case. */
int rule_notes_read(struct str text, const char *const *kinds, struct rule_notes *ret_notes) _must_check_;

#endif
