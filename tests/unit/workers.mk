# SPDX-License-Identifier: Apache-2.0
WORKERS_TEST_LIBS = librtalp-workers.a librtalp-rules.a librtalp-proto.a librtalp-base.a $(WORKERS_LIBS) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_spawner
test_spawner_SOURCES = tests/unit/test_spawner.c tests/unit/test_workers.h tests/unit/unit.h
test_spawner_LDADD = $(WORKERS_TEST_LIBS)
