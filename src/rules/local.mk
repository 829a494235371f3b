# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-rules.a
librtalp_rules_a_SOURCES = \
	src/rules/builtin.c src/rules/ruleset.h \
	src/rules/clean.c src/rules/clean.h \
	src/rules/match.c src/rules/match.h \
	src/rules/matter.c src/rules/matter.h \
	src/rules/rules.c src/rules/rules.h \
	src/rules/text.c src/rules/text.h \
	src/rules/units.c src/rules/units.h \
	src/rules/vague.c src/rules/vague.h
librtalp_rules_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS)
