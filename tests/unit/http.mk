# SPDX-License-Identifier: Apache-2.0
HTTP_TEST_LIBS = librtalp-http.a librtalp-queue.a librtalp-base.a $(HTTP_LIBS) $(BASE_LIBS)

# The front end with pretended verbs; tests/e2e/test_http_fake.py drives it.
noinst_PROGRAMS += fake_app
fake_app_SOURCES = tests/unit/fake_app.c
fake_app_LDADD = $(HTTP_TEST_LIBS)
