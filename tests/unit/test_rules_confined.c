/* SPDX-License-Identifier: Apache-2.0 */
/* A worker compiles nothing and may ask the system for memory only: judging a day must get by with that. */
#include "rules_unit.h"

#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/macro.h"
#include "rules/rules.h"

#define ROWS 5000

static struct rowset *
large_day(void)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b =
	    rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
	struct rowset *rs = NULL;

	for (int i = 0; i < ROWS; i++) {
		char title[600];
		struct row_view row = {.seconds = 1, .activity = STR("microsoft word")};

		snprintf(title, sizeof title, "%-580d Deed_[12345]", i);
		row.document = str_of(title);
		assert_int_equal(rowset_builder_add(b, &row), 0);
	}
	assert_int_equal(rowset_build(b, &rs), 0);
	return rs;
}

/* Made by another process, as a worker's rows are: this one must not have sorted anything by itself before it is
 * confined. */
static struct str
bytes_of_large_day(void)
{
	char *shared = mmap(NULL, ROWSET_MAX_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t *len = mmap(NULL, sizeof *len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child;

	assert_true(shared != MAP_FAILED && len != MAP_FAILED);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct str bytes = rowset_bytes(large_day());

		memcpy(shared, bytes.p, bytes.len);
		*len = bytes.len;
		_exit(0);
	}
	assert_int_equal(waitpid(child, NULL, 0), child);
	return (struct str){shared, *len};
}

static int
allow_memory_only(void)
{
	static const int calls[] = {SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap),
				    SCMP_SYS(exit_group)};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int r = filter != NULL ? 0 : -1;

	for (size_t i = 0; i < ELEMENTSOF(calls) && r == 0; i++)
		r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return r == 0 ? seccomp_load(filter) : r;
}

/* In a child process; its exit status tells which step failed. */
static _noreturn_ void
judge_confined(struct rules *rules, struct str bytes)
{
	struct rowset *day = NULL, *v = NULL;

	if (allow_memory_only() < 0)
		_exit(2);
	if (rowset_parse(bytes, &day) < 0 || rules_apply(rules, day, NULL, &v) < 0)
		_exit(3);
	_exit(rowset_count(v) == ROWS ? 0 : 4);
}

static bool
is_read(const char *text, size_t len)
{
	struct rule_faults faults = {.lines = NULL};
	struct ruleset *set = NULL;

	return ruleset_parse((struct str){text, len}, "r.conf", &faults, &set) == 0;
}

static _noreturn_ void
read_confined(const char *text, size_t len)
{
	static const char wrong[] = "merge = { keys = [ \"tsak\" ]; minimum_seconds = 99999999999; };", broken[] = "merge = {";

	if (allow_memory_only() < 0)
		_exit(2);
	if (is_read(wrong, sizeof wrong - 1) || is_read(broken, sizeof broken - 1))
		_exit(3);
	_exit(is_read(text, len) ? 0 : 4);
}

/* This process has read none before: nothing that a library does only once is done. */
static void
a_confined_worker_can_read_a_rules_file(void **state)
{
	size_t len = 0;
	char *text;
	int status = 0;
	pid_t child;

	(void)state;
#ifdef WITH_SANITIZER
	print_message("a sanitizer asks the system for more than memory: skipped\n");
	skip();
#endif
	text = source_file(DEFAULT_RULES, &len);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		read_confined(text, len);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	free(text);
}

static void
a_confined_worker_can_judge_a_large_day(void **state)
{
	struct ruleset *set;
	struct rules *rules = NULL;
	struct str bytes;
	int status = 0;
	pid_t child;

	(void)state;
#ifdef WITH_SANITIZER
	print_message("a sanitizer asks the system for more than memory: skipped\n");
	skip();
#endif
	set = shipped_set(REFERENCE_RULES);
	bytes = bytes_of_large_day();
	assert_int_equal(rules_new(set, &rules), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		judge_confined(rules, bytes);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	rules_free(rules);
	ruleset_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_confined_worker_can_read_a_rules_file),
	    cmocka_unit_test(a_confined_worker_can_judge_a_large_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
