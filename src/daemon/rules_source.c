/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/rules_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "rules/privacy.h"

static int
complain(struct rule_faults *faults, const char *path, const char *what, int r)
{
	faults->lines = xreallocarray(faults->lines, faults->count + 1, sizeof *faults->lines);
	faults->lines[faults->count++] = xasprintf("%s: %s", path, what);
	return r;
}

/* O_NONBLOCK: what is no regular file is not waited for either. */
static int
read_text(const char *path, struct rule_faults *faults, char **ret_text, size_t *ret_len)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return complain(faults, path, strerrordesc_np(errno), -errno);
	if (!S_ISREG(st.st_mode))
		return complain(faults, path, "is not a regular file", -EINVAL);
	text = xcalloc(RULES_FILE_MAX + 1, 1);
	n = fd_read_all(fd, text, RULES_FILE_MAX + 1);
	if (n < 0)
		return complain(faults, path, strerrordesc_np((int)-n), (int)n);
	if ((size_t)n > RULES_FILE_MAX)
		return complain(faults, path, "is larger than 1 MB", -EFBIG);
	/* Never meant: what a file is while somebody writes it, and without rules nothing would be kept out at intake. */
	if ((size_t)n == strspn(text, " \t\r\n"))
		return complain(faults, path, "is empty", -EINVAL);
	*ret_len = (size_t)n;
	*ret_text = TAKE_PTR(text);
	return 0;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Takes the text over. */
static struct rules_source *
source_new(const struct ruleset *set, const char *name, struct str text)
{
	struct rules_source *s = xcalloc(1, sizeof *s);

	s->references = 1;
	s->name = xstrdup(name);
	s->text = text;
	s->units = set->units;
	(void)snprintf(s->version, sizeof s->version, "%s", set->version);
	privacy_version(set, s->privacy);
	return s;
}

int
rules_source_load(const char *path, struct rule_faults *faults, struct rules_source **ret_source)
{
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	_cleanup_free_ char *text = NULL;
	bool is_file = path[0] != '\0';
	size_t len = ruleset_default_text().len;
	int r = 0;

	if (is_file)
		r = read_text(path, faults, &text, &len);
	else
		text = xmemdup(ruleset_default_text().p, len, 1);
	if (r == 0)
		r = ruleset_parse((struct str){text, len}, is_file ? path : RULESET_DEFAULT_NAME, faults, &set);
	if (r < 0)
		return r;
	*ret_source = source_new(set, is_file ? base_name(path) : RULESET_DEFAULT_NAME, (struct str){TAKE_PTR(text), len});
	return 0;
}

struct rules_source *
rules_source_ref(struct rules_source *s)
{
	s->references++;
	return s;
}

struct rules_source *
rules_source_unref(struct rules_source *s)
{
	if (s != NULL && --s->references == 0) {
		free(s->name);
		free((char *)(uintptr_t)s->text.p);
		free(s);
	}
	return NULL;
}

bool
rules_source_same(const struct rules_source *a, const struct rules_source *b)
{
	return strcmp(a->version, b->version) == 0 && strcmp(a->name, b->name) == 0;
}

struct rule_set
rules_source_row(const struct rules_source *s)
{
	struct rule_set row = {.name = s->name, .text = s->text};

	(void)snprintf(row.version, sizeof row.version, "%s", s->version);
	return row;
}
