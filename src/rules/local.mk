# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += librtalp-rules.a
librtalp_rules_a_SOURCES = \
	src/rules/units.c src/rules/units.h
