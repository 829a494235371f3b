/* SPDX-License-Identifier: Apache-2.0 */
#include "blob.h"

#include <stdlib.h>

#include "alloc.h"

struct blob *
blob_take(struct buf *b)
{
	struct blob *blob = xcalloc(1, sizeof(*blob));

	blob->refs = 1;
	blob->len = b->len;
	blob->data = b->data;
	*b = (struct buf){ 0 };
	return blob;
}

struct blob *
blob_ref(struct blob *b)
{
	b->refs++;
	return b;
}

void
blob_unref(struct blob *b)
{
	if (!b || --b->refs)
		return;
	free(b->data);
	free(b);
}

static void
sent(const void *data, size_t len, void *arg)
{
	(void)data;
	(void)len;
	blob_unref(arg);
}

void
blob_send(struct blob *b, struct evbuffer *to)
{
	if (b->len && evbuffer_add_reference(to, b->data, b->len, sent, blob_ref(b)) < 0)
		blob_unref(b);
}
