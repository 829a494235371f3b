# SPDX-License-Identifier: Apache-2.0
APP_TEST_LDADD = librtalp-app.a librtalp-store.a librtalp-rules.a librtalp-queue.a librtalp-proto.a librtalp-base.a \
	$(STORE_LIBS) $(RULES_LIBS) $(JSONC_LIBS) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_merge
test_merge_SOURCES = tests/unit/test_merge.c tests/unit/unit.h
test_merge_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_matters
test_matters_SOURCES = tests/unit/test_matters.c tests/unit/app_unit.h tests/unit/unit.h
test_matters_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_report
test_report_SOURCES = tests/unit/test_report.c tests/unit/app_unit.h tests/unit/unit.h
test_report_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_suggest
test_suggest_SOURCES = tests/unit/test_suggest.c tests/unit/app_unit.h tests/unit/unit.h
test_suggest_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_settle
test_settle_SOURCES = tests/unit/test_settle.c tests/unit/unit.h
test_settle_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_supplement
test_supplement_SOURCES = tests/unit/test_supplement.c tests/unit/unit.h
test_supplement_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_day_walk
test_day_walk_SOURCES = tests/unit/test_day_walk.c tests/unit/day_walk.h tests/unit/day_walk_review.h tests/unit/app_unit.h tests/unit/unit.h
test_day_walk_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_app
test_app_SOURCES = tests/unit/test_app.c tests/unit/app_unit.h tests/unit/unit.h
test_app_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_once
test_once_SOURCES = tests/unit/test_once.c tests/unit/app_unit.h tests/unit/unit.h
test_once_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_hub
test_hub_SOURCES = tests/unit/test_hub.c tests/unit/unit.h
test_hub_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_app_keys
test_app_keys_SOURCES = tests/unit/test_app_keys.c tests/unit/app_unit.h tests/unit/unit.h
test_app_keys_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_app_version
test_app_version_SOURCES = tests/unit/test_app_version.c tests/unit/app_unit.h tests/unit/unit.h
test_app_version_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_token
test_token_SOURCES = tests/unit/test_token.c tests/unit/unit.h
test_token_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_steps
test_steps_SOURCES = tests/unit/test_steps.c tests/unit/unit.h
test_steps_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_import
test_import_SOURCES = tests/unit/test_import.c tests/unit/app_unit.h tests/unit/unit.h
test_import_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_import_match
test_import_match_SOURCES = tests/unit/test_import_match.c tests/unit/unit.h
test_import_match_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_reconcile
test_reconcile_SOURCES = tests/unit/test_reconcile.c tests/unit/unit.h
test_reconcile_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_posting
test_posting_SOURCES = tests/unit/test_posting.c tests/unit/posting_unit.h tests/unit/app_unit.h tests/unit/unit.h
test_posting_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_posting_doubt
test_posting_doubt_SOURCES = tests/unit/test_posting_doubt.c tests/unit/posting_unit.h tests/unit/app_unit.h tests/unit/unit.h
test_posting_doubt_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_sync
test_sync_SOURCES = tests/unit/test_sync.c tests/unit/unit.h
test_sync_LDADD = $(APP_TEST_LDADD)

check_PROGRAMS += test_watch
test_watch_SOURCES = tests/unit/test_watch.c tests/unit/unit.h
test_watch_LDADD = $(APP_TEST_LDADD)

# Behind the header, at the engine, and with calls of the C library that fail.
check_PROGRAMS += test_fault_sweep
test_fault_sweep_SOURCES = tests/unit/test_fault_sweep.c tests/unit/fault_day.c tests/unit/fault_day.h tests/unit/fault_sys.c tests/unit/fault_sys.h tests/unit/app_unit.h tests/unit/unit.h
test_fault_sweep_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
test_fault_sweep_LDADD = $(APP_TEST_LDADD)
