# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += test_base
test_base_SOURCES = tests/unit/test_base.c tests/unit/unit.h
test_base_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)
