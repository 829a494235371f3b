# SPDX-License-Identifier: Apache-2.0
# Fuzz targets, one file each, with what is known to be worth trying under corpus/<target>. An ordinary build replays the corpus as a test;
# --enable-fuzzing (clang) links libFuzzer instead. An input that once broke something stays in the corpus for good.
FUZZ_TARGETS = fuzz_activity_parse fuzz_alp_answer fuzz_config fuzz_http_body fuzz_http_headers fuzz_http_schema fuzz_keeper fuzz_matter_list \
	fuzz_message fuzz_rowset fuzz_ruleset fuzz_sse fuzz_webhook_url fuzz_worker_text
if WITH_FUZZING
noinst_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
AM_CFLAGS += -fsanitize=fuzzer-no-link
else
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/replay_main.c
FUZZ_LINK = $(AM_LDFLAGS)
endif
EXTRA_DIST += tests/fuzz/corpus

fuzz_activity_parse_SOURCES = tests/fuzz/fuzz_activity_parse.c $(FUZZ_MAIN)
fuzz_activity_parse_LDFLAGS = $(FUZZ_LINK)
fuzz_activity_parse_LDADD = librtalp-workers.a librtalp-rules.a librtalp-proto.a librtalp-base.a $(WORKERS_LIBS) $(BASE_LIBS)

fuzz_alp_answer_SOURCES = tests/fuzz/fuzz_alp_answer.c $(FUZZ_MAIN)
fuzz_alp_answer_CPPFLAGS = $(librtalp_alp_a_CPPFLAGS)
fuzz_alp_answer_LDFLAGS = $(FUZZ_LINK)
fuzz_alp_answer_LDADD = librtalp-alp.a librtalp-base.a $(ALP_LIBS) $(BASE_LIBS)

fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_MAIN)
fuzz_config_LDFLAGS = $(FUZZ_LINK)
fuzz_config_LDADD = librtalp-config.a librtalp-base.a $(CONFIG_LIBS_ALL) $(BASE_LIBS)

fuzz_http_headers_SOURCES = tests/fuzz/fuzz_http_headers.c $(FUZZ_MAIN)
fuzz_http_headers_LDFLAGS = $(FUZZ_LINK)
fuzz_http_headers_LDADD = $(HTTP_TEST_LDADD)

fuzz_http_schema_SOURCES = tests/fuzz/fuzz_http_schema.c $(FUZZ_MAIN)
fuzz_http_schema_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS)
fuzz_http_schema_LDFLAGS = $(FUZZ_LINK)
fuzz_http_schema_LDADD = librtalp-http.a librtalp-alp.a librtalp-rules.a librtalp-base.a $(HTTP_LIBS) $(ALP_LIBS) $(BASE_LIBS)

fuzz_matter_list_SOURCES = tests/fuzz/fuzz_matter_list.c $(FUZZ_MAIN)
fuzz_matter_list_LDFLAGS = $(FUZZ_LINK)
fuzz_matter_list_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS)

fuzz_message_SOURCES = tests/fuzz/fuzz_message.c $(FUZZ_MAIN)
fuzz_message_LDFLAGS = $(FUZZ_LINK)
fuzz_message_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS)

fuzz_rowset_SOURCES = tests/fuzz/fuzz_rowset.c $(FUZZ_MAIN)
fuzz_rowset_LDFLAGS = $(FUZZ_LINK)
fuzz_rowset_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS)

fuzz_ruleset_SOURCES = tests/fuzz/fuzz_ruleset.c $(FUZZ_MAIN)
fuzz_ruleset_LDFLAGS = $(FUZZ_LINK)
fuzz_ruleset_LDADD = librtalp-rules.a librtalp-proto.a librtalp-base.a $(RULES_LIBS) $(BASE_LIBS)

fuzz_http_body_SOURCES = tests/fuzz/fuzz_http_body.c $(FUZZ_MAIN)
fuzz_http_body_LDFLAGS = $(FUZZ_LINK)
fuzz_http_body_LDADD = $(HTTP_TEST_LDADD)

fuzz_keeper_SOURCES = tests/fuzz/fuzz_keeper.c $(FUZZ_MAIN)
fuzz_keeper_LDFLAGS = $(FUZZ_LINK)
fuzz_keeper_LDADD = librtalp-workers.a librtalp-rules.a librtalp-proto.a librtalp-base.a $(WORKERS_LIBS) $(BASE_LIBS)

fuzz_sse_SOURCES = tests/fuzz/fuzz_sse.c $(FUZZ_MAIN)
fuzz_sse_LDFLAGS = $(FUZZ_LINK)
fuzz_sse_LDADD = librtalp-ctl.a librtalp-base.a $(CTL_LIBS) $(BASE_LIBS)

fuzz_webhook_url_SOURCES = tests/fuzz/fuzz_webhook_url.c $(FUZZ_MAIN)
fuzz_webhook_url_LDFLAGS = $(FUZZ_LINK)
fuzz_webhook_url_LDADD = librtalp-base.a $(WORKERS_LIBS) $(BASE_LIBS)

fuzz_worker_text_SOURCES = tests/fuzz/fuzz_worker_text.c $(FUZZ_MAIN)
fuzz_worker_text_LDFLAGS = $(FUZZ_LINK)
fuzz_worker_text_LDADD = $(APP_TEST_LDADD)
