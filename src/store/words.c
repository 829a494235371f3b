/* SPDX-License-Identifier: Apache-2.0 */
#include "store/words.h"

#include <glib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "store/fold.h"

static char *
words(const char *text)
{
	struct buf key = BUF_INIT(strlen(text) + 1);
	bool parted = false;
	size_t len;

	for (size_t i = 0, bytes; text[i] != '\0'; i += bytes) {
		gunichar c = g_utf8_get_char(&text[i]);

		bytes = (size_t)g_utf8_skip[(unsigned char)text[i]];

		if (!g_unichar_isalnum(c) && !g_unichar_ismark(c)) {
			parted = true;
			continue;
		}
		if (parted && key.len > 0)
			buf_addc(&key, ' ');
		parted = false;
		buf_add(&key, &text[i], bytes);
	}
	return buf_take(&key, &len);
}

char *
words_of(const char *text)
{
	_cleanup_free_ char *valid = g_utf8_make_valid(text, -1);

	return words(valid);
}

char *
words_key(const char *text)
{
	_cleanup_free_ char *folded = text_fold(text);

	return words(folded);
}
