/* SPDX-License-Identifier: Apache-2.0 */
/* args.h - rtalpctl's command line, by the tables in options.def and commands.c.
 *
 * Options may stand anywhere; values are checked here, so that a command finds only what it can use.
 * Ownership: everything is borrowed from argv or the tables. Threads: one (getopt has a state of its own).
 */
#ifndef RTALP_CTL_ARGS_H
#define RTALP_CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/macro.h"

/* Where the unit's RuntimeDirectory= puts it, whatever the prefix is. */
#define CTL_SOCKET "/run/rescuetime-alp/rtalpd.sock"

enum arg_type {
	ARG_FLAG,
	ARG_TEXT,
	ARG_FILE,
	ARG_WORDS, /* lower-case words with commas between; which ones there are, the daemon knows */
	ARG_NUMBER,
	ARG_DAY
};

enum option_id {
#define OPTION(ID, name, value, type, min, max, words, help) OPT_##ID,
#include "ctl/options.def"
#undef OPTION
	OPT_COUNT
};
#define OPT(ID) (UINT64_C(1) << OPT_##ID)

struct option_row {
	const char *name, *value; /* value: NULL for a flag */
	enum arg_type type;
	int64_t min, max;
	const char *words; /* what completion offers, or NULL */
	const char *help;
};
extern const struct option_row option_rows[OPT_COUNT];

struct ctl;

struct command {
	const char *name;          /* one or two words */
	const char *operand;       /* "ID" (a number), "FILE", another name for a word, "[...]" if it may be left out, or NULL */
	const char *operand_words; /* what completion offers, or NULL */
	uint64_t options;          /* besides those of every command */
	uint64_t required;
	const char *help;
	int (*run)(struct ctl *ctl); /* enum exit_status */
};
extern const struct command commands[];
extern const size_t command_count;

struct args {
	const struct command *command; /* NULL: none was named, only --help or --version */
	const char *operand;           /* NULL if there is none; two words of `help` come joined */
	const char *text[OPT_COUNT];   /* NULL: not given */
	int64_t number[OPT_COUNT];
	char joined[64];
};

/* -EINVAL: what is wrong stands on standard error; exit with EXIT_STATUS_USAGE. */
int args_parse(int argc, char **argv, struct args *ret_args) _must_check_;

static inline bool
args_has(const struct args *a, enum option_id id)
{
	return a->text[id] != NULL;
}

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);
/* The options that a command takes. */
uint64_t command_options(const struct command *c);

#endif
