/* SPDX-License-Identifier: Apache-2.0 */
/* inbuf.h - bytes of a request on their way in. A key may be among them, so no copy is left behind: libevent's chunk is overwritten
 * once its bytes are here, and so is this buffer when it grows, shrinks or goes away.
 *
 * What cannot be wiped: the kernel's socket buffers.
 *
 * Ownership: inbuf_release() accepts a zeroed one. Threads: the loop's.
 */
#ifndef RTALP_HTTP_INBUF_H
#define RTALP_HTTP_INBUF_H

#include <stddef.h>

struct evbuffer;

struct inbuf {
	char *p;
	size_t len;
	size_t capacity;
};

/* Moves everything out of `from`. The caller bounds how much arrives at a time. */
void inbuf_take(struct inbuf *b, struct evbuffer *from);
/* Room for so many bytes at its end, of which inbuf_grew() says how many are there now. */
char *inbuf_room(struct inbuf *b, size_t most);
void inbuf_grew(struct inbuf *b, size_t count);
/* Overwrites and drops everything in `from`. */
void inbuf_discard(struct evbuffer *from);
/* Drops what is from `begin` up to before `end`. */
void inbuf_cut(struct inbuf *b, size_t begin, size_t end);
/* Drops the first `count` bytes. */
void inbuf_consume(struct inbuf *b, size_t count);
void inbuf_release(struct inbuf *b);

#endif
