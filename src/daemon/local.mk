# SPDX-License-Identifier: Apache-2.0
# What needs no loop and no main, so that the tests can link it.
noinst_LIBRARIES += librtalp-config.a
librtalp_config_a_SOURCES = \
	src/daemon/config.c src/daemon/config.h src/daemon/config_print.c \
	src/daemon/config_text.c src/daemon/config_text.h \
	src/daemon/credential.c src/daemon/credential.h \
	src/daemon/notify.c src/daemon/notify.h \
	src/daemon/options.c src/daemon/options.h \
	src/daemon/setting.c src/daemon/setting.h \
	src/daemon/setting_check.c src/daemon/setting_check.h \
	src/daemon/settings.def
librtalp_config_a_CPPFLAGS = $(AM_CPPFLAGS) $(CONFIG_CFLAGS) $(CURL_CFLAGS) $(SYSTEMD_CFLAGS)
CONFIG_LIBS_ALL = $(CONFIG_LIBS) $(CURL_LIBS) $(SYSTEMD_LIBS)

sbin_PROGRAMS += rtalpd
rtalpd_SOURCES = src/daemon/main.c
rtalpd_LDADD = librtalp-config.a librtalp-proto.a librtalp-base.a $(CONFIG_LIBS_ALL) $(BASE_LIBS)
