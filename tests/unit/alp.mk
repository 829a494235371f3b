# SPDX-License-Identifier: Apache-2.0
ALP_TEST_LDADD = librtalp-alp.a librtalp-base.a $(ALP_LIBS) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_web
test_web_SOURCES = tests/unit/test_web.c tests/unit/test_alp_server.c tests/unit/test_alp_server.h tests/unit/unit.h
test_web_CPPFLAGS = $(librtalp_alp_a_CPPFLAGS) $(ZLIB_CFLAGS)
test_web_LDADD = $(ALP_TEST_LDADD) $(ZLIB_LIBS)

check_PROGRAMS += test_matter_search test_alp_lists
test_matter_search_SOURCES = tests/unit/test_matter_search.c tests/unit/unit.h
test_matter_search_LDADD = $(ALP_TEST_LDADD)
test_alp_lists_SOURCES = tests/unit/test_alp_lists.c tests/unit/redis_server.h tests/unit/unit.h
test_alp_lists_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
test_alp_lists_LDADD = $(ALP_TEST_LDADD)

check_PROGRAMS += test_cache_seal
test_cache_seal_SOURCES = tests/unit/test_cache_seal.c tests/unit/redis_server.h tests/unit/unit.h
test_cache_seal_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
test_cache_seal_LDADD = $(ALP_TEST_LDADD)

check_PROGRAMS += test_alp
test_alp_SOURCES = tests/unit/test_alp.c tests/unit/alp_unit.h tests/unit/test_alp_server.c tests/unit/test_alp_server.h tests/unit/unit.h
test_alp_CPPFLAGS = $(librtalp_alp_a_CPPFLAGS)
test_alp_LDADD = $(ALP_TEST_LDADD)

check_PROGRAMS += test_breaker
test_breaker_SOURCES = tests/unit/test_breaker.c tests/unit/unit.h
test_breaker_LDADD = $(ALP_TEST_LDADD)

check_PROGRAMS += test_json_text
test_json_text_SOURCES = tests/unit/test_json_text.c tests/unit/unit.h
test_json_text_LDADD = $(ALP_TEST_LDADD)

check_PROGRAMS += test_alp_entries
test_alp_entries_SOURCES = tests/unit/test_alp_entries.c tests/unit/alp_unit.h tests/unit/test_alp_server.c tests/unit/test_alp_server.h \
	tests/unit/unit.h
test_alp_entries_CPPFLAGS = $(librtalp_alp_a_CPPFLAGS)
test_alp_entries_LDADD = $(ALP_TEST_LDADD)
