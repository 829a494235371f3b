/* SPDX-License-Identifier: Apache-2.0 */
#include "store/box_row.h"

#include <errno.h>
#include <string.h>

void
bind_box(struct query *q, const struct box *box)
{
	if (box == NULL || box->len == 0) {
		bind_null(q);
		bind_null(q);
		bind_null(q);
		return;
	}
	bind_blob(q, box_str(box->bytes, box->len));
	bind_blob(q, box_str(box->seal_id, sizeof box->seal_id));
	bind_blob(q, box_str(box->key_id, sizeof box->key_id));
}

static bool
take_id(struct query *q, unsigned char ret_id[BOX_ID_BYTES])
{
	struct str id = column_blob(q);

	if (id.len == BOX_ID_BYTES)
		memcpy(ret_id, id.p, BOX_ID_BYTES);
	return id.len == BOX_ID_BYTES;
}

int
column_box(struct query *q, struct box *ret_box)
{
	struct str bytes = column_blob(q);
	struct box box = {.len = bytes.len};
	bool whole;

	if (bytes.len > sizeof box.bytes)
		return -EUCLEAN;
	if (bytes.len > 0)
		memcpy(box.bytes, bytes.p, bytes.len);
	whole = take_id(q, box.seal_id);
	whole = take_id(q, box.key_id) && whole;
	if (bytes.len > 0 && !whole)
		return -EUCLEAN;
	*ret_box = box;
	return 0;
}
