/* SPDX-License-Identifier: Apache-2.0 */
#include "http/docs_files.h"

#include "base/macro.h"

/* The assembler reads the files where the build left them (web/local.mk). A NUL that does not count follows each. */
#define EMBED_AS(type, symbol, file)                                                                                   \
	__asm__(".pushsection .rodata\n"                                                                               \
		".balign 16\n"                                                                                         \
		".globl " #symbol "\n.hidden " #symbol "\n" #symbol ":\n"                                              \
		".incbin \"web/embed/" file "\"\n"                                                                     \
		".globl " #symbol "_end\n.hidden " #symbol "_end\n" #symbol "_end:\n"                                  \
		".byte 0\n"                                                                                            \
		".popsection\n");                                                                                      \
	extern const type symbol[], symbol##_end[]
#define EMBED(symbol, file)                                                                                            \
	EMBED_AS(unsigned char, symbol, file);                                                                         \
	EMBED_AS(unsigned char, symbol##_gz, file ".gz")
#define FILE_ROW(symbol, name, media) {name, media, symbol, symbol##_end, symbol##_gz, symbol##_gz_end}

EMBED_AS(char, docs_version, "version");
EMBED(docs_index_html, "index.html");
EMBED(docs_docs_css, "docs.css");
EMBED(docs_docs_js, "docs.js");
#ifdef HAVE_SWAGGER_UI
EMBED(docs_bundle_js, "swagger-ui-bundle.js");
EMBED(docs_swagger_css, "swagger-ui.css");
EMBED(docs_icon, "favicon-32x32.png");
#endif

const struct docs_file docs_page = FILE_ROW(docs_index_html, "index.html", "text/html; charset=utf-8");

const struct docs_file docs_files[] = {
    FILE_ROW(docs_docs_css, "docs.css", "text/css; charset=utf-8"),
    FILE_ROW(docs_docs_js, "docs.js", "text/javascript; charset=utf-8"),
#ifdef HAVE_SWAGGER_UI
    FILE_ROW(docs_bundle_js, "swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
    FILE_ROW(docs_swagger_css, "swagger-ui.css", "text/css; charset=utf-8"),
    FILE_ROW(docs_icon, "favicon-32x32.png", "image/png"),
#endif
};
const size_t docs_file_count = ELEMENTSOF(docs_files);

const char *const docs_names[] = {
    "docs.css", "docs.js",
#ifdef HAVE_SWAGGER_UI
    "swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png",
#endif
    NULL,
};
const char *const docs_versions[] = {docs_version, NULL};
