/* SPDX-License-Identifier: Apache-2.0 */
#include "base/macro.h"
#include "rules/needs.h"

void
shape_read(struct str title, struct shape *ret_shape)
{
	struct shape s = {.len = title.len};
	unsigned run = 0, longest = 0;

	for (size_t i = 0; i < title.len; i++) {
		unsigned char c = (unsigned char)title.p[i];

		byte_set_add(&s.bytes, c);
		run = (unsigned)(c - '0') < 10 || c >= 0x80 ? run + 1 : 0;
		longest = MAX_OF(longest, run);
	}
	s.digits = longest;
	*ret_shape = s;
}
