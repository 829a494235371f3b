/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/matter_words.h"

#include "rules/matter.h"

struct character {
	uint32_t code;
	size_t len;
};

/* Of clean UTF-8 that is not at its end. */
static struct character
character_at(struct str s, size_t at)
{
	static const uint32_t masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned char first = (unsigned char)s.p[at];
	size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	uint32_t code = first & masks[len];

	if (len > s.len - at)
		return (struct character){.code = ' ', .len = s.len - at};
	for (size_t i = 1; i < len; i++)
		code = code << 6 | ((unsigned char)s.p[at + i] & 0x3f);
	return (struct character){.code = code, .len = len};
}

static bool
in(uint32_t code, uint32_t first, uint32_t last)
{
	return code >= first && code <= last;
}

/* Letters and digits. Outside ASCII: whatever does not stand where Unicode has its common spaces, marks and symbols. */
static bool
is_word(uint32_t code)
{
	if (code < 0x80)
		return in(code, '0', '9') || in(code, 'A', 'Z') || in(code, 'a', 'z');
	return !in(code, 0x80, 0xa9) && !in(code, 0xab, 0xb4) && !in(code, 0xb6, 0xb9) && !in(code, 0xbb, 0xbf) &&
	       code != 0xd7 && code != 0xf7 && !in(code, 0x2000, 0x206f) && !in(code, 0x20a0, 0x20cf) &&
	       !in(code, 0x2190, 0x2bff) && !in(code, 0x3000, 0x3004) && !in(code, 0x3008, 0x3020) &&
	       !in(code, 0xfe30, 0xfe6f) && !in(code, 0xff00, 0xff0f) && !in(code, 0xff1a, 0xff20) && code != 0xfeff &&
	       code != 0xfffd;
}

/* The end of the run of characters that are, or are not, of words. */
static size_t
run_end(struct str title, size_t at, bool of_words)
{
	while (at < title.len) {
		struct character c = character_at(title, at);

		if (is_word(c.code) != of_words)
			break;
		at += c.len;
	}
	return at;
}

/* Where names that begin at `start` may end, the nearest first. */
static size_t
find_ends(const struct matter_list *list, struct str title, size_t start, size_t ends[MATTER_WORDS_ENDS_MAX])
{
	size_t max = MIN_OF(matter_list_words_max(list) + 4, MATTER_WORDS_ENDS_MAX), count = 0, at = start;

	while (count < max && at < title.len) {
		at = run_end(title, at, true);
		if (at - start > 2 * MATTER_ALIAS_MAX)
			break;
		ends[count++] = at;
		at = run_end(title, at, false);
	}
	return count;
}

static bool
has_digit(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] >= '0' && s.p[i] <= '9')
			return true;
	return false;
}

static bool
is_name(const struct matter_list *list, struct str text)
{
	struct matter_name name;

	if (!matter_list_find(list, text, &name))
		return false;
	return name.is_alias || (name.text.len >= MATTERS_BARE_MIN && has_digit(name.text));
}

bool
matter_words_next(struct matter_words *w, const struct matter_list *list, struct str *ret_text)
{
	size_t ends[MATTER_WORDS_ENDS_MAX], start, count;

	while ((start = run_end(w->title, w->at, false)) < w->title.len) {
		w->at = run_end(w->title, start, true);
		if (!matter_list_may_begin(list, w->title.p[start]))
			continue;
		count = find_ends(list, w->title, start, ends);
		while (count > 0) {
			struct str text = {w->title.p + start, ends[--count] - start};

			if (!is_name(list, text))
				continue;
			w->at = ends[count];
			*ret_text = text;
			return true;
		}
	}
	return false;
}
