# SPDX-License-Identifier: Apache-2.0
DAEMON_TEST_LDADD = librtalp-config.a librtalp-base.a $(CONFIG_LIBS_ALL) $(BASE_LIBS) $(TEST_LIBS)

check_PROGRAMS += test_config
test_config_SOURCES = tests/unit/test_config.c tests/unit/unit.h
test_config_LDADD = $(DAEMON_TEST_LDADD)

check_PROGRAMS += test_credential
test_credential_SOURCES = tests/unit/test_credential.c tests/unit/unit.h
test_credential_LDADD = $(DAEMON_TEST_LDADD)

check_PROGRAMS += test_options
test_options_SOURCES = tests/unit/test_options.c tests/unit/unit.h
test_options_LDADD = $(DAEMON_TEST_LDADD)

check_PROGRAMS += test_pulse
test_pulse_SOURCES = tests/unit/test_pulse.c tests/unit/unit.h
test_pulse_LDADD = $(DAEMON_TEST_LDADD)

check_PROGRAMS += test_notify
test_notify_SOURCES = tests/unit/test_notify.c tests/unit/unit.h
test_notify_LDADD = $(DAEMON_TEST_LDADD)

# With a kind of job that only it has: it compiles what makes tables of the kinds itself, ahead of the libraries.
check_PROGRAMS += test_here
test_here_SOURCES = tests/unit/test_here.c tests/unit/unit.h src/queue/kind.c src/daemon/run_kinds.c tests/lib/noop_kind.def
test_here_CPPFLAGS = $(librtalp_daemon_a_CPPFLAGS) -DJOB_KINDS_MORE='"tests/lib/noop_kind.def"' -I$(top_srcdir)
test_here_LDADD = $(rtalpd_LDADD) $(TEST_LIBS)

check_PROGRAMS += test_connector
test_connector_SOURCES = tests/unit/test_connector.c tests/unit/unit.h
test_connector_CPPFLAGS = $(librtalp_daemon_a_CPPFLAGS)
test_connector_LDADD = $(rtalpd_LDADD) $(TEST_LIBS)

check_PROGRAMS += test_supervisor
test_supervisor_SOURCES = tests/unit/test_supervisor.c tests/unit/test_workers.h tests/unit/unit.h
test_supervisor_CPPFLAGS = $(librtalp_daemon_a_CPPFLAGS)
test_supervisor_LDADD = $(rtalpd_LDADD) $(TEST_LIBS)

# Between the real outbox and an ALP of its own; it says how the clock goes, and when nothing can be stored.
check_PROGRAMS += test_poster
test_poster_SOURCES = tests/unit/test_poster.c tests/unit/app_unit.h tests/unit/unit.h
test_poster_CPPFLAGS = $(librtalp_daemon_a_CPPFLAGS)
test_poster_LDFLAGS = -Wl,--wrap=clock_mono_ms -Wl,--wrap=app_posting_sent
test_poster_LDADD = $(rtalpd_LDADD) $(TEST_LIBS)
