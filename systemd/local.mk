# SPDX-License-Identifier: Apache-2.0
# Below the prefix, where systemd looks for both /usr and /usr/local.
systemdsystemunitdir = $(prefix)/lib/systemd/system
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d

dist_systemdsystemunit_DATA = systemd/rtalpd.socket systemd/rescuetime-alp-backup.timer
nodist_systemdsystemunit_DATA = systemd/rtalpd.service systemd/rescuetime-alp-backup.service
CLEANFILES += systemd/rtalpd.service systemd/rescuetime-alp-backup.service

# What `journalctl -x` says of our events.
catalogdir = $(prefix)/lib/systemd/catalog
nodist_catalog_DATA = systemd/rescuetime-alp.catalog
CLEANFILES += systemd/rescuetime-alp.catalog
EXTRA_DIST += systemd/catalog.def tools/catalog.awk
systemd/rescuetime-alp.catalog: tools/catalog.awk src/base/events.def systemd/catalog.def
	$(AM_V_GEN)$(MKDIR_P) systemd && $(AWK) -f '$(srcdir)/tools/catalog.awk' '$(srcdir)/src/base/events.def' '$(srcdir)/systemd/catalog.def' >$@.new && mv $@.new $@

EXTRA_DIST += systemd/rtalpd.service.in systemd/rescuetime-alp-backup.service.in systemd/rescuetime-alp.sysusers.conf systemd/rescuetime-alp.tmpfiles.conf

systemd/%.service: systemd/%.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && sed -e 's|@bindir[@]|$(bindir)|g' -e 's|@sbindir[@]|$(sbindir)|g' -e 's|@sysconfdir[@]|$(sysconfdir)|g' '$<' >$@

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	$(INSTALL_DATA) '$(srcdir)/systemd/rescuetime-alp.sysusers.conf' '$(DESTDIR)$(sysusersdir)/rescuetime-alp.conf'
	$(INSTALL_DATA) '$(srcdir)/systemd/rescuetime-alp.tmpfiles.conf' '$(DESTDIR)$(tmpfilesdir)/rescuetime-alp.conf'
uninstall-local:
	rm -f '$(DESTDIR)$(sysusersdir)/rescuetime-alp.conf' '$(DESTDIR)$(tmpfilesdir)/rescuetime-alp.conf'
