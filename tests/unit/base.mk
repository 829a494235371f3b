# SPDX-License-Identifier: Apache-2.0
check_PROGRAMS += test_base
test_base_SOURCES = tests/unit/test_base.c tests/unit/unit.h
test_base_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_log
test_log_SOURCES = tests/unit/test_log.c tests/unit/unit.h
test_log_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_webhook_sign
test_webhook_sign_SOURCES = tests/unit/test_webhook_sign.c tests/unit/unit.h
test_webhook_sign_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_address
test_address_SOURCES = tests/unit/test_address.c tests/unit/unit.h
test_address_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_webhook_url
test_webhook_url_SOURCES = tests/unit/test_webhook_url.c tests/unit/unit.h
test_webhook_url_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_metrics
test_metrics_SOURCES = tests/unit/test_metrics.c tests/unit/unit.h
test_metrics_LDADD = librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)
