# SPDX-License-Identifier: Apache-2.0
# All but main and the commands' side of it can be linked by the tests.
noinst_LIBRARIES += librtalp-ctl.a
librtalp_ctl_a_SOURCES = \
	src/ctl/args.c src/ctl/args.h src/ctl/options.def \
	src/ctl/ask.c src/ctl/ctl.h \
	src/ctl/client.c src/ctl/client.h \
	src/ctl/cmd_alp.c \
	src/ctl/cmd_completion.c \
	src/ctl/cmd_entries.c \
	src/ctl/cmd_fetch.c \
	src/ctl/cmd_help.c \
	src/ctl/cmd_jobs.c \
	src/ctl/cmd_report.c \
	src/ctl/cmd_rules.c src/ctl/cmd_rules_check.c \
	src/ctl/cmd_import.c \
	src/ctl/cmd_keys.c \
	src/ctl/cmd_matters.c \
	src/ctl/cmd_status.c \
	src/ctl/cmd_token.c \
	src/ctl/cmd_upkeep.c \
	src/ctl/cmd_user.c \
	src/ctl/cmd_posting.c \
	src/ctl/cmd_webhook.c \
	src/ctl/commands.c \
	src/ctl/follow.c src/ctl/follow.h \
	src/ctl/key.c src/ctl/key.h \
	src/ctl/keys_file.c src/ctl/keys_file.h \
	src/ctl/matter_file.c src/ctl/matter_file.h \
	src/ctl/progress.c src/ctl/progress.h \
	src/ctl/prototype.c src/ctl/prototype.h src/ctl/prototype_line.c src/ctl/prototype_line.h \
	src/ctl/say.c src/ctl/say.h \
	src/ctl/screen.c src/ctl/screen.h \
	src/ctl/show.c \
	src/ctl/sse.c src/ctl/sse.h \
	src/ctl/table.c src/ctl/table.h \
	src/ctl/text.c src/ctl/text.h \
	src/ctl/url.c src/ctl/url.h \
	src/ctl/when.c src/ctl/when.h
librtalp_ctl_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(JSONC_CFLAGS) $(GLIB_CFLAGS) $(BSD_CFLAGS) $(SODIUM_CFLAGS) $(SQLITE_CFLAGS)
CTL_LIBS = librtalp-rules.a librtalp-proto.a $(CURL_LIBS) $(JSONC_LIBS) $(BSD_LIBS) $(SQLITE_LIBS) $(RULES_LIBS) -lm

bin_PROGRAMS += rtalpctl
rtalpctl_SOURCES = src/ctl/main.c
rtalpctl_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
rtalpctl_LDADD = librtalp-ctl.a $(CTL_LIBS) librtalp-base.a $(BASE_LIBS)
