# SPDX-License-Identifier: Apache-2.0
dist_man_MANS = man/rtalpctl.1 man/rtalp-rules.conf.5 man/rtalpd.8

# Made by `rtalpctl completion bash`; tests/e2e/test_ctl.py compares. Below the prefix, where bash looks for both /usr and /usr/local.
completionsdir = $(datadir)/bash-completion/completions
dist_completions_DATA = etc/completion/rtalpctl
