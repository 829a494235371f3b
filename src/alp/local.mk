# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-alp.a
librtalp_alp_a_SOURCES = \
	src/alp/alp.c src/alp/alp.h src/alp/alp_internal.h src/alp/alp_options.h \
	src/alp/alp_entry.c src/alp/alp_entry.h \
	src/alp/alp_page.c src/alp/alp_read.c src/alp/alp_post.c \
	src/alp/breaker.c src/alp/breaker.h \
	src/alp/probe.c src/alp/probe.h \
	src/alp/json_text.c src/alp/json_text.h \
	src/alp/web.c src/alp/web.h src/alp/web_answer.c src/alp/web_internal.h
librtalp_alp_a_SOURCES += \
	src/alp/aside.c src/alp/aside.h \
	src/alp/cache.c src/alp/cache.h src/alp/cache_redis.c src/alp/cache_seal.c src/alp/cache_seal.h \
	src/alp/list_body.c src/alp/list_body.h \
	src/alp/lists.c src/alp/lists.h \
	src/alp/matter_search.c src/alp/matter_search.h \
	src/alp/redis_link.c src/alp/redis_link.h
librtalp_alp_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(CURL_CFLAGS) $(SODIUM_CFLAGS) $(GLIB_CFLAGS) $(HIREDIS_CFLAGS)

# What everything that links it needs, besides the base's.
ALP_LIBS = $(CURL_LIBS) $(EVENT_LIBS) $(HIREDIS_LIBS) -lpthread
