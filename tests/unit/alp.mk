# SPDX-License-Identifier: Apache-2.0
ALP_TEST_LDADD = librtalp-alp.a librtalp-base.a $(ALP_LIBS) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_web
test_web_SOURCES = tests/unit/test_web.c tests/unit/test_alp_server.c tests/unit/test_alp_server.h tests/unit/unit.h
test_web_CPPFLAGS = $(librtalp_alp_a_CPPFLAGS) $(ZLIB_CFLAGS)
test_web_LDADD = $(ALP_TEST_LDADD) $(ZLIB_LIBS)

check_PROGRAMS += test_matter_search test_alp_lists
test_matter_search_SOURCES = tests/unit/test_matter_search.c tests/unit/unit.h
test_matter_search_LDADD = $(ALP_TEST_LDADD)
test_alp_lists_SOURCES = tests/unit/test_alp_lists.c tests/unit/unit.h
test_alp_lists_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
test_alp_lists_LDADD = $(ALP_TEST_LDADD)
