/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/guard.h"

#include <string.h>

#include "base/macro.h"

/* A repeat of fewer characters is as good as one item. */
#define REPEAT_MIN 16
/* Bytes that are compared, or skipped one by one, in the time of a question. */
#define BYTES_A_QUESTION 4

static size_t
number_at(const char *p, const char *end)
{
	size_t n = 0;

	while (p < end && *p >= '0' && *p <= '9' && n < 100000)
		n = n * 10 + (size_t)(*p++ - '0');
	return n;
}

/* The most that "{n" says between p and end; "\\x{1680}" is none. */
static size_t
longest_repeat(const char *p, const char *end)
{
	size_t longest = 0;

	for (; p < end; p++) {
		if (*p == '{')
			longest = MAX_OF(longest, number_at(p + 1, end));
		else if (*p == '\\' && p + 1 < end)
			p += end - p > 2 && p[1] != '\\' && p[2] == '{' ? 2 : 1;
	}
	return longest;
}

static bool
has_back_reference(const char *p, const char *end)
{
	for (; p + 1 < end; p++)
		if (*p == '\\' && ((p[1] >= '1' && p[1] <= '9') || p[1] == 'k' || p[1] == 'g'))
			return true;
	return false;
}

bool
guard_is_needed_for_items(const char *regex)
{
	const char *end = regex + strlen(regex);

	return longest_repeat(regex, end) >= REPEAT_MIN || has_back_reference(regex, end) || strstr(regex, "(?P=") != NULL;
}

/* What the item that comes next may go over and then fail, so that nobody sees how far it came. */
static size_t
hidden_work(const struct guard *g, const pcre2_callout_block *block)
{
	const char *item = g->regex + block->pattern_position, *end = item + block->next_item_length;
	size_t rest = block->subject_length - block->current_position, bytes = longest_repeat(item, end);

	if (has_back_reference(item, end) || strncmp(item, "(?P=", 4) == 0)
		bytes = rest;
	return bytes < REPEAT_MIN ? 0 : MIN_OF(bytes, rest) / BYTES_A_QUESTION;
}

int
guard_count(pcre2_callout_block *block, void *guard)
{
	struct guard *g = guard;
	size_t at = block->current_position, work = 1;

	if (block->start_match != g->start)
		g->start = g->at = block->start_match;
	work += (at > g->at ? at - g->at : g->at - at) / BYTES_A_QUESTION;
	if (g->regex != NULL)
		work += hidden_work(g, block);
	g->at = at;
	if (work > g->left) {
		g->left = 0;
		return PCRE2_ERROR_CALLOUT;
	}
	g->left -= work;
	return 0;
}
