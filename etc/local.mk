# SPDX-License-Identifier: Apache-2.0
# The example is made by `rtalpd --print-config`; tests/unit/test_config.c compares.
rtalpconfdir = $(sysconfdir)/rescuetime-alp
dist_rtalpconf_DATA = etc/rtalpd.conf etc/rules.conf etc/rules-reference.conf

# An example; man/rtalp-metrics.7.in says of each what to do, tests/e2e/test_alerts.py that each is of a metric there is.
dist_doc_DATA = etc/alerts.yml
