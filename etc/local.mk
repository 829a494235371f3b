# SPDX-License-Identifier: Apache-2.0
# The example is made by `rtalpd --print-config`; tests/unit/test_config.c compares.
rtalpconfdir = $(sysconfdir)/rescuetime-alp
dist_rtalpconf_DATA = etc/rtalpd.conf etc/rules.conf etc/rules-reference.conf
