# SPDX-License-Identifier: Apache-2.0
# The stand-in for RescueTime and ALP. It sees nothing of src/: a misreading shared with the daemon would cancel itself out.
bin_PROGRAMS += rtalp-sandbox
rtalp_sandbox_SOURCES = \
	tests/sandbox/alloc.c tests/sandbox/alloc.h \
	tests/sandbox/alp.c tests/sandbox/alp.h \
	tests/sandbox/alp_book.c tests/sandbox/alp_book.h \
	tests/sandbox/alp_config.c tests/sandbox/alp_config.h \
	tests/sandbox/alp_control.c tests/sandbox/alp_control.h \
	tests/sandbox/alp_lists.c tests/sandbox/alp_lists.h \
	tests/sandbox/alp_log.c tests/sandbox/alp_log.h \
	tests/sandbox/alp_read.c tests/sandbox/alp_internal.h \
	tests/sandbox/analytic.c tests/sandbox/analytic.h \
	tests/sandbox/answers.c tests/sandbox/answers.h \
	tests/sandbox/archive.c tests/sandbox/archive.h \
	tests/sandbox/blob.c tests/sandbox/blob.h \
	tests/sandbox/buf.c tests/sandbox/buf.h \
	tests/sandbox/cache.c tests/sandbox/cache.h \
	tests/sandbox/calendar.c tests/sandbox/calendar.h \
	tests/sandbox/certs.c tests/sandbox/certs.h \
	tests/sandbox/clock.c tests/sandbox/clock.h \
	tests/sandbox/control.c tests/sandbox/control.h tests/sandbox/control_internal.h \
	tests/sandbox/day.c tests/sandbox/day.h \
	tests/sandbox/day_text.c tests/sandbox/day_text.h \
	tests/sandbox/evolve.c tests/sandbox/evolve.h \
	tests/sandbox/exchange.c tests/sandbox/exchange.h \
	tests/sandbox/faults.c tests/sandbox/faults.def tests/sandbox/faults.h \
	tests/sandbox/forms.c tests/sandbox/forms.h \
	tests/sandbox/generate.c tests/sandbox/generate.h \
	tests/sandbox/gzip.c tests/sandbox/gzip.h \
	tests/sandbox/json_text.c \
	tests/sandbox/main.c \
	tests/sandbox/options.c tests/sandbox/options.h \
	tests/sandbox/overviews.def \
	tests/sandbox/params.c tests/sandbox/params.h \
	tests/sandbox/peers.c tests/sandbox/peers.h \
	tests/sandbox/query.c tests/sandbox/query.h \
	tests/sandbox/render.c tests/sandbox/render.h \
	tests/sandbox/reply.c tests/sandbox/reply.h \
	tests/sandbox/reqlog.c tests/sandbox/reqlog.h \
	tests/sandbox/rng.h \
	tests/sandbox/sandbox.h \
	tests/sandbox/server.c tests/sandbox/server.h \
	tests/sandbox/spoil.c tests/sandbox/spoil.h \
	tests/sandbox/table.c tests/sandbox/table.h \
	tests/sandbox/titles.c tests/sandbox/titles.def tests/sandbox/titles.h \
	tests/sandbox/users.c tests/sandbox/users.h \
	tests/sandbox/zone.c tests/sandbox/zone.h
rtalp_sandbox_CPPFLAGS = -include config.h -I$(srcdir)/tests/sandbox $(HARDEN_CPPFLAGS) $(EVENT_CFLAGS) \
	$(EVENT_OPENSSL_CFLAGS) $(OPENSSL_CFLAGS) $(ZLIB_CFLAGS) $(JSONC_CFLAGS)
rtalp_sandbox_LDADD = $(EVENT_OPENSSL_LIBS) $(EVENT_LIBS) $(OPENSSL_LIBS) $(ZLIB_LIBS) $(JSONC_LIBS)
EXTRA_DIST += tests/sandbox/README.md tests/sandbox/sandbox_client.py
