/* SPDX-License-Identifier: Apache-2.0 */
/* ruleset_read.h - reads a group of a rules file by a table of what may stand in it. For ruleset_*.c only.
 *
 * A key is a row of a table: its name, who reads its value, and where the value goes. Reading goes on after a fault, so that all of them
 * are told; what was wrong is left as if it had not been given.
 *
 * Ownership: what is read lives in the arena. Threads: one at a time.
 */
#ifndef RTALP_RULES_RULESET_READ_H
#define RTALP_RULES_RULESET_READ_H

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/macro.h"
#include "rules/match.h"
#include "rules/ruleset_file.h"

/* Rows of one kind, while it is not known how many there will be. */
struct row_list {
	void *rows;
	size_t count, row_size;
};
void row_list_add(struct row_list *list, const void *row);
void *row_list_take(struct row_list *list, struct arena *arena); /* into the arena; the list is empty afterwards */

struct told {
	unsigned line;
	char *text;
};

/* What it takes to read a file. */
struct reading {
	const char *name;
	struct row_list faults; /* struct told */
	struct arena *arena;
	struct matcher *matcher;
	const char *place; /* what is being read, for the lines: "clean", "word.read-only"; "": the file itself */
	struct row_list ids;
	size_t rule_count;
};

void fault(struct reading *in, unsigned line, const char *format, ...) _printf_(3, 4);
/* Hands the faults over, in the order of their lines. */
void take_faults(struct reading *in, struct rule_faults *faults);
unsigned line_of_setting(const config_setting_t *setting);

/* A text that may be missing; line 0: it was not given, and text is NULL. */
struct given_text {
	const char *text;
	unsigned line;
};
struct given_texts {
	const char **texts;
	size_t count;
	unsigned line;
};

struct field_word {
	const char *word;
	int value;
};

struct field;
typedef void (*field_reader)(struct reading *in, const config_setting_t *value, const struct field *f, void *to);
struct field {
	const char *name;
	field_reader read;
	size_t offset;                  /* where the value goes, in what read_fields() is given */
	int64_t min, max;               /* of a number, or of a text's bytes */
	const struct field_word *words; /* ended by a NULL word */
	const struct field *fields;     /* of a group within, ended by a NULL name */
	/* What becomes of each group of a list, once it is read by `fields`. */
	void (*each)(struct reading *in, const config_setting_t *group, const struct field *f, void *to);
};

/* Reads all of the group; a key that is no field's is a fault. */
void read_fields(struct reading *in, const config_setting_t *group, const struct field *fields, void *to);

void read_text(struct reading *in, const config_setting_t *value, const struct field *f, void *to);   /* struct given_text */
void read_texts(struct reading *in, const config_setting_t *value, const struct field *f, void *to);  /* struct given_texts */
void read_flag(struct reading *in, const config_setting_t *value, const struct field *f, void *to);   /* bool */
void read_number(struct reading *in, const config_setting_t *value, const struct field *f, void *to); /* int64_t */
void read_word(struct reading *in, const config_setting_t *value, const struct field *f, void *to);   /* int */
void read_bits(struct reading *in, const config_setting_t *value, const struct field *f, void *to);   /* unsigned; at least one */
void read_section(struct reading *in, const config_setting_t *value, const struct field *f, void *to); /* fields of the same struct */
void read_each(struct reading *in, const config_setting_t *value, const struct field *f, void *to);   /* f->each for each group */

#endif
