# SPDX-License-Identifier: Apache-2.0
RULES_TEST_LIBS = librtalp-rules.a librtalp-proto.a librtalp-base.a $(BASE_LIBS) $(RULES_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_units
test_units_SOURCES = tests/unit/test_units.c tests/unit/unit.h
test_units_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rules_vectors
test_rules_vectors_SOURCES = tests/unit/test_rules_vectors.c tests/unit/rules_unit.h tests/unit/unit.h
test_rules_vectors_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
test_rules_vectors_LDADD = $(RULES_TEST_LIBS) $(JSONC_LIBS)

check_PROGRAMS += test_rules
test_rules_SOURCES = tests/unit/test_rules.c tests/unit/rules_unit.h tests/unit/unit.h
test_rules_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rules_match
test_rules_match_SOURCES = tests/unit/test_rules_match.c tests/unit/rules_unit.h tests/unit/unit.h
test_rules_match_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
test_rules_match_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rules_confined
test_rules_confined_SOURCES = tests/unit/test_rules_confined.c tests/unit/rules_unit.h tests/unit/unit.h
test_rules_confined_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS)
test_rules_confined_LDADD = $(RULES_TEST_LIBS) $(SECCOMP_LIBS)

check_PROGRAMS += test_matter
test_matter_SOURCES = tests/unit/test_matter.c tests/unit/unit.h
test_matter_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_beside
test_beside_SOURCES = tests/unit/test_beside.c tests/unit/unit.h
test_beside_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
test_beside_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rules_needs
test_rules_needs_SOURCES = tests/unit/test_rules_needs.c tests/unit/unit.h
test_rules_needs_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
test_rules_needs_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_ruleset_file
test_ruleset_file_SOURCES = tests/unit/test_ruleset_file.c tests/unit/rules_unit.h tests/unit/unit.h
test_ruleset_file_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
test_ruleset_file_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_ruleset_shipped
test_ruleset_shipped_SOURCES = tests/unit/test_ruleset_shipped.c tests/unit/rules_unit.h tests/unit/unit.h
test_ruleset_shipped_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_lint
test_lint_SOURCES = tests/unit/test_lint.c tests/unit/rules_unit.h tests/unit/unit.h
test_lint_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_try
test_try_SOURCES = tests/unit/test_try.c tests/unit/rules_unit.h tests/unit/unit.h
test_try_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_matter_titles
test_matter_titles_SOURCES = tests/unit/test_matter_titles.c tests/unit/rules_unit.h tests/unit/unit.h
test_matter_titles_LDADD = $(RULES_TEST_LIBS)
EXTRA_DIST += tests/data/matter-titles.py tests/data/matter-titles.tsv

check_PROGRAMS += test_near
test_near_SOURCES = tests/unit/test_near.c tests/unit/unit.h
test_near_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_privacy
test_privacy_SOURCES = tests/unit/test_privacy.c tests/unit/rules_unit.h tests/unit/unit.h
test_privacy_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rules_hostile
test_rules_hostile_SOURCES = tests/unit/test_rules_hostile.c tests/unit/rules_unit.h tests/unit/unit.h tests/lib/nasty_titles.h
test_rules_hostile_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/lib
test_rules_hostile_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rules_verdicts
test_rules_verdicts_SOURCES = tests/unit/test_rules_verdicts.c tests/unit/rules_unit.h tests/unit/unit.h
test_rules_verdicts_LDADD = $(RULES_TEST_LIBS)

check_PROGRAMS += test_rule_places
test_rule_places_SOURCES = tests/unit/test_rule_places.c tests/unit/unit.h
test_rule_places_LDADD = $(RULES_TEST_LIBS)
