# SPDX-License-Identifier: Apache-2.0
QUEUE_TEST_LDADD = librtalp-queue.a librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_kind
test_kind_SOURCES = tests/unit/test_kind.c tests/unit/unit.h
test_kind_LDADD = $(QUEUE_TEST_LDADD)

check_PROGRAMS += test_retry
test_retry_SOURCES = tests/unit/test_retry.c tests/unit/unit.h
test_retry_LDADD = $(QUEUE_TEST_LDADD)

check_PROGRAMS += test_pace
test_pace_SOURCES = tests/unit/test_pace.c tests/unit/unit.h
test_pace_LDADD = $(QUEUE_TEST_LDADD)

check_PROGRAMS += test_webhook_retry
test_webhook_retry_SOURCES = tests/unit/test_webhook_retry.c tests/unit/unit.h
test_webhook_retry_LDADD = $(QUEUE_TEST_LDADD)
