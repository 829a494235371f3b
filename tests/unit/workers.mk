# SPDX-License-Identifier: Apache-2.0
WORKERS_TEST_LIBS = librtalp-workers.a librtalp-rules.a librtalp-proto.a librtalp-base.a $(WORKERS_LIBS) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_spawner
test_spawner_SOURCES = tests/unit/test_spawner.c tests/unit/test_workers.h tests/unit/unit.h
test_spawner_LDADD = $(WORKERS_TEST_LIBS)

check_PROGRAMS += test_activity_parse
test_activity_parse_SOURCES = tests/unit/test_activity_parse.c tests/unit/unit.h
test_activity_parse_LDADD = $(WORKERS_TEST_LIBS)

check_PROGRAMS += test_classify
test_classify_SOURCES = tests/unit/test_classify.c tests/unit/unit.h
test_classify_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(OPENSSL_CFLAGS)
test_classify_LDADD = $(WORKERS_TEST_LIBS)

check_PROGRAMS += test_confine
test_confine_SOURCES = tests/unit/test_confine.c tests/unit/test_confine_attempts.h tests/unit/test_confine_system.c \
	tests/unit/test_confine_network.c tests/unit/unit.h
test_confine_LDADD = $(WORKERS_TEST_LIBS)

check_PROGRAMS += test_fetch
test_fetch_SOURCES = tests/unit/test_fetch.c tests/unit/test_upstream_server.c tests/unit/test_upstream_server.h \
	tests/unit/test_workers.h tests/unit/unit.h
test_fetch_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS) $(ZLIB_CFLAGS)
test_fetch_LDADD = $(WORKERS_TEST_LIBS) $(ZLIB_LIBS)

check_PROGRAMS += test_keeper
test_keeper_SOURCES = tests/unit/test_keeper.c tests/unit/keeper_unit.h tests/unit/test_workers.h tests/unit/unit.h
test_keeper_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
test_keeper_LDADD = $(WORKERS_TEST_LIBS)

check_PROGRAMS += test_keeper_keys
test_keeper_keys_SOURCES = tests/unit/test_keeper_keys.c tests/unit/keeper_unit.h tests/unit/unit.h
test_keeper_keys_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS)
test_keeper_keys_LDADD = $(WORKERS_TEST_LIBS)
