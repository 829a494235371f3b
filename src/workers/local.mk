# SPDX-License-Identifier: Apache-2.0
# Links without store, http and daemon (tests/unit/test_spawner proves it), so that no worker can reach them.
noinst_LIBRARIES += librtalp-workers.a
librtalp_workers_a_SOURCES = \
	src/workers/activity_parse.c src/workers/activity_parse.h \
	src/workers/baggage.c src/workers/baggage.h \
	src/workers/children.c src/workers/children.h \
	src/workers/classify.c src/workers/classify.h \
	src/workers/confine.c src/workers/confine.h \
	src/workers/deliver.c src/workers/deliver.h \
	src/workers/fetch.c src/workers/fetch.h \
	src/workers/keeper.c src/workers/keeper.h \
	src/workers/keeper_keys.c src/workers/keeper_keys.h \
	src/workers/keeper_start.c src/workers/keeper_start.h \
	src/workers/key_channel.c src/workers/key_channel.h \
	src/workers/landlock.c src/workers/landlock.h \
	src/workers/last_word.c src/workers/last_word.h \
	src/workers/process.c src/workers/process.h \
	src/workers/roots.c src/workers/roots.h \
	src/workers/rules_text.c src/workers/rules_text.h \
	src/workers/seccomp_filter.c src/workers/seccomp_filter.h \
	src/workers/settle.c src/workers/settle.h \
	src/workers/sockets.c src/workers/sockets.h \
	src/workers/spawner.c src/workers/spawner.h \
	src/workers/spawner_start.c src/workers/spawner_start.h \
	src/workers/title.c src/workers/title.h \
	src/workers/tls_rehearsal.c src/workers/tls_rehearsal.h \
	src/workers/transport.c src/workers/transport.h \
	src/workers/upstream.c src/workers/upstream.h \
	src/workers/warm.c src/workers/warm.h \
	src/workers/worker.c src/workers/worker.h
librtalp_workers_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(OPENSSL_CFLAGS) $(JSONC_CFLAGS) $(SECCOMP_CFLAGS) $(BSD_CFLAGS) $(SODIUM_CFLAGS)

# What everything that links the workers needs, besides librtalp-rules.a, librtalp-proto.a and librtalp-base.a with BASE_LIBS.
WORKERS_LIBS = $(CURL_LIBS) $(OPENSSL_LIBS) $(JSONC_LIBS) $(SECCOMP_LIBS) $(RULES_LIBS) $(BSD_LIBS)
