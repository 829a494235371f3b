# SPDX-License-Identifier: Apache-2.0
# Unit tests: one program a module, cmocka, named tests/unit/test_<module>.c; each directory's own tests are listed in a
# fragment of theirs so that adding one touches one place.
TEST_LIBS = $(CMOCKA_LIBS)
include tests/unit/base.mk
include tests/unit/proto.mk
include tests/unit/rules.mk
include tests/unit/queue.mk
include tests/unit/store.mk
include tests/unit/workers.mk
include tests/unit/alp.mk
include tests/unit/app.mk
include tests/unit/http.mk
include tests/unit/daemon.mk
include tests/unit/ctl.mk
include tests/fuzz/local.mk
TESTS += $(check_PROGRAMS)

# What is checked of the source itself.
TEST_EXTENSIONS = .sh
dist_check_SCRIPTS = tests/catalog.sh tests/layers.sh tests/rulefiles.sh tests/style.sh tests/tables.sh tests/unitfile.sh
TESTS += $(dist_check_SCRIPTS)

EXTRA_DIST += tests/openapi/package.json tests/openapi/package-lock.json tests/openapi/.npmrc tests/openapi/redocly.yaml
EXTRA_DIST += README.md HACKING.md NEWS LICENSE quickstart debian-packages.txt debian tests/boot tests/e2e tests/data/review-screen.json tools
# By hand, because `check` in EXTRA_DIST would mean the target.
dist-hook: dist-swagger-ui
	cp -p '$(srcdir)/check' '$(distdir)/check'
	find '$(distdir)' -name __pycache__ -type d -prune -exec rm -rf {} +

# The programs that confine themselves, run themselves again, look at the clock or take minutes cannot run under valgrind; the sanitizer build has them.
VALGRIND_SKIPS = test_confine% test_day_walk test_spawner% test_supervisor% test_keeper test_worker% test_process_worker% test_fetch% test_%_confined test_rules_match test_rules_hostile test_lint test_store_disk test_store_fault test_fault_sweep test_message_fault test_store_migrate fuzz_%
check-valgrind: $(check_PROGRAMS)
	@srcdir='$(srcdir)' top_srcdir='$(abs_top_srcdir)' $(top_srcdir)/tools/valgrind.sh \
		$(filter-out $(VALGRIND_SKIPS), $(check_PROGRAMS))
.PHONY: check-valgrind
CLEANFILES += valgrind.*.log valgrind.passed valgrind.failed

# Where tests/unit/unit.h looks for vectors, when $RTALP_VECTORS does not say it.
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	LSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/lsan.supp:print_suppressions=0"; export LSAN_OPTIONS;
EXTRA_DIST += tests/lsan.supp tests/tsan.supp tests/soak
EXTRA_DIST += tests/vectors/reference-day.json tests/vectors/matter-codes.tsv tests/vectors/matter-list.json
