/* SPDX-License-Identifier: Apache-2.0 */
/* completion: what bash needs to complete our words, from the tables. etc/completion/rtalpctl is what this prints. */
#include <string.h>

#include "ctl/ctl.h"

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

static void
print_begin(FILE *out)
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
	fputs("\tesac\n", out);
}

/* The words before the cursor that are neither options nor their values are the command. */
static void
print_gather(FILE *out)
{
	const char *between = "";

	fputs("\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	      "\t\tword=${COMP_WORDS[i]}\n"
	      "\t\tif [[ -n $skip ]]; then skip=''; continue; fi\n"
	      "\t\tcase $word in\n\t\t", out);
	for (int i = 0; i < OPT_COUNT; i++) {
		if (option_rows[i].value == NULL)
			continue;
		fprintf(out, "%s--%s", between, option_rows[i].name);
		between = "|";
	}
	fputs(") skip=1 ;;\n"
	      "\t\t-*) ;;\n"
	      "\t\t*) said+=(\"$word\") ;;\n"
	      "\t\tesac\n"
	      "\tdone\n", out);
}

static void
print_command_cases(FILE *out, bool of_two_words)
{
	for (size_t i = 0; i < command_count; i++)
		if ((strchr(commands[i].name, ' ') != NULL) == of_two_words)
			print_command_case(out, &commands[i]);
}

static void
print_offers(FILE *out)
{
	fputs("\tcase \"${said[0]:-} ${said[1]:-}\" in\n", out);
	print_command_cases(out, true);
	fputs("\t*) case \"${said[0]:-}\" in\n"
	      "\t'') words='", out);
	print_first_words(out);
	fputs("' ;;\n", out);
	print_command_cases(out, false);
	fputs("\tesac\n"
	      "\tif [[ ${#said[@]} -eq 1 ]]; then\n"
	      "\t\tcase ${said[0]} in\n", out);
	print_second_words(out);
	fputs("\t\tesac\n"
	      "\tfi ;;\n"
	      "\tesac\n", out);
}

static void
print_bash(FILE *out)
{
	print_begin(out);
	print_gather(out);
	print_offers(out);
	fputs("\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
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
