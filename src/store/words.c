/* SPDX-License-Identifier: Apache-2.0 */
#include "store/words.h"

#include <glib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "store/fold.h"

char *
words_key(const char *text)
{
	_cleanup_free_ char *folded = text_fold(text);
	/* A character is never longer than it is in the folded text. */
	struct buf key = BUF_INIT(strlen(folded) + 1);
	bool parted = false;
	size_t len;

	for (size_t i = 0, bytes; folded[i] != '\0'; i += bytes) {
		gunichar c = g_utf8_get_char(&folded[i]);

		bytes = (size_t)g_utf8_skip[(unsigned char)folded[i]];

		if (!g_unichar_isalnum(c) && !g_unichar_ismark(c)) {
			parted = true;
			continue;
		}
		if (parted && key.len > 0)
			buf_addc(&key, ' ');
		parted = false;
		buf_add(&key, &folded[i], bytes);
	}
	return buf_take(&key, &len);
}
