# SPDX-License-Identifier: Apache-2.0
# Measurements: built with everything else so that they keep compiling, run by hand.
noinst_PROGRAMS += bench_store
bench_store_SOURCES = tests/bench/bench_store.c tests/bench/thread_time.h
bench_store_LDADD = librtalp-store.a librtalp-queue.a librtalp-base.a $(STORE_LIBS) $(BASE_LIBS)

noinst_PROGRAMS += bench_spawn
bench_spawn_SOURCES = tests/bench/bench_spawn.c
bench_spawn_LDADD = librtalp-rules.a librtalp-proto.a librtalp-base.a $(RULES_LIBS) $(BASE_LIBS)

EXTRA_DIST += tests/bench/bench_alp.py tests/bench/bench_jobs.py tests/bench/bench_queue.py tests/bench/bench_reads.py tests/bench/peers/fastapi_service.py tests/bench/run

noinst_PROGRAMS += bench_load
bench_load_SOURCES = tests/bench/load.c
bench_load_CPPFLAGS = $(AM_CPPFLAGS) $(OPENSSL_CFLAGS)
bench_load_LDADD = librtalp-base.a $(OPENSSL_LIBS) $(BASE_LIBS)

noinst_PROGRAMS += bench_fill
bench_fill_SOURCES = tests/bench/fill.c
bench_fill_LDADD = librtalp-store.a librtalp-queue.a librtalp-base.a $(STORE_LIBS) $(BASE_LIBS)

# With a kind of job that only it has: it compiles what makes tables of the kinds itself, ahead of the libraries.
noinst_PROGRAMS += bench_claim
bench_claim_SOURCES = tests/bench/bench_claim.c tests/bench/thread_time.h src/queue/kind.c src/daemon/run_kinds.c tests/lib/noop_kind.def
bench_claim_CPPFLAGS = $(librtalp_daemon_a_CPPFLAGS) -DJOB_KINDS_MORE='"tests/lib/noop_kind.def"' -I$(top_srcdir)
bench_claim_LDADD = $(rtalpd_LDADD)

noinst_PROGRAMS += bench_bean
bench_bean_SOURCES = tests/bench/bean.c
bench_bean_LDADD = librtalp-base.a $(BASE_LIBS)

noinst_PROGRAMS += bench_rows
bench_rows_SOURCES = tests/bench/rows.c
bench_rows_LDADD = librtalp-store.a librtalp-queue.a librtalp-proto.a librtalp-base.a $(STORE_LIBS) $(BASE_LIBS)
EXTRA_DIST += tests/bench/bench_process.py tests/bench/peers/reference_process.py

noinst_PROGRAMS += bench_rules
bench_rules_SOURCES = tests/bench/bench_rules.c tests/lib/nasty_titles.h
bench_rules_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) -I$(top_srcdir)/tests/lib
bench_rules_LDADD = librtalp-rules.a librtalp-proto.a librtalp-base.a $(BASE_LIBS) $(RULES_LIBS) $(JSONC_LIBS)

noinst_PROGRAMS += bench_search
bench_search_SOURCES = tests/bench/bench_search.c
bench_search_LDADD = librtalp-alp.a librtalp-base.a $(ALP_LIBS) $(BASE_LIBS)
