# SPDX-License-Identifier: Apache-2.0
STORE_TEST_LDADD = librtalp-store.a librtalp-queue.a librtalp-base.a $(STORE_LIBS) $(BASE_LIBS) $(TEST_LIBS)
STORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)

check_PROGRAMS += test_store
test_store_SOURCES = tests/unit/test_store.c tests/unit/store_unit.h tests/unit/unit.h
test_store_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_job
test_store_job_SOURCES = tests/unit/test_store_job.c tests/unit/store_job_unit.h tests/unit/store_unit.h \
	tests/unit/unit.h
test_store_job_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_turn
test_store_turn_SOURCES = tests/unit/test_store_turn.c tests/unit/store_job_unit.h tests/unit/store_unit.h \
	tests/unit/unit.h
test_store_turn_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_walk
test_store_walk_SOURCES = tests/unit/test_store_walk.c tests/unit/store_unit.h tests/unit/unit.h
test_store_walk_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_waiting
test_waiting_SOURCES = tests/unit/test_waiting.c tests/unit/unit.h
test_waiting_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_entry
test_store_entry_SOURCES = tests/unit/test_store_entry.c tests/unit/store_unit.h tests/unit/unit.h
test_store_entry_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_activity
test_store_activity_SOURCES = tests/unit/test_store_activity.c tests/unit/store_unit.h tests/unit/unit.h
test_store_activity_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_rule_set
test_store_rule_set_SOURCES = tests/unit/test_store_rule_set.c tests/unit/store_unit.h tests/unit/unit.h
test_store_rule_set_LDADD = $(STORE_TEST_LDADD)
check_PROGRAMS += test_store_matter
test_store_matter_SOURCES = tests/unit/test_store_matter.c tests/unit/store_unit.h tests/unit/unit.h
test_store_matter_LDADD = $(STORE_TEST_LDADD)
check_PROGRAMS += test_store_verdicts
test_store_verdicts_SOURCES = tests/unit/test_store_verdicts.c tests/unit/store_unit.h tests/unit/unit.h
test_store_verdicts_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_event
test_store_event_SOURCES = tests/unit/test_store_event.c tests/unit/store_unit.h tests/unit/unit.h
test_store_event_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_audit
test_store_audit_SOURCES = tests/unit/test_store_audit.c tests/unit/store_unit.h tests/unit/unit.h
test_store_audit_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
test_store_audit_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_token
test_store_token_SOURCES = tests/unit/test_store_token.c tests/unit/store_unit.h tests/unit/unit.h
test_store_token_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_webhook
test_store_webhook_SOURCES = tests/unit/test_store_webhook.c tests/unit/store_unit.h tests/unit/unit.h
test_store_webhook_LDADD = $(STORE_TEST_LDADD)

# These look behind the header, at the engine.
check_PROGRAMS += test_store_plan
test_store_plan_SOURCES = tests/unit/test_store_plan.c tests/unit/store_unit.h tests/unit/unit.h
test_store_plan_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
test_store_plan_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_migrate
test_store_migrate_SOURCES = tests/unit/test_store_migrate.c tests/unit/store_unit.h tests/unit/unit.h
test_store_migrate_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
test_store_migrate_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_fault
test_store_fault_SOURCES = tests/unit/test_store_fault.c tests/unit/fault_vfs.c tests/unit/fault_vfs.h \
	tests/unit/store_unit.h tests/unit/unit.h
test_store_fault_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
test_store_fault_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_wal_vfs
test_wal_vfs_SOURCES = tests/unit/test_wal_vfs.c tests/unit/fault_vfs.c tests/unit/fault_vfs.h tests/unit/unit.h
test_wal_vfs_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
test_wal_vfs_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_disk
test_store_disk_SOURCES = tests/unit/test_store_disk.c tests/unit/store_unit.h tests/unit/unit.h
test_store_disk_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_posting
test_store_posting_SOURCES = tests/unit/test_store_posting.c tests/unit/store_unit.h tests/unit/unit.h
test_store_posting_LDADD = $(STORE_TEST_LDADD)

check_PROGRAMS += test_store_versions
test_store_versions_SOURCES = tests/unit/test_store_versions.c tests/unit/store_unit.h tests/unit/unit.h
test_store_versions_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
test_store_versions_LDADD = $(STORE_TEST_LDADD)
EXTRA_DIST += tests/data/stores
