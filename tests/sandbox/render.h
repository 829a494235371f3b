/* SPDX-License-Identifier: Apache-2.0 */
/* render.h - tables as the bytes that go over the wire. Written by hand on purpose: the daemon's JSON library would read back
 * whatever mistake it had made in writing. */
#ifndef SANDBOX_RENDER_H
#define SANDBOX_RENDER_H

#include "buf.h"
#include "table.h"

/* Both forms have been recorded from the imitated service; the third is legal JSON that a client must read as well. */
enum escaping {
	ESCAPE_RAILS, /* & < > U+2028 U+2029 as \uXXXX */
	ESCAPE_RAW,   /* only what JSON demands */
	ESCAPE_ASCII, /* everything beyond ASCII as \uXXXX, in pairs where needed */
};

void render_json(struct buf *out, const struct table *t, enum escaping escaping);
void render_csv(struct buf *out, const struct table *t);

/* A JSON string with its quotes. With `bare`, control characters stay as they are (which no JSON allows). */
void render_json_text(struct buf *out, struct text s, enum escaping escaping, bool bare);

#endif
