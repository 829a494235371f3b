# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-store.a
librtalp_store_a_SOURCES = \
	src/store/activity.c src/store/activity.h \
	src/store/alp_proof.c src/store/alp_proof.h \
	src/store/audit.c src/store/audit.h \
	src/store/backup.c src/store/backup.h \
	src/store/bag.c src/store/bag.h \
	src/store/box_row.c src/store/box_row.h \
	src/store/check.c src/store/check.h \
	src/store/connection.c \
	src/store/engine.h src/store/engine_memory.c \
	src/store/entry.c src/store/entry.h \
	src/store/event.c src/store/event.h \
	src/store/fold.c src/store/fold.h \
	src/store/given.c src/store/given.h \
	src/store/job.c src/store/job.h \
	src/store/job_key.c src/store/job_list.c \
	src/store/job_row.h \
	src/store/job_transition.c \
	src/store/job_waiting.c \
	src/store/learned.c src/store/learned.h \
	src/store/ledger.c src/store/ledger.h \
	src/store/matter.c src/store/matter.h \
	src/store/migrate.c src/store/migrate.h \
	src/store/notice.c src/store/notice.h \
	src/store/once.c src/store/once.h \
	src/store/open.c \
	src/store/owners.c src/store/owners.h \
	src/store/person.c src/store/person.h \
	src/store/posting.c src/store/posting.h src/store/posting_list.c src/store/posting_row.h \
	src/store/reader.c \
	src/store/restore.c src/store/restore.h \
	src/store/rule_check.c src/store/rule_check.h \
	src/store/rule_set.c src/store/rule_set.h \
	src/store/sample.c src/store/sample.h \
	src/store/sqlite.c src/store/sqlite.h \
	src/store/statements.def \
	src/store/store.c src/store/store.h \
	src/store/tender.c \
	src/store/token.c src/store/token.h \
	src/store/trace.c src/store/trace.h \
	src/store/turn.c src/store/turn.h \
	src/store/turns.c \
	src/store/user.c src/store/user.h \
	src/store/verdicts.c src/store/verdicts.h \
	src/store/wal_vfs.c src/store/wal_vfs.h \
	src/store/waiting.c src/store/waiting.h \
	src/store/webhook.c src/store/webhook.h \
	src/store/words.c src/store/words.h \
	src/store/writer.c
librtalp_store_a_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(GLIB_CFLAGS) $(SODIUM_CFLAGS)

# What everything that links the store needs besides BASE_LIBS.
STORE_LIBS = $(SQLITE_LIBS) -lpthread

# The schema's steps, in their order; each file is one element of schema_steps[].
SCHEMA_STEPS = src/store/schema/001.sql
EXTRA_DIST += $(SCHEMA_STEPS) src/store/schema/to_c.sed
BUILT_SOURCES += src/store/schema.inc
CLEANFILES += src/store/schema.inc
src/store/schema.inc: $(SCHEMA_STEPS) src/store/schema/to_c.sed
	$(AM_V_GEN)$(MKDIR_P) src/store && { \
	list=; \
	for f in $(SCHEMA_STEPS); do \
		n=`echo "$$f" | $(SED) 's,.*/\([0-9]*\)\.sql,\1,'`; \
		echo "static const char *const schema_$$n[] = {"; \
		$(SED) -f $(srcdir)/src/store/schema/to_c.sed "$(srcdir)/$$f"; \
		echo "	NULL};"; \
		list="$$list schema_$$n,"; \
	done; \
	echo "static const char *const *const schema_steps[] = {$$list};"; } > $@.tmp && mv -f $@.tmp $@
src/store/librtalp_store_a-migrate.$(OBJEXT): src/store/schema.inc
