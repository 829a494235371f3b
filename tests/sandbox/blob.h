/* SPDX-License-Identifier: Apache-2.0 */
/* blob.h - bytes shared between the cache and the connections that are still sending them. Counted; one thread. */
#ifndef SANDBOX_BLOB_H
#define SANDBOX_BLOB_H

#include <stddef.h>

#include <event2/buffer.h>

#include "buf.h"

struct blob {
	unsigned refs;
	size_t len;
	char *data;
};

/* Takes the buffer's bytes over; the buffer is empty afterwards. One reference. */
struct blob *blob_take(struct buf *b);
struct blob *blob_ref(struct blob *b);
void blob_unref(struct blob *b);

/* Appends without copying; holds a reference until sent. */
void blob_send(struct blob *b, struct evbuffer *to);

#endif
