# SPDX-License-Identifier: Apache-2.0
# What needs no loop and no main, so that the tests can link it.
noinst_LIBRARIES += librtalp-config.a
librtalp_config_a_SOURCES = \
	src/daemon/config.c src/daemon/config.h src/daemon/config_print.c \
	src/daemon/credential.c src/daemon/credential.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/offline.c src/daemon/offline.h \
	src/daemon/pulse.c src/daemon/pulse.h \
	src/daemon/options.c src/daemon/options.h \
	src/daemon/setting.c src/daemon/setting.h \
	src/daemon/setting_check.c src/daemon/setting_check.h \
	src/daemon/settings.def
librtalp_config_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFIG_CFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
CONFIG_LIBS_ALL = $(CONFIG_LIBS) $(CURL_LIBS) $(SYSTEMD_LIBS)

# Everything but main().
noinst_LIBRARIES += librtalp-daemon.a
librtalp_daemon_a_SOURCES = \
	src/daemon/daemon.c src/daemon/daemon.h src/daemon/daemon_internal.h \
	src/daemon/daemon_events.c src/daemon/daemon_keeper.c src/daemon/daemon_tls.c \
	src/daemon/connector.c src/daemon/connector.h \
	src/daemon/daemon_alp.c src/daemon/daemon_lists.c src/daemon/daemon_options.c src/daemon/daemon_pulse.c src/daemon/daemon_start.c \
	src/daemon/dispatch.c src/daemon/dispatch.h \
	src/daemon/here.c src/daemon/here.h \
	src/daemon/job_log.c src/daemon/job_log.h \
	src/daemon/keeper_peer.c src/daemon/keeper_peer.h \
	src/daemon/listen.c src/daemon/listen.h \
	src/daemon/posix_child.c src/daemon/posix_child.h \
	src/daemon/deliverer.c src/daemon/deliverer.h src/daemon/delivery.c src/daemon/delivery.h \
	src/daemon/run_fetch.c \
	src/daemon/run_kinds.c src/daemon/run_kinds.h \
	src/daemon/poster.c src/daemon/poster.h \
	src/daemon/posting_log.c src/daemon/posting_log.h \
	src/daemon/run_log.c src/daemon/run_log.h \
	src/daemon/tell.c src/daemon/tell.h \
	src/daemon/run_check.c src/daemon/run_process.c \
	src/daemon/reload.c src/daemon/resealer.c src/daemon/resealer.h \
	src/daemon/rules_source.c src/daemon/rules_source.h \
	src/daemon/socket_giver.c src/daemon/socket_giver.h \
	src/daemon/spawner_peer.c src/daemon/spawner_peer.h \
	src/daemon/supervisor.c src/daemon/supervisor.h \
	src/daemon/syncer.c src/daemon/syncer.h \
	src/daemon/upstream.c src/daemon/upstream.h \
	src/daemon/worker.c src/daemon/worker.h
librtalp_daemon_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(SODIUM_CFLAGS)

sbin_PROGRAMS += rtalpd
rtalpd_SOURCES = src/daemon/main.c src/daemon/wiping_alloc.c src/daemon/wiping_alloc.h
rtalpd_CPPFLAGS = $(librtalp_daemon_a_CPPFLAGS)
rtalpd_LDADD = librtalp-daemon.a librtalp-http.a librtalp-app.a librtalp-alp.a librtalp-store.a librtalp-workers.a librtalp-rules.a librtalp-queue.a \
	librtalp-config.a librtalp-proto.a librtalp-base.a \
	$(ALP_LIBS) $(HTTP_LIBS) $(STORE_LIBS) $(WORKERS_LIBS) $(CONFIG_LIBS_ALL) $(CURL_LIBS) $(EVENT_LIBS) $(BASE_LIBS)
