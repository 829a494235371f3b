/* SPDX-License-Identifier: Apache-2.0 */
#include "app/learn.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/settle.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "store/learned.h"
#include "store/matter.h"
#include "store/words.h"

#define KEY_MAX         400
#define TITLE_WORDS_MAX 64

struct words {
	struct str at[TITLE_WORDS_MAX];
	size_t count;
};

/* Of text with one space between its words; what is beyond so many is not looked at. */
static struct words
split(const char *text)
{
	struct words w = {.count = 0};

	while (*text != '\0' && w.count < ELEMENTSOF(w.at)) {
		size_t len = strcspn(text, " ");

		w.at[w.count++] = (struct str){text, len};
		text += len + (text[len] == ' ');
	}
	return w;
}

static bool
has_digit(struct str word)
{
	for (size_t i = 0; i < word.len; i++)
		if (word.p[i] >= '0' && word.p[i] <= '9')
			return true;
	return false;
}

/* Words that only say something together with the number beside them. */
static bool
goes_with_a_number(struct str word)
{
	static const char *const such[] = {"v", "ver", "version", "rev", "revision", "draft", "copy", "no", "january", "february", "march",
	    "april", "may", "june", "july", "august", "september", "october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul",
	    "aug", "sep", "sept", "oct", "nov", "dec"};

	for (size_t i = 0; i < ELEMENTSOF(such); i++)
		if (word.len == strlen(such[i]) && strncasecmp(word.p, such[i], word.len) == 0)
			return true;
	return false;
}

static bool
is_of_one_version(const struct words *w, size_t i)
{
	if (has_digit(w->at[i]))
		return true;
	if (!goes_with_a_number(w->at[i]))
		return false;
	return (i > 0 && has_digit(w->at[i - 1])) || (i + 1 < w->count && has_digit(w->at[i + 1]));
}

char *
learn_document_words(const char *title)
{
	_cleanup_free_ char *text = words_of(title);
	struct buf kept = BUF_INIT(KEY_MAX);
	struct words w = split(text);
	size_t len;

	for (size_t i = 0; i < w.count; i++)
		if (!is_of_one_version(&w, i) && kept.len + 1 + w.at[i].len <= KEY_MAX)
			buf_addf(&kept, "%s%.*s", kept.len > 0 ? " " : "", STR_ARG(w.at[i]));
	return buf_take(&kept, &len);
}

static int
teach(struct txn *txn, const struct entry_row *entry, enum lesson_kind kind, const char *key)
{
	struct lesson lesson = {
	    .entry_id = entry->entry_id, .kind = kind, .key = key, .matter = entry_matter(entry),
	    .seconds = entry->frozen_seconds, .at_ms = entry->confirmed_ms,
	};

	return key[0] != '\0' && strlen(key) <= KEY_MAX * 2 ? txn_lesson_add(txn, entry->alp_user_id, &lesson) : 0;
}

static int
teach_document(struct txn *txn, const struct entry_row *entry)
{
	_cleanup_free_ char *kept = learn_document_words(entry->task_description);
	_cleanup_free_ char *key = words_key(kept);

	return teach(txn, entry, LESSON_DOCUMENT, key);
}

static int
teach_application(struct txn *txn, const struct entry_row *entry)
{
	_cleanup_free_ char *key = words_key(entry->application);

	return teach(txn, entry, LESSON_APPLICATION, key);
}

/* The longest client's name that begins with that word: "Smith & Sons" rather than "Smith". *ret_words: 0 if none does. */
static int
find_client(struct txn *txn, const struct words *w, size_t first, char ret_key[KEY_MAX], size_t *ret_words)
{
	for (size_t n = MIN_OF(w->count - first, (size_t)CLIENT_WORDS_MAX); n > 0; n--) {
		struct str last = w->at[first + n - 1];
		size_t len = (size_t)(last.p + last.len - w->at[first].p);
		int r = 0;

		if (len < KEY_MAX) {
			memcpy(ret_key, w->at[first].p, len);
			ret_key[len] = '\0';
			r = txn_client_known(txn, ret_key);
		}
		if (r != 0) {
			*ret_words = n;
			return r < 0 ? r : 0;
		}
	}
	*ret_words = 0;
	return 0;
}

static int
teach_clients(struct txn *txn, const struct entry_row *entry)
{
	_cleanup_free_ char *text = words_key(entry->task_description);
	struct words w = split(text);
	int r = 0;

	for (size_t i = 0; i < w.count && r == 0;) {
		char key[KEY_MAX];
		size_t words;

		r = find_client(txn, &w, i, key, &words);
		if (r == 0 && words > 0)
			r = teach(txn, entry, LESSON_CLIENT, key);
		i += MAX_OF(words, (size_t)1);
	}
	return r;
}

int
txn_unlearn(struct txn *txn, const struct entry_row *entry)
{
	return txn_lessons_take_back(txn, entry->alp_user_id, entry->entry_id);
}

int
txn_learn(struct txn *txn, const struct entry_row *entry)
{
	const char *matter = entry_matter(entry);
	int r = txn_unlearn(txn, entry);

	if (r < 0 || matter == NULL || matter[0] == '\0')
		return r;
	r = teach_document(txn, entry);
	if (r == 0)
		r = teach_clients(txn, entry);
	if (r == 0)
		r = teach_application(txn, entry);
	return r < 0 ? r : txn_lessons_bound(txn, entry->alp_user_id, LESSONS_MAX);
}
