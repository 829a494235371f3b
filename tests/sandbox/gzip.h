/* SPDX-License-Identifier: Apache-2.0 */
/* gzip.h - compressed bodies, honest and otherwise. */
#ifndef SANDBOX_GZIP_H
#define SANDBOX_GZIP_H

#include <stdbool.h>
#include <stddef.h>

#include <event2/buffer.h>

#include "buf.h"

/* Fast rather than small: the sandbox shares its processor with what it tests. */
void gzip_bytes(struct buf *out, const void *data, size_t n);

/* A well-formed gzip stream of prefix + megabytes * 1 MiB of spaces + suffix, made in about a millisecond. */
void gzip_bomb(struct evbuffer *out, const char *prefix, size_t megabytes, const char *suffix);

/* True if an Accept-Encoding value (may be NULL) lets gzip in. */
bool gzip_accepted(const char *accept_encoding);

#endif
