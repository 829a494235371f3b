/* SPDX-License-Identifier: Apache-2.0 */
/* docs_files.h - the files of /docs, as they were when the program was built: in it, so that no path leads anywhere. Constant. */
#ifndef RTALP_HTTP_DOCS_FILES_H
#define RTALP_HTTP_DOCS_FILES_H

#include <stddef.h>

struct docs_file {
	const char *name;
	const char *media;
	const unsigned char *bytes, *end;
	const unsigned char *gzip, *gzip_end;
};

extern const struct docs_file docs_page;
extern const struct docs_file docs_files[];
extern const size_t docs_file_count;
/* As choices of the route's parameters: each file's name in the order of docs_files, and the one version there is. */
extern const char *const docs_names[], *const docs_versions[];

#endif
