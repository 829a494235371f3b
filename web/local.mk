# SPDX-License-Identifier: Apache-2.0
# The page at /docs: our files, and those of the npm package swagger-ui-dist where configure found them. All of it goes into the program.
DOCS_OURS = web/docs/index.html web/docs/plain.html web/docs/docs.css web/docs/docs.js
EXTRA_DIST += $(DOCS_OURS) web/docs/package.json web/docs/package-lock.json web/docs/.npmrc

web/embed.stamp: $(DOCS_OURS) tools/docs_embed.sh Makefile
	$(AM_V_GEN)$(MKDIR_P) web && $(top_srcdir)/tools/docs_embed.sh '$(srcdir)/web/docs' '$(SWAGGER_UI)' web/embed && touch $@
src/http/librtalp_http_a-docs_files.$(OBJEXT): web/embed.stamp
CLEANFILES += web/embed.stamp
clean-local:
	rm -rf web/embed
distclean-local:
	rm -rf web/npm

# What of the package is used travels with a source package; its licences are installed.
SWAGGER_UI_FILES = swagger-ui-bundle.js swagger-ui.css favicon-32x32.png package.json LICENSE NOTICE swagger-ui-bundle.js.LICENSE.txt
if HAVE_SWAGGER_UI
docslicencedir = $(docdir)/swagger-ui
docslicence_DATA = $(SWAGGER_UI)/LICENSE $(SWAGGER_UI)/NOTICE $(SWAGGER_UI)/swagger-ui-bundle.js.LICENSE.txt
endif
dist-swagger-ui:
	test '$(SWAGGER_UI)' = no || { $(MKDIR_P) '$(distdir)/web/docs/swagger-ui' && \
		for f in $(SWAGGER_UI_FILES); do cp "$(SWAGGER_UI)/$$f" '$(distdir)/web/docs/swagger-ui/' || exit 1; done; }
.PHONY: dist-swagger-ui
