# SPDX-License-Identifier: Apache-2.0
# Preloaded by the end-to-end tests; never installed. Built by `make check`, or alone by its name.
check_DATA = tests/lib/faultfs.so tests/lib/killat.so tests/lib/nomem.so
EXTRA_DIST += tests/lib/faultfs.c tests/lib/killat.c tests/lib/nomem.c
CLEANFILES += tests/lib/faultfs.so tests/lib/killat.so tests/lib/nomem.so
tests/lib/%.so: tests/lib/%.c
	$(AM_V_CCLD)$(MKDIR_P) tests/lib && $(CC) $(DEFS) -D_GNU_SOURCE $(CPPFLAGS) $(CFLAGS) $(WARN_CFLAGS) -fvisibility=default \
		-fPIC -shared -o $@ $< -ldl
