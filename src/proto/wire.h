/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h - numbers and strings of a message as bytes: little-endian, no padding, strings as a 32-bit length and that many bytes.
 *
 * Errors are sticky: a writer past its room, a reader past the end. The reader must end with wire_end(), which refuses leftover
 * bytes: a message that says more than its reader understands is as wrong as one that says less.
 * Ownership: strings read are borrowed from the reader's bytes. Threads: one at a time.
 */
#ifndef RTALP_PROTO_WIRE_H
#define RTALP_PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macro.h"
#include "base/str.h"

#define WIRE_MAX_BYTES ((size_t)32 * 1024) /* what one user may keep out of the store at intake is 21 KB */

struct wire_writer {
	size_t len;
	bool overflow;
	uint8_t bytes[WIRE_MAX_BYTES];
};

struct wire_reader {
	const uint8_t *p;
	size_t left;
	bool failed;
};

void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_i32(struct wire_writer *w, int32_t v);
void wire_put_i64(struct wire_writer *w, int64_t v);
void wire_put_str(struct wire_writer *w, struct str s);

uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);
int32_t wire_get_i32(struct wire_reader *r);
int64_t wire_get_i64(struct wire_reader *r);
struct str wire_get_str(struct wire_reader *r);

/* 0 if everything was read and nothing is left, else -EBADMSG. */
int wire_end(const struct wire_reader *r) _must_check_;

#endif
