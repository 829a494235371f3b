/* SPDX-License-Identifier: Apache-2.0 */
/* A rules file: whatever stands in it, it is either wrong with at least one line that says so, or a rule set that can be compiled and judges. */
#include <stdlib.h>

#include "rules/rules.h"
#include "rules/ruleset_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
judge(const struct ruleset *set)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(10, 20000);
	_cleanup_(rowset_freep) struct rowset *day = NULL, *verdicts = NULL;
	_cleanup_(rules_freep) struct rules *rules = NULL;
	const struct row_view row = {.seconds = 60, .activity = STR("Microsoft Word"), .document = STR("Deed_[12345].docx - Read-Only")};

	if (rules_new(set, &rules) < 0 || rowset_builder_add(b, &row) < 0 || rowset_build(b, &day) < 0 ||
	    rules_apply(rules, day, NULL, &verdicts) < 0 || rowset_seconds(verdicts) != 60)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {.lines = NULL};
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	int r = ruleset_parse((struct str){(const char *)data, size}, "fuzz", &faults, &set);

	if (r < 0 ? faults.count == 0 || set != NULL : faults.count != 0 || set == NULL)
		abort();
	if (set != NULL)
		judge(set);
	return 0;
}
