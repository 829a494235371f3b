# SPDX-License-Identifier: Apache-2.0
# Unit tests: one program a module, cmocka, named tests/unit/test_<module>.c; each directory's own tests are listed in a
# fragment of theirs so that adding one touches one place.
TEST_LIBS = $(CMOCKA_LIBS)
include tests/unit/base.mk
include tests/unit/proto.mk
include tests/unit/rules.mk
include tests/unit/queue.mk
include tests/unit/store.mk
include tests/unit/workers.mk
include tests/unit/app.mk
include tests/unit/http.mk
include tests/unit/daemon.mk
TESTS += $(check_PROGRAMS)

# Where tests/unit/unit.h looks for vectors, when $RTALP_VECTORS does not say it.
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; export top_srcdir;
EXTRA_DIST += tests/vectors/reference-day.json
