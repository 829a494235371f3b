# SPDX-License-Identifier: Apache-2.0
STORE_TEST_LDADD = librtalp-store.a librtalp-queue.a librtalp-base.a $(STORE_LIBS) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_store_job
test_store_job_SOURCES = tests/unit/test_store_job.c tests/unit/store_unit.h tests/unit/unit.h
test_store_job_LDADD = $(STORE_TEST_LDADD)
