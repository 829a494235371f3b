# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += test_base
test_base_SOURCES = tests/unit/test_base.c tests/unit/unit.h
test_base_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_log
test_log_SOURCES = tests/unit/test_log.c tests/unit/unit.h
test_log_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)
