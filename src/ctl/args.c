/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/args.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/day.h"
#include "ctl/say.h"

const struct option_row option_rows[OPT_COUNT] = {
#define OPTION(ID, name, value, type, min, max, words, help) {name, value, type, min, max, words, help},
#include "ctl/options.def"
#undef OPTION
};

#define GLOBAL_OPTIONS (OPT(SOCKET) | OPT(URL) | OPT(CA_FILE) | OPT(TOKEN_FILE) | OPT(TOKEN_FD) | OPT(HELP) | OPT(VERSION))
#define FIRST_VALUE    256 /* getopt's values, above every character */

uint64_t
command_options(const struct command *c)
{
	return GLOBAL_OPTIONS | c->options;
}

/* --- values --------------------------------------------------------------------------------------------------------------- */

static int
check_number(const struct option_row *row, const char *text, int64_t *ret_number)
{
	if (str_to_i64(str_of(text), row->min, row->max, ret_number) == 0)
		return 0;
	say("--%s: must be a number from %lld to %lld", row->name, (long long)row->min, (long long)row->max);
	return -EINVAL;
}

static int
check_day(const struct option_row *row, const char *text, int64_t *ret_number)
{
	day_t day;

	if (day_parse(str_of(text), &day) < 0) {
		say("--%s: must be a day of the calendar, YYYY-MM-DD", row->name);
		return -EINVAL;
	}
	*ret_number = day;
	return 0;
}

static int
check_text(const struct option_row *row, const char *text)
{
	size_t len = strlen(text);

	if (len < (size_t)row->min || len > (size_t)row->max) {
		say("--%s: must have %lld to %lld bytes", row->name, (long long)row->min, (long long)row->max);
		return -EINVAL;
	}
	if (row->type == ARG_WORDS && text[strspn(text, "abcdefghijklmnopqrstuvwxyz_,")] != '\0') {
		say("--%s: must be words of small letters", row->name);
		return -EINVAL;
	}
	return 0;
}

static int
take_option(struct args *a, enum option_id id, const char *text)
{
	const struct option_row *row = &option_rows[id];
	int r = 0;

	if (row->type == ARG_NUMBER)
		r = check_number(row, text, &a->number[id]);
	else if (row->type == ARG_DAY)
		r = check_day(row, text, &a->number[id]);
	else if (row->type != ARG_FLAG)
		r = check_text(row, text);
	a->text[id] = text != NULL ? text : "";
	return r;
}

static int
take_options(int argc, char **argv, struct args *a)
{
	struct option longs[OPT_COUNT + 1] = {0};
	int c;

	for (int i = 0; i < OPT_COUNT; i++)
		longs[i] = (struct option){option_rows[i].name, option_rows[i].value != NULL ? required_argument : no_argument, NULL,
		    FIRST_VALUE + i};
	optind = 0; /* start afresh: tests parse more than one line */
	while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		if (c == 'h')
			c = FIRST_VALUE + OPT_HELP;
		if (c < FIRST_VALUE) /* getopt has said what is wrong */
			return -EINVAL;
		if (take_option(a, (enum option_id)(c - FIRST_VALUE), optarg) < 0)
			return -EINVAL;
	}
	return 0;
}

/* --- the command ---------------------------------------------------------------------------------------------------------- */

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* Two words if they are a command, else one. Returns how many were taken. */
static int
take_command(int count, char **words, struct args *a)
{
	char two[64];

	if (count >= 2 && snprintf(two, sizeof two, "%s %s", words[0], words[1]) < (int)sizeof two) {
		a->command = command_find(two);
		if (a->command != NULL)
			return 2;
	}
	a->command = command_find(words[0]);
	if (a->command == NULL)
		say("'%s' is not a command", words[0]);
	return 1;
}

