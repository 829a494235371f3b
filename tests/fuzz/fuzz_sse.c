/* SPDX-License-Identifier: Apache-2.0 */
/* A stream of events as rtalpctl reads it: the same events come of it in whatever pieces it arrives. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "ctl/sse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	size_t events;
	uint64_t sum; /* of their texts */
};

static int
hear(struct str data, void *arg)
{
	struct heard *h = arg;

	h->events++;
	for (size_t i = 0; i < data.len; i++)
		h->sum = h->sum * 31 + (unsigned char)data.p[i];
	return data.len <= SSE_EVENT_MAX ? 0 : -1;
}

static struct heard
listen(const uint8_t *data, size_t size, size_t piece)
{
	struct heard h = {0};
	struct sse s;

	sse_init(&s, hear, &h);
	for (size_t at = 0; at < size; at += piece)
		if (sse_feed(&s, (struct str){(const char *)data + at, size - at < piece ? size - at : piece}) < 0)
			break;
	sse_release(&s);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole = listen(data, size, size + 1), bytes = listen(data, size, 1), threes = listen(data, size, 3);

	if (whole.events != bytes.events || whole.sum != bytes.sum || whole.events != threes.events || whole.sum != threes.sum)
		abort();
	return 0;
}
