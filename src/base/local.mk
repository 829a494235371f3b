# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-base.a
librtalp_base_a_SOURCES = \
	src/base/actor.h \
	src/base/address.c src/base/address.h \
	src/base/alloc.c src/base/alloc.h \
	src/base/arena.c src/base/arena.h \
	src/base/box.c src/base/box.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/config_text.c src/base/config_text.h \
	src/base/day.c src/base/day.h \
	src/base/digest.c src/base/digest.h \
	src/base/fd.c src/base/fd.h \
	src/base/hash.c src/base/hash.h \
	src/base/json.c src/base/json.h \
	src/base/json_check.c src/base/json_check.h \
	src/base/macro.h \
	src/base/metrics.c src/base/metrics.def src/base/metrics.h \
	src/base/process_sample.c src/base/process_sample.h \
	src/base/secret.c src/base/secret.h \
	src/base/secret_file.c src/base/secret_file.h \
	src/base/str.c src/base/str.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/webhook_sign.c src/base/webhook_sign.h \
	src/base/webhook_url.c src/base/webhook_url.h \
	src/base/zone.c src/base/zone.h
librtalp_base_a_SOURCES += src/base/events.def src/base/log.c src/base/log.h
librtalp_base_a_CPPFLAGS = $(AM_CPPFLAGS) $(SODIUM_CFLAGS) $(GLIB_CFLAGS) $(SYSTEMD_CFLAGS)

# What everything that links the base needs.
BASE_LIBS = $(SODIUM_LIBS) $(GLIB_LIBS) $(SYSTEMD_LIBS)
