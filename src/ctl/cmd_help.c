/* SPDX-License-Identifier: Apache-2.0 */
/* help, version, completion: from the tables, without the daemon. */
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

/* --- completion --------------------------------------------------------------------------------------------------------------- */

static void
print_first_words(FILE *out)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *name = commands[i].name, *space = strchr(name, ' ');
		size_t len = space != NULL ? (size_t)(space - name) : strlen(name);

		/* Commands of the same first word stand together. */
		if (i > 0 && strncmp(commands[i - 1].name, name, len) == 0 &&
		    (commands[i - 1].name[len] == ' ' || commands[i - 1].name[len] == '\0'))
			continue;
		fprintf(out, "%s%.*s", i > 0 ? " " : "", (int)len, name);
	}
}

static void
print_command_case(FILE *out, const struct command *c)
{
	uint64_t options = command_options(c);

	fprintf(out, "\t\"%s\") words='", c->name);
	for (int i = 0; i < OPT_COUNT; i++)
		if ((options & UINT64_C(1) << i) != 0)
			fprintf(out, "--%s ", option_rows[i].name);
	fprintf(out, "%s' ;;\n", c->operand_words != NULL ? c->operand_words : "");
}

static void
print_value_case(FILE *out, const struct option_row *row)
{
	if (row->type == ARG_FILE)
		fprintf(out, "\t--%s) compopt -o filenames; COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", row->name);
	else if (row->value != NULL)
		fprintf(out, "\t--%s) COMPREPLY=($(compgen -W '%s' -- \"$cur\")); return ;;\n", row->name,
		    row->words != NULL ? row->words : "");
}

static void
print_second_words(FILE *out)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *space = strchr(commands[i].name, ' ');

		if (space != NULL)
			fprintf(out, "\t\t%.*s) words+=' %s' ;;&\n", (int)(space - commands[i].name), commands[i].name, space + 1);
	}
}

/* The words before the cursor that are neither options nor their values are the command. */
static void
print_bash(FILE *out)
{
	fputs("# SPDX-License-Identifier: Apache-2.0\n"
	      "# Made by `rtalpctl completion bash`.\n"
	      "_rtalpctl() {\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words='' word skip='' i\n"
	      "\tlocal -a said=()\n"
	      "\tCOMPREPLY=()\n"
	      "\tcase $prev in\n", out);
	for (int i = 0; i < OPT_COUNT; i++)
		print_value_case(out, &option_rows[i]);
	fputs("\tesac\n"
	      "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tword=${COMP_WORDS[i]}\n"
	      "\t\tif [[ -n $skip ]]; then skip=''; continue; fi\n"
	      "\t\tcase $word in\n\t\t", out);
	for (int i = 0, first = 1; i < OPT_COUNT; i++)
		if (option_rows[i].value != NULL) {
			fprintf(out, "%s--%s", first ? "" : "|", option_rows[i].name);
			first = 0;
		}
	fputs(") skip=1 ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) said+=(\"$word\") ;;\n"
	      "\t\tesac\n"
	      "\tdone\n"
	      "\tcase \"${said[0]:-} ${said[1]:-}\" in\n", out);
	for (size_t i = 0; i < command_count; i++)
		if (strchr(commands[i].name, ' ') != NULL)
			print_command_case(out, &commands[i]);
	fputs("\t*) case \"${said[0]:-}\" in\n"
	      "\t'') words='", out);
	print_first_words(out);
	fputs("' ;;\n", out);
	for (size_t i = 0; i < command_count; i++)
		if (strchr(commands[i].name, ' ') == NULL)
			print_command_case(out, &commands[i]);
	fputs("\tesac\n"
	      "\tif [[ ${#said[@]} -eq 1 ]]; then\n"
	      "\t\tcase ${said[0]} in\n", out);
	print_second_words(out);
	fputs("\t\tesac\n"
	      "\tfi ;;\n"
	      "\tesac\n"
	      "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "}\n"
	      "complete -F _rtalpctl rtalpctl\n", out);
}

int
cmd_completion(struct ctl *ctl)
{
	if (strcmp(ctl->args.operand, "bash") != 0) {
		say("completion: only bash is known");
		return EXIT_STATUS_USAGE;
	}
	print_bash(ctl->out.out);
	return EXIT_STATUS_OK;
}
