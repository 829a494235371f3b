/* SPDX-License-Identifier: Apache-2.0 */
/* rules test: what can be said of a rules file without a daemon. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "ctl/ctl.h"
#include "ctl/text.h"
#include "rules/lint.h"
#include "rules/ruleset_file.h"
#include "rules/try.h"

/* One line of a file's faults; what it quotes is the file's own. */
static void
print_line(struct ctl *ctl, struct str line)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(64 * 1024);

	text_add_safe(&safe, line);
	fprintf(ctl->out.out, "%.*s\n", STR_ARG(buf_str(&safe)));
}

int
ctl_read_rules(const char *path, char **ret_text, size_t *ret_len)
{
	_cleanup_close_ int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_free_ char *text = xcalloc(RULES_FILE_MAX + 1, 1);
	ssize_t n = fd < 0 ? -errno : fd_read_all(fd, text, RULES_FILE_MAX + 1);

	if (n < 0) {
		say("%s: %s", path, strerrordesc_np((int)-n));
		return EXIT_STATUS_USAGE;
	}
	if ((size_t)n > RULES_FILE_MAX) {
		say("%s: is larger than 1 MB", path);
		return EXIT_STATUS_USAGE;
	}
	*ret_len = (size_t)n;
	*ret_text = TAKE_PTR(text);
	return EXIT_STATUS_OK;
}

int
ctl_parse_rules(struct ctl *ctl, const char *path, struct str text, struct ruleset **ret_set)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	int r = ruleset_parse(text, path, &faults, ret_set);

	for (size_t i = 0; i < faults.count; i++)
		print_line(ctl, str_of(faults.lines[i]));
	return r < 0 ? EXIT_STATUS_USAGE : EXIT_STATUS_OK;
}

static void
print_notes(struct ctl *ctl, const char *path, const struct rule_notes *notes, const char *before)
{
	for (size_t i = 0; i < notes->count; i++) {
		const struct rule_note *note = &notes->rows[i];
		_cleanup_free_ char *line = xasprintf("%s:%u: %s%s: %s", path, note->line, before, note->rule, note->text);

		print_line(ctl, str_of(line));
	}
	if (notes->left_off > 0)
		fprintf(ctl->out.out, "and %zu more\n", notes->left_off);
}

static int
test_set(struct ctl *ctl, const char *path, const struct ruleset *set)
{
	_cleanup_(rule_notes_release) struct rule_notes wrong = {.rows = NULL}, warnings = {.rows = NULL};
	size_t examples = 0;
	int r = rules_try(set, &wrong, &examples);

	if (r == 0)
		r = rules_lint(set, &warnings);
	if (r < 0) {
		say("%s: %s", path, strerrordesc_np(-r));
		return EXIT_STATUS_FAILED;
	}
	print_notes(ctl, path, &wrong, "");
	print_notes(ctl, path, &warnings, "warning: ");
	fprintf(ctl->out.out, "%zu examples, %zu not so, %zu warnings\n", examples, wrong.count + wrong.left_off,
	    warnings.count + warnings.left_off);
	return wrong.count > 0 ? EXIT_STATUS_FAILED : EXIT_STATUS_OK;
}

int
cmd_rules_test(struct ctl *ctl)
{
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int r = ctl_read_rules(ctl->args.operand, &text, &len);

	if (r == EXIT_STATUS_OK)
		r = ctl_parse_rules(ctl, ctl->args.operand, (struct str){text, len}, &set);
	return r == EXIT_STATUS_OK ? test_set(ctl, ctl->args.operand, set) : r;
}
