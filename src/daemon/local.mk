# SPDX-License-Identifier: Apache-2.0
sbin_PROGRAMS += rtalpd
rtalpd_SOURCES = src/daemon/main.c
rtalpd_LDADD = librtalp-proto.a librtalp-base.a $(BASE_LIBS)
