/* SPDX-License-Identifier: Apache-2.0 */
/* matter_file.h - a firm's matters as people keep them, made into what PUT /api/matters takes.
 *
 *   CSV   with a header line that names its columns, in any order: code, name, client, aliases (with semicolons between), open (yes or no, true
 *         or false, 1 or 0, open or closed; empty is open). Only code must be there. Quotes as in RFC 4180; a byte order mark is passed over.
 *   JSON  an array of objects, or of bare codes.
 * What begins with '[' is JSON. Threads: any.
 */
#ifndef RTALP_CTL_MATTER_FILE_H
#define RTALP_CTL_MATTER_FILE_H

#include "base/buf.h"
#include "base/str.h"

#define MATTER_FILE_MAX ((size_t)16 * 1024 * 1024)

/* Adds the JSON. -EINVAL: what is wrong, with its line, stands in `fault`; -E2BIG: it is more than the buffer may hold. */
int matter_file_convert(struct str text, struct buf *json, struct buf *fault);

#endif
