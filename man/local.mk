# SPDX-License-Identifier: Apache-2.0
dist_man_MANS = man/rtalpctl.1 man/rtalp-sandbox.1 man/rtalp-rules.conf.5 man/rtalpd.8

# Their lists are made of the tables that the program is made of.
nodist_man_MANS = man/rtalpd.conf.5 man/rtalp-metrics.7
CLEANFILES += $(nodist_man_MANS)
EXTRA_DIST += man/rtalpd.conf.5.in man/rtalp-metrics.7.in tools/settings_page.awk tools/metrics_page.awk
man/rtalpd.conf.5: tools/settings_page.awk etc/rtalpd.conf man/rtalpd.conf.5.in
	$(AM_V_GEN)$(MKDIR_P) man && $(AWK) -f '$(srcdir)/tools/settings_page.awk' '$(srcdir)/etc/rtalpd.conf' '$(srcdir)/man/rtalpd.conf.5.in' >$@.new && mv $@.new $@
man/rtalp-metrics.7: tools/metrics_page.awk src/base/metrics.def man/rtalp-metrics.7.in
	$(AM_V_GEN)$(MKDIR_P) man && $(AWK) -f '$(srcdir)/tools/metrics_page.awk' '$(srcdir)/src/base/metrics.def' '$(srcdir)/man/rtalp-metrics.7.in' >$@.new && mv $@.new $@

# Made by `rtalpctl completion bash`; tests/e2e/test_ctl.py compares. Below the prefix, where bash looks for both /usr and /usr/local.
completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = etc/completion/rtalpctl
