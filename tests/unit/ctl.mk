# SPDX-License-Identifier: Apache-2.0
CTL_TEST_LDADD = librtalp-ctl.a $(CTL_LIBS) librtalp-base.a $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_ctl_args
test_ctl_args_SOURCES = tests/unit/test_ctl_args.c tests/unit/unit.h
test_ctl_args_LDADD = $(CTL_TEST_LDADD)

check_PROGRAMS += test_ctl_text
test_ctl_text_SOURCES = tests/unit/test_ctl_text.c tests/unit/unit.h
test_ctl_text_LDADD = $(CTL_TEST_LDADD)

check_PROGRAMS += test_ctl_table
test_ctl_table_SOURCES = tests/unit/test_ctl_table.c tests/unit/unit.h
test_ctl_table_LDADD = $(CTL_TEST_LDADD)

check_PROGRAMS += test_ctl_when
test_ctl_when_SOURCES = tests/unit/test_ctl_when.c tests/unit/unit.h
test_ctl_when_LDADD = $(CTL_TEST_LDADD)

check_PROGRAMS += test_ctl_url
test_ctl_url_SOURCES = tests/unit/test_ctl_url.c tests/unit/unit.h
test_ctl_url_LDADD = $(CTL_TEST_LDADD)

check_PROGRAMS += test_ctl_sse
test_ctl_sse_SOURCES = tests/unit/test_ctl_sse.c tests/unit/unit.h
test_ctl_sse_LDADD = $(CTL_TEST_LDADD)

check_PROGRAMS += test_ctl_prototype
test_ctl_prototype_SOURCES = tests/unit/test_ctl_prototype.c tests/unit/unit.h
test_ctl_prototype_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
test_ctl_prototype_LDADD = $(CTL_TEST_LDADD)
