/* SPDX-License-Identifier: Apache-2.0 */
#include "base/macro.h"
#include "rules/needs.h"

/* The four parts of the set are kept apart, as one in memory would be written and read again at each byte. */
void
shape_read(struct str title, struct shape *ret_shape)
{
	uint64_t bits0 = 0, bits1 = 0, bits2 = 0, bits3 = 0;
	unsigned run = 0, longest = 0;

	for (size_t i = 0; i < title.len; i++) {
		unsigned char c = (unsigned char)title.p[i];

		uint64_t bit = UINT64_C(1) << (c & 63);

		bits0 |= c >> 6 == 0 ? bit : 0;
		bits1 |= c >> 6 == 1 ? bit : 0;
		bits2 |= c >> 6 == 2 ? bit : 0;
		bits3 |= c >> 6 == 3 ? bit : 0;
		run = (unsigned)(c - '0') < 10 || c >= 0x80 ? run + 1 : 0;
		longest = MAX_OF(longest, run);
	}
	bits3 |= UINT64_C(1) << (BYTE_OF_NONE & 63);
	*ret_shape = (struct shape){.bytes = {{bits0, bits1, bits2, bits3}}, .digits = longest, .len = title.len};
}
