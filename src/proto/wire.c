/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/wire.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

static void
put(struct wire_writer *w, const void *bytes, size_t len)
{
	if (w->overflow || len > sizeof w->bytes - w->len) {
		w->overflow = true;
		return;
	}
	if (len > 0)
		memcpy(w->bytes + w->len, bytes, len);
	w->len += len;
}

void
wire_put_u32(struct wire_writer *w, uint32_t v)
{
	uint32_t le = htole32(v);

	put(w, &le, sizeof le);
}

void
wire_put_u64(struct wire_writer *w, uint64_t v)
{
	uint64_t le = htole64(v);

	put(w, &le, sizeof le);
}

void
wire_put_i32(struct wire_writer *w, int32_t v)
{
	wire_put_u32(w, (uint32_t)v);
}

void
wire_put_i64(struct wire_writer *w, int64_t v)
{
	wire_put_u64(w, (uint64_t)v);
}

void
wire_put_str(struct wire_writer *w, struct str s)
{
	if (s.len > sizeof w->bytes) {
		w->overflow = true;
		return;
	}
	wire_put_u32(w, (uint32_t)s.len);
	put(w, s.p, s.len);
}

static const uint8_t *
get(struct wire_reader *r, size_t len)
{
	const uint8_t *p = r->p;

	if (r->failed || len > r->left) {
		r->failed = true;
		return NULL;
	}
	r->p += len;
	r->left -= len;
	return p;
}

uint32_t
wire_get_u32(struct wire_reader *r)
{
	uint32_t v = 0;
	const uint8_t *p = get(r, sizeof v);

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return le32toh(v);
}

uint64_t
wire_get_u64(struct wire_reader *r)
{
	uint64_t v = 0;
	const uint8_t *p = get(r, sizeof v);

	if (p != NULL)
		memcpy(&v, p, sizeof v);
	return le64toh(v);
}

int32_t
wire_get_i32(struct wire_reader *r)
{
	return (int32_t)wire_get_u32(r);
}

int64_t
wire_get_i64(struct wire_reader *r)
{
	return (int64_t)wire_get_u64(r);
}

struct str
wire_get_str(struct wire_reader *r)
{
	uint32_t len = wire_get_u32(r);
	const uint8_t *p = get(r, len);

	if (p == NULL)
		return STR_NONE;
	return (struct str){.p = (const char *)p, .len = len};
}

int
wire_end(const struct wire_reader *r)
{
	return r->failed || r->left != 0 ? -EBADMSG : 0;
}
