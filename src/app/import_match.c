/* SPDX-License-Identifier: Apache-2.0 */
#include "app/import_match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct words {
	size_t at; /* of the name */
	const char *application, *text;
	char *words; /* " a b c "; " ": none */
	size_t len;
};

static bool
is_word_byte(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* One space around each word. The caller frees. */
static char *
words_of(const char *text, size_t *ret_len)
{
	char *words = xcalloc(strlen(text) + 3, 1);
	size_t len = 0;

	words[len++] = ' ';
	for (const char *c = text; *c != '\0'; c++) {
		if (is_word_byte((unsigned char)*c))
			words[len++] = *c;
		else if (words[len - 1] != ' ')
			words[len++] = ' ';
	}
	if (words[len - 1] != ' ')
		words[len++] = ' ';
	*ret_len = len;
	return words;
}

/* By application, the longest first. */
static int
compare(const void *pa, const void *pb)
{
	const struct words *a = pa, *b = pb;
	int c = strcmp(a->application, b->application);

	if (c != 0)
		return c;
	if (a->len != b->len)
		return a->len > b->len ? -1 : 1;
	return a->at < b->at ? -1 : a->at > b->at;
}

static struct words *
sort_names(const struct import_name *names, size_t count)
{
	struct words *sorted = xcalloc(count, sizeof *sorted);

	for (size_t i = 0; i < count; i++) {
		sorted[i] = (struct words){.at = i, .application = names[i].application, .text = names[i].description};
		sorted[i].words = words_of(names[i].description, &sorted[i].len);
	}
	if (count > 0)
		qsort(sorted, count, sizeof *sorted, compare);
	return sorted;
}

/* Of the first of its application on. */
static size_t
find_application(const struct words *sorted, size_t count, const char *application)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(sorted[middle].application, application) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The prototype took "notes.js" out of "notes.json": the last word may go on. */
static bool
has_begun(const char *title, const struct words *name)
{
	return memmem(title, strlen(title), name->words, name->len - 1) != NULL;
}

static size_t
match_row(const struct words *sorted, size_t count, const struct activity_row *row)
{
	size_t first = find_application(sorted, count, row->activity), len = 0, whole = IMPORT_NO_NAME, begun = IMPORT_NO_NAME;
	_cleanup_free_ char *title = words_of(row->document, &len);

	for (size_t i = first; i < count && strcmp(sorted[i].application, row->activity) == 0; i++) {
		if (strcmp(sorted[i].text, row->document) == 0)
			return sorted[i].at;
		if (sorted[i].len < 2 || sorted[i].len > len || whole != IMPORT_NO_NAME)
			continue;
		if (strstr(title, sorted[i].words) != NULL)
			whole = sorted[i].at;
		else if (begun == IMPORT_NO_NAME && has_begun(title, &sorted[i]))
			begun = sorted[i].at;
	}
	return whole != IMPORT_NO_NAME ? whole : begun;
}

bool
import_is_in(const char *description, struct str title)
{
	_cleanup_free_ char *text = xstrndup(title.p, title.len);
	size_t len = 0, title_len = 0;
	_cleanup_free_ char *name = words_of(description, &len), *words = words_of(text, &title_len);

	return len > 1 && strstr(words, name) != NULL;
}

void
import_match(const struct import_name *names, size_t count, const struct activity_list *rows, size_t *ret_of_row)
{
	struct words *sorted = sort_names(names, count);

	for (size_t i = 0; i < rows->count; i++)
		ret_of_row[i] = match_row(sorted, count, &rows->rows[i]);
	for (size_t i = 0; i < count; i++)
		free(sorted[i].words);
	free(sorted);
}
