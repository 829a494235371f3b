# SPDX-License-Identifier: Apache-2.0
HTTP_TEST_LDADD = librtalp-http.a librtalp-alp.a $(HTTP_LIBS) $(ALP_LIBS) $(APP_TEST_LDADD)

check_PROGRAMS += test_http_answer test_http_answer_cache
test_http_answer_cache_SOURCES = tests/unit/test_http_answer_cache.c tests/unit/unit.h
test_http_answer_cache_LDADD = $(HTTP_TEST_LDADD)
test_http_answer_SOURCES = tests/unit/test_http_answer.c tests/unit/unit.h
test_http_answer_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS) $(EVENT_CFLAGS)
test_http_answer_LDADD = $(HTTP_TEST_LDADD)

check_PROGRAMS += test_http_guard test_http_head test_http_json test_http_openapi test_http_router test_http_schema
test_http_guard_SOURCES = tests/unit/test_http_guard.c tests/unit/unit.h
test_http_guard_LDADD = $(HTTP_TEST_LDADD)
test_http_head_SOURCES = tests/unit/test_http_head.c tests/unit/unit.h
test_http_head_LDADD = $(HTTP_TEST_LDADD)
test_http_json_SOURCES = tests/unit/test_http_json.c tests/unit/unit.h
test_http_json_LDADD = $(HTTP_TEST_LDADD)
test_http_openapi_SOURCES = tests/unit/test_http_openapi.c tests/unit/unit.h
test_http_openapi_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
test_http_openapi_LDADD = $(HTTP_TEST_LDADD)
test_http_router_SOURCES = tests/unit/test_http_router.c tests/unit/unit.h
test_http_router_LDADD = $(HTTP_TEST_LDADD)
test_http_schema_SOURCES = tests/unit/test_http_schema.c tests/unit/unit.h
test_http_schema_LDADD = $(HTTP_TEST_LDADD)

check_PROGRAMS += test_http_ahead
test_http_ahead_SOURCES = tests/unit/test_http_ahead.c tests/unit/unit.h
test_http_ahead_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS)
test_http_ahead_LDADD = $(HTTP_TEST_LDADD)

check_PROGRAMS += test_http_slowdown
test_http_slowdown_SOURCES = tests/unit/test_http_slowdown.c tests/unit/unit.h
test_http_slowdown_LDADD = $(HTTP_TEST_LDADD)

check_PROGRAMS += test_http_conventions
test_http_conventions_SOURCES = tests/unit/test_http_conventions.c tests/unit/unit.h
test_http_conventions_LDADD = $(HTTP_TEST_LDADD)

# The front end with pretended verbs; tests/e2e/test_http_fake.py drives it.
noinst_PROGRAMS += fake_app
fake_app_LDADD = librtalp-http.a librtalp-app.a librtalp-rules.a librtalp-queue.a librtalp-alp.a librtalp-base.a $(HTTP_LIBS) $(ALP_LIBS) $(BASE_LIBS) $(RULES_LIBS)
fake_app_SOURCES = tests/unit/fake_app.c tests/unit/fake_app.h tests/unit/fake_check.c tests/unit/fake_posting.c tests/unit/fake_review.c tests/unit/fake_sync.c tests/unit/fake_upkeep.c tests/unit/fake_webhook.c

check_PROGRAMS += test_http_words
test_http_words_SOURCES = tests/unit/test_http_words.c tests/unit/unit.h
test_http_words_LDADD = $(HTTP_TEST_LDADD)

check_PROGRAMS += test_http_tls
test_http_tls_SOURCES = tests/unit/test_http_tls.c tests/unit/unit.h
test_http_tls_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(OPENSSL_CFLAGS)
test_http_tls_LDADD = $(HTTP_TEST_LDADD)
