/* SPDX-License-Identifier: Apache-2.0 */
/* box_row.h - what is sealed to the keeper (base/box.h) as the three columns in which it is stored: the box, its seal_id, its key_id. */
#ifndef RTALP_STORE_BOX_ROW_H
#define RTALP_STORE_BOX_ROW_H

#include "base/box.h"
#include "store/sqlite.h"

/* NULL, or none in it: three nulls. */
void bind_box(struct query *q, const struct box *box);
/* The next three columns; nulls are none. -EUCLEAN: that is no box. */
int column_box(struct query *q, struct box *ret_box) _must_check_;

#endif