static int
check_operand(const struct command *c, const char *text)
{
	int64_t unused;

	if (strcmp(c->operand, "ID") == 0) {
		if (str_to_i64(str_of(text), 1, INT64_C(9007199254740991), &unused) == 0)
			return 0;
		say("%s: ID must be a number", c->name);
		return -EINVAL;
	}
	if (strcmp(c->operand, "FILE") == 0) {
		if (text[0] != '\0')
			return 0;
		say("%s: FILE must not be empty", c->name);
		return -EINVAL;
	}
	/* It goes into a body. */
	if (strcmp(c->operand, "URL") == 0) {
		if (text[0] != '\0' && strlen(text) <= 2000)
			return 0;
		say("%s: URL must be an address", c->name);
		return -EINVAL;
	}
	/* It becomes a part of a path. */
	if (text[0] == '\0' || strlen(text) > 32 || text[strspn(text, "abcdefghijklmnopqrstuvwxyz_ ")] != '\0') {
		say("%s: %s must be a word of small letters", c->name, c->operand);
		return -EINVAL;
	}
	return 0;
}

static int
take_operands(int count, char **words, struct args *a)
{
	const struct command *c = a->command;
	bool optional = c->operand != NULL && c->operand[0] == '[';

	if (optional && count == 2 && snprintf(a->joined, sizeof a->joined, "%s %s", words[0], words[1]) < (int)sizeof a->joined) {
		a->operand = a->joined;
		return check_operand(c, a->operand);
	}
	if (count > (c->operand != NULL ? 1 : 0)) {
		say("%s: unexpected argument '%s'", c->name, words[count - 1]);
		return -EINVAL;
	}
	if (count == 0 && c->operand != NULL && !optional) {
		say("%s: %s is missing", c->name, c->operand);
		return -EINVAL;
	}
	a->operand = count == 1 ? words[0] : NULL;
	return count == 1 ? check_operand(c, a->operand) : 0;
}

static int
check_options(const struct args *a)
{
	static const enum option_id conflicts[][2] = {
	    {OPT_SOCKET, OPT_URL}, {OPT_TOKEN_FILE, OPT_TOKEN_FD}, {OPT_KEY_FILE, OPT_KEY_FD},
	    {OPT_DATE, OPT_FROM}, {OPT_DATE, OPT_TO}, {OPT_DAYS, OPT_FROM}, {OPT_DAYS, OPT_TO},
	};
	const struct command *c = a->command;

	for (int i = 0; i < OPT_COUNT; i++) {
		if (args_has(a, (enum option_id)i) && (command_options(c) & UINT64_C(1) << i) == 0) {
			say("%s takes no option --%s", c->name, option_rows[i].name);
			return -EINVAL;
		}
		if (!args_has(a, (enum option_id)i) && (c->required & UINT64_C(1) << i) != 0) {
			say("%s: --%s %s is missing", c->name, option_rows[i].name, option_rows[i].value);
			return -EINVAL;
		}
	}
	for (size_t i = 0; i < ELEMENTSOF(conflicts); i++) {
		if (args_has(a, conflicts[i][0]) && args_has(a, conflicts[i][1])) {
			say("--%s cannot stand beside --%s", option_rows[conflicts[i][0]].name, option_rows[conflicts[i][1]].name);
			return -EINVAL;
		}
	}
	return 0;
}

static int
parse(int argc, char **argv, struct args *a)
{
	int taken;

	if (take_options(argc, argv, a) < 0)
		return -EINVAL;
	argc -= optind;
	argv += optind;
	if (argc == 0) {
		if (args_has(a, OPT_HELP) || args_has(a, OPT_VERSION))
			return 0;
		say("a command is missing");
		return -EINVAL;
	}
	taken = take_command(argc, argv, a);
	if (a->command == NULL)
		return -EINVAL;
	if (args_has(a, OPT_HELP) || args_has(a, OPT_VERSION))
		return 0;
	return take_operands(argc - taken, argv + taken, a) < 0 || check_options(a) < 0 ? -EINVAL : 0;
}

int
args_parse(int argc, char **argv, struct args *ret_args)
{
	*ret_args = (struct args){0};
	if (parse(argc, argv, ret_args) == 0)
		return 0;
	if (ret_args->command != NULL)
		fprintf(stderr, "Try 'rtalpctl help %s'.\n", ret_args->command->name);
	else
		fprintf(stderr, "Try 'rtalpctl help'.\n");
	return -EINVAL;
}
