# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-rules.a
librtalp_rules_a_SOURCES = \
	src/rules/apps.c src/rules/apps.h \
	src/rules/beside.c src/rules/beside.h src/rules/regex_tree.c src/rules/regex_tree.h \
	src/rules/needs.c src/rules/needs.h src/rules/shape.c src/rules/regex_item.c src/rules/regex_item.h \
	src/rules/regex_sample.c src/rules/regex_sample.h src/rules/rule_places.c src/rules/rule_places.h \
	src/rules/ruleset.h \
	src/rules/ruleset_file.c src/rules/ruleset_file.h \
	src/rules/ruleset_read.c src/rules/ruleset_read.h \
	src/rules/ruleset_rules.c src/rules/ruleset_rules.h \
	src/rules/clean.c src/rules/clean.h \
	src/rules/grams.c src/rules/grams.h \
	src/rules/group.c src/rules/group.h \
	src/rules/guard.c src/rules/guard.h \
	src/rules/judge.c \
	src/rules/lead.c src/rules/lead.h \
	src/rules/lint.c src/rules/lint.h src/rules/lint_internal.h src/rules/lint_pattern.c \
	src/rules/match.c src/rules/match.h \
	src/rules/matter.c src/rules/matter.h src/rules/matter_ballot.c \
	src/rules/matter_words.c src/rules/matter_words.h \
	src/rules/near.c src/rules/near.h \
	src/rules/notes.c src/rules/notes.h \
	src/rules/privacy.c src/rules/privacy.h \
	src/rules/rules.c src/rules/rules.h src/rules/rules_internal.h \
	src/rules/text.c src/rules/text.h \
	src/rules/trail.c src/rules/trail.h \
	src/rules/try.c src/rules/try.h \
	src/rules/units.c src/rules/units.h \
	src/rules/vague.c src/rules/vague.h \
	src/rules/work_hours.c src/rules/work_hours.h
librtalp_rules_a_CPPFLAGS = $(AM_CPPFLAGS) $(PCRE2_CFLAGS) $(CONFIG_CFLAGS) $(SODIUM_CFLAGS)

# What everything that links the rules needs besides BASE_LIBS.
RULES_LIBS = $(PCRE2_LIBS) $(CONFIG_LIBS)

# The rules that hold without a rules file, as bytes: a literal of a whole file would be longer than C promises.
DEFAULT_RULES = etc/rules.conf
BUILT_SOURCES += src/rules/default_rules.inc
CLEANFILES += src/rules/default_rules.inc
src/rules/default_rules.inc: $(DEFAULT_RULES) src/rules/local.mk
	$(AM_V_GEN)$(MKDIR_P) src/rules && { \
	echo "static const unsigned char default_rules[] = {"; \
	od -An -v -tu1 "$(srcdir)/$(DEFAULT_RULES)" | $(SED) 's/[0-9][0-9]*/&,/g'; \
	echo "};"; } > $@.tmp && mv -f $@.tmp $@
src/rules/librtalp_rules_a-ruleset_file.$(OBJEXT): src/rules/default_rules.inc
