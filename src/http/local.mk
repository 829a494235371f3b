# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-http.a
librtalp_http_a_SOURCES = \
	src/http/accept.c src/http/accept.h \
	src/http/ahead.c src/http/ahead.h \
	src/http/answer.c src/http/answer.h \
	src/http/answer_cache.c src/http/answer_cache.h \
	src/http/auth.c src/http/auth.h \
	src/http/bulk.c src/http/bulk.h \
	src/http/caller.h src/http/chunks.c \
	src/http/coding.c src/http/coding.h \
	src/http/conn.c src/http/conn.h src/http/conn_read.c src/http/conn_tls.c src/http/conn_tls.h \
	src/http/conn_refuse.c src/http/conn_refuse.h \
	src/http/cors.c src/http/cors.h \
	src/http/csv.c src/http/csv.h \
	src/http/cursor.c src/http/cursor.h \
	src/http/docs.c src/http/docs.h src/http/docs_files.c src/http/docs_files.h \
	src/http/etag.c src/http/etag.h \
	src/http/guard.c src/http/guard.h \
	src/http/head.c src/http/head.h \
	src/http/inbuf.c src/http/inbuf.h \
	src/http/instant.c \
	src/http/intake.c src/http/intake.h \
	src/http/json.h \
	src/http/json_body.h \
	src/http/listed.c src/http/listed.h \
	src/http/listen.c src/http/listen.h src/http/listen_unix.c src/http/listen_unix.h \
	src/http/kept.c src/http/kept.h \
	src/http/look.h \
	src/http/lists.c src/http/lists.h \
	src/http/once.c src/http/once.h \
	src/http/openapi.c src/http/openapi.h src/http/openapi_answer.c src/http/openapi_common.c src/http/openapi_schema.c \
	src/http/owner.c \
	src/http/peer.c src/http/peer.h \
	src/http/problem.c src/http/problem.h \
	src/http/rate.c src/http/rate.h \
	src/http/render_check.c src/http/render_check.h src/http/render_csv.c src/http/render_entry.c src/http/render_job.c src/http/render_posting.c src/http/res_post.c src/http/res_postings.c \
	src/http/reply.c \
	src/http/alp_dress.h src/http/res_alp.c \
	src/http/request.c src/http/request.h \
	src/http/res_audit.c src/http/alp_events.h src/http/res_alp_events.c src/http/res_alp_probe.c src/http/res_alp_proof.c src/http/res_check.c src/http/res_confirmed.c src/http/res_contract.c src/http/res_entries.c src/http/res_entry_edit.c \
	src/http/res_events.c src/http/res_explain.c \
	src/http/readiness.c src/http/readiness.h \
	src/http/res_health.c src/http/res_import.c src/http/res_job_submit.c src/http/res_jobs.c src/http/res_matters.c src/http/res_merge.c \
	src/http/res_metrics.c \
	src/http/res_keys.c src/http/res_queue.c src/http/res_reports.c src/http/res_review.c src/http/res_settings.c src/http/res_split.c src/http/res_tokens.c src/http/res_person.c src/http/res_upkeep.c src/http/res_users.c \
	src/http/res_webhooks.c src/http/res_deliveries.c src/http/shapes_webhook.c \
	src/http/resources.h \
	src/http/router.c src/http/router.h src/http/routes.c \
	src/http/schema.c src/http/schema.h src/http/schema_json.c src/http/schema_query.c \
	src/http/server.c src/http/server.h src/http/server_internal.h \
	src/http/shape.h src/http/shapes.c src/http/shapes_check.c src/http/shapes_explain.c src/http/shapes_import.c src/http/shapes_posting.c src/http/shapes_report.c src/http/shapes_review.c src/http/shapes_upkeep.c \
	src/http/slowdown.c src/http/slowdown.h \
	src/http/stream.c src/http/stream.h \
	src/http/tls.c src/http/tls.h src/http/tls_link.c src/http/tls_link.h \
	src/http/words.c src/http/words.h
librtalp_http_a_CPPFLAGS = $(AM_CPPFLAGS) $(EVENT_CFLAGS) $(JSONC_CFLAGS) $(OPENSSL_CFLAGS) $(SODIUM_CFLAGS) $(ZLIB_CFLAGS)

# What everything that links the front end needs, besides the app's libraries and the base's.
HTTP_LIBS = $(EVENT_LIBS) $(JSONC_LIBS) $(SODIUM_LIBS) $(OPENSSL_LIBS) $(ZLIB_LIBS) -lm
