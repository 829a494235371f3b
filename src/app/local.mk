# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-app.a
librtalp_app_a_SOURCES = \
	src/app/app.c src/app/app.h src/app/internal.h \
	src/app/audit.c src/app/audit.h \
	src/app/claim.c \
	src/app/confirm.c src/app/keys.c src/app/learn.c src/app/learn.h \
	src/app/day_edit.c src/app/day_edit.h \
	src/app/webhook.h src/app/webhooks.c src/app/deliveries.c \
	src/app/day_merge.c src/app/day_merge.h \
	src/app/end.c \
	src/app/entries.c \
	src/app/events.c src/app/events.h \
	src/app/explain.c src/app/explain.h src/app/explain_matter.c src/app/explain_text.c \
	src/app/fetched.c \
	src/app/hub.c src/app/hub.h \
	src/app/import.c src/app/import.h src/app/import_internal.h src/app/import_line.c src/app/import_match.c src/app/import_match.h \
	src/app/import_posting.c src/app/import_rows.c src/app/import_words.c \
	src/app/jobs.c \
	src/app/matters.c src/app/matters.h \
	src/app/group_name.c src/app/group_name.h \
	src/app/merge.c src/app/merge.h \
	src/app/merge_entries.c \
	src/app/once.c src/app/once.h \
	src/app/past.c src/app/past.h \
	src/app/post.c src/app/post_body.c src/app/post_body.h src/app/post_internal.h src/app/post_run.c src/app/post_settle.c src/app/vague_text.c src/app/vague_text.h \
	src/app/posting.h src/app/posting_options.h \
	src/app/process.c \
	src/app/prune_raw.c \
	src/app/proof.c src/app/proof.h \
	src/app/reconcile.c src/app/reconcile.h \
	src/app/sync.c src/app/sync.h src/app/sync_due.c src/app/sync_options.h src/app/sync_run.c src/app/sync_run.h \
	src/app/recover.c \
	src/app/report.c src/app/report.h src/app/report_bill.c src/app/report_sums.c \
	src/app/review.c src/app/review.h \
	src/app/seal.c \
	src/app/settle.c src/app/settle.h \
	src/app/split.c \
	src/app/steps.c src/app/steps.h \
	src/app/rules_check.c src/app/rules_check.h src/app/rules_diff.c \
	src/app/run.h src/app/run_internal.h \
	src/app/submit_fetch.c \
	src/app/submit_process.c \
	src/app/suggest.c src/app/suggest.h \
	src/app/supplement.c src/app/supplement.h \
	src/app/token.h src/app/token_book.c src/app/token_book.h \
	src/app/token_text.c src/app/token_text.h src/app/tokens.c \
	src/app/person.c src/app/person.h \
	src/app/upkeep.c src/app/upkeep.h \
	src/app/users.c \
	src/app/version.c src/app/version.h \
	src/app/wait.c \
	src/app/watch.c src/app/watch.h
librtalp_app_a_CPPFLAGS = $(AM_CPPFLAGS) $(JSONC_CFLAGS) $(SODIUM_CFLAGS)
