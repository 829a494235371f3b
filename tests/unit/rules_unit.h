/* SPDX-License-Identifier: Apache-2.0 */
/* rules_unit.h - the rules files of ours, for tests. */
#ifndef RTALP_TESTS_RULES_UNIT_H
#define RTALP_TESTS_RULES_UNIT_H

#include "unit.h"

#include "base/buf.h"
#include "rules/ruleset_file.h"

#define REFERENCE_RULES "etc/rules-reference.conf"
#define DEFAULT_RULES   "etc/rules.conf"

/* A file of the source; the caller frees. */
static inline char *
source_file(const char *name, size_t *ret_len)
{
	const char *top = getenv("top_srcdir");
	struct buf text = BUF_INIT((size_t)2 * 1024 * 1024);
	char path[4096], chunk[4096];
	size_t n;
	FILE *f;

	assert_true(snprintf(path, sizeof path, "%s/%s", top != NULL ? top : ".", name) < (int)sizeof path);
	f = fopen(path, "re");
	if (f == NULL)
		fail_msg("%s cannot be read", path);
	while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
		assert_int_equal(buf_add(&text, chunk, n), 0);
	assert_int_equal(fclose(f), 0);
	return buf_take(&text, ret_len);
}

/* Of a text without a fault. */
static inline struct ruleset *
set_of(struct str text, const char *name)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	struct ruleset *set = NULL;
	int r = ruleset_parse(text, name, &faults, &set);

	for (size_t i = 0; i < faults.count; i++)
		print_error("%s\n", faults.lines[i]);
	assert_int_equal(r, 0);
	assert_int_equal(faults.count, 0);
	return set;
}

static inline struct ruleset *
shipped_set(const char *name)
{
	size_t len = 0;
	char *text = source_file(name, &len);
	struct ruleset *set = set_of((struct str){text, len}, name);

	free(text);
	return set;
}

#endif
