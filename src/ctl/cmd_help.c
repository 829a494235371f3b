/* SPDX-License-Identifier: Apache-2.0 */
/* help, version: from the tables, without the daemon. */
#include <string.h>

#include "ctl/ctl.h"

#define NAME_WIDTH 16

/* --- help --------------------------------------------------------------------------------------------------------------------- */

static void
print_option(FILE *out, enum option_id id)
{
	const struct option_row *row = &option_rows[id];

	if (row->value != NULL)
		fprintf(out, "  --%s %s\n          %s\n", row->name, row->value, row->help);
	else
		fprintf(out, "  --%s\n          %s\n", row->name, row->help);
}

static void
print_options(FILE *out, uint64_t options)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if ((options & UINT64_C(1) << i) != 0)
			print_option(out, (enum option_id)i);
}

static void
print_usage(FILE *out, const struct command *c)
{
	fprintf(out, "Usage: rtalpctl %s", c->name);
	for (int i = 0; i < OPT_COUNT; i++)
		if ((c->required & UINT64_C(1) << i) != 0)
			fprintf(out, " --%s %s", option_rows[i].name, option_rows[i].value);
	fprintf(out, "%s%s [OPTION...]\n%s\n\n", c->operand != NULL ? " " : "", c->operand != NULL ? c->operand : "", c->help);
}

static void
print_overview(FILE *out)
{
	fprintf(out, "Usage: rtalpctl COMMAND [OPTION...]\nTalks to rtalpd.\n\n");
	for (size_t i = 0; i < command_count; i++)
		fprintf(out, "  %-*s %s\n", NAME_WIDTH, commands[i].name, commands[i].help);
	fprintf(out, "\n'rtalpctl help COMMAND' tells its options. Exit status: 0 ok, 1 refused or failed, 2 usage, 3 not found,\n"
		     "4 not allowed, 5 the daemon cannot be reached, 6 not in time: try later.\n");
}

int
cmd_help(struct ctl *ctl)
{
	const char *name = ctl->args.operand;
	const struct command *c = name != NULL ? command_find(name) : NULL;

	if (name != NULL && c == NULL) {
		say("'%s' is not a command", name);
		return EXIT_STATUS_USAGE;
	}
	/* --help beside a command is the same wish. */
	if (c == NULL && ctl->args.command != NULL && strcmp(ctl->args.command->name, "help") != 0)
		c = ctl->args.command;
	if (c == NULL) {
		print_overview(ctl->out.out);
		return EXIT_STATUS_OK;
	}
	print_usage(ctl->out.out, c);
	print_options(ctl->out.out, command_options(c) & ~(OPT(HELP) | OPT(VERSION)));
	return EXIT_STATUS_OK;
}

int
cmd_version(struct ctl *ctl)
{
	if (args_has(&ctl->args, OPT_JSON))
		fprintf(ctl->out.out, "{\"version\":\"%s\"}\n", PACKAGE_VERSION);
	else
		fprintf(ctl->out.out, "%s\n", PACKAGE_STRING);
	return EXIT_STATUS_OK;
}
