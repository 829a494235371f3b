/* SPDX-License-Identifier: Apache-2.0 */
/* coding.h - which coding of an answer a client takes (RFC 9110, 12.5.3), and the one coding there is.
 *
 * Threads: any; nothing is shared.
 */
#ifndef RTALP_HTTP_CODING_H
#define RTALP_HTTP_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Fewer bytes than this fit into one packet as they are. */
#define GZIP_MIN_BYTES  1024
/* Of more, gzip is not made where others wait for it: 2 to 4 ms. */
#define GZIP_HERE_BYTES ((size_t)256 * 1024)

/* Does a client with that Accept-Encoding want gzip? An empty header, or none: no. */
bool coding_wants_gzip(struct str accept_encoding);

/* The bytes as gzip; the caller frees. NULL if that is not clearly smaller, or there are more bytes than gzip's 32-bit sizes can say. */
char *coding_gzip(struct str bytes, size_t *ret_len);

#endif
