/* SPDX-License-Identifier: Apache-2.0 */
#include "app/suggest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/learn.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/zone.h"
#include "store/matter.h"
#include "store/words.h"

/* --- how likely ----------------------------------------------------------------------------------------------------------- */

#define DAY_MS     INT64_C(86400000)
#define FRESH_DAYS 30
#define OLD_DAYS   365

/* In thousandths: all of it for a month, then less, a quarter from a year on. */
static int64_t
recency(int64_t age_ms)
{
	int64_t days = MAX_OF(age_ms, 0) / DAY_MS;

	if (days <= FRESH_DAYS)
		return 1000;
	return days >= OLD_DAYS ? 250 : 1000 - (days - FRESH_DAYS) * 750 / (OLD_DAYS - FRESH_DAYS);
}

int64_t
suggest_score(enum lesson_kind kind, int64_t times, int64_t total, int64_t age_ms)
{
	/* From where to where, in hundredths: no number of times in an application outweighs a document. */
	static const struct {
		int64_t base, span;
	} of[] = {[LESSON_DOCUMENT] = {60, 39}, [LESSON_CLIENT] = {30, 29}, [LESSON_APPLICATION] = {5, 24}};
	int64_t share = times * 1000 / MAX_OF(total, 1), often = times * 1000 / (times + 1);

	return of[kind].base * 1000 + of[kind].span * (share * often / 1000 * recency(age_ms) / 1000);
}

/* --- what there is -------------------------------------------------------------------------------------------------------- */

struct candidate {
	const struct learned_row *row;
	enum lesson_kind kind;
	const char *key;
	int64_t points;
};

#define CANDIDATES_MAX 64
/* A list whose entries are each of an application of its own is not to cost the square of them. */
#define CACHE_MAX      256

/* Looked up once for all entries of a list: many share an application. */
struct looked_up {
	enum lesson_kind kind;
	char *key;
	struct learned_list list;
};

struct suggester {
	struct txn *txn;
	const char *zone;
	int64_t alp_user_id, now_ms;
	bool list_known;
	struct learned_keys clients;
	struct looked_up document; /* of the entry */
	struct looked_up *cache;   /* clients and applications */
	size_t cached;
	struct candidate best[CANDIDATES_MAX]; /* of one entry, the likeliest first, a matter once */
	size_t count;
};

static void
looked_up_release(struct looked_up *l)
{
	free(l->key);
	learned_list_release(&l->list);
	*l = (struct looked_up){0};
}

static void
cache_clear(struct suggester *s)
{
	for (size_t i = 0; i < s->cached; i++)
		looked_up_release(&s->cache[i]);
	s->cached = 0;
}

static void
suggester_release(struct suggester *s)
{
	cache_clear(s);
	looked_up_release(&s->document);
	free(s->cache);
	learned_keys_release(&s->clients);
}

static int
suggester_begin(struct suggester *s)
{
	struct matter_import listing;
	int r = txn_matter_listing(s->txn, &listing);

	if (r < 0)
		return r;
	s->list_known = listing.matters > 0;
	return txn_learned_keys(s->txn, s->alp_user_id, LESSON_CLIENT, &s->clients);
}

static int
find(struct suggester *s, enum lesson_kind kind, const char *key, struct looked_up *ret)
{
	struct learned_list list = {0};
	int r = txn_learned_find(s->txn, s->alp_user_id, kind, key, &list);

	if (r == 0)
		*ret = (struct looked_up){.kind = kind, .key = xstrdup(key), .list = list};
	return r;
}

/* Its rows stay for as long as the entry is looked at. */
static int
look_up(struct suggester *s, enum lesson_kind kind, const char *key, const struct looked_up **ret)
{
	int r;

	if (kind == LESSON_DOCUMENT) {
		looked_up_release(&s->document);
		*ret = &s->document;
		return find(s, kind, key, &s->document);
	}
	for (size_t i = 0; i < s->cached; i++) {
		if (s->cache[i].kind == kind && strcmp(s->cache[i].key, key) == 0) {
			*ret = &s->cache[i];
			return 0;
		}
	}
	s->cache = xreallocarray(s->cache, s->cached + 1, sizeof *s->cache);
	r = find(s, kind, key, &s->cache[s->cached]);
	if (r == 0)
		*ret = &s->cache[s->cached++];
	return r;
}

static bool
goes_before(const struct candidate *a, const struct candidate *b)
{
	if (a->points != b->points)
		return a->points > b->points;
	if (a->row->last_ms != b->row->last_ms)
		return a->row->last_ms > b->row->last_ms;
	return strcmp(a->row->matter, b->row->matter) < 0;
}

static void
remove_at(struct suggester *s, size_t i)
{
	s->count--;
	memmove(&s->best[i], &s->best[i + 1], (s->count - i) * sizeof s->best[0]);
}

static void
offer(struct suggester *s, const struct candidate *c)
{
	size_t at = 0;

	for (size_t i = 0; i < s->count; i++) {
		if (strcmp(s->best[i].row->matter, c->row->matter) != 0)
			continue;
		if (goes_before(&s->best[i], c))
			return;
		remove_at(s, i);
		break;
	}
	while (at < s->count && goes_before(&s->best[at], c))
		at++;
	if (at == CANDIDATES_MAX)
		return;
	if (s->count == CANDIDATES_MAX)
		s->count--;
	memmove(&s->best[at + 1], &s->best[at], (s->count - at) * sizeof s->best[0]);
	s->best[at] = *c;
	s->count++;
}

static int
offer_all(struct suggester *s, enum lesson_kind kind, const char *key)
{
	const struct looked_up *found = NULL;
	int64_t total = 0;
	int r = key[0] != '\0' ? look_up(s, kind, key, &found) : 0;

	if (found == NULL)
		return r;
	for (size_t i = 0; i < found->list.count; i++)
		total += found->list.rows[i].times;
	for (size_t i = 0; i < found->list.count; i++) {
		const struct learned_row *row = &found->list.rows[i];

		offer(s, &(struct candidate){.row = row, .kind = kind, .key = found->key,
		    .points = suggest_score(kind, row->times, total, s->now_ms - row->last_ms)});
	}
	return 0;
}

static int
compare_key(const void *words, const void *key)
{
	return str_cmp(*(const struct str *)words, str_of(*(char *const *)key));
}

static int
offer_client(struct suggester *s, struct str words)
{
	char *const *key = bsearch(&words, s->clients.keys, s->clients.count, sizeof *s->clients.keys, compare_key);

	return key != NULL ? offer_all(s, LESSON_CLIENT, *key) : 0;
}

/* Every run of whole words of the title may be one. */
static int
offer_clients(struct suggester *s, const char *title)
{
	_cleanup_free_ char *text = words_key(title);
	int r = 0;

	for (const char *start = text; s->clients.count > 0 && *start != '\0' && r == 0; start += strcspn(start, " "), start += *start == ' ') {
		const char *end = start;

		for (int n = 0; n < CLIENT_WORDS_MAX && r == 0; n++) {
			end += strcspn(end, " ");
			r = offer_client(s, (struct str){start, (size_t)(end - start)});
			if (*end == '\0')
				break;
			end++;
		}
	}
	return r;
}

/* --- what is told --------------------------------------------------------------------------------------------------------- */

static char *
reason_of(const struct suggester *s, const struct candidate *c, const char *document, const char *application)
{
	char day_text[DAY_TEXT_MAX] = "";
	struct buf b = BUF_INIT(4096);
	day_t day;
	size_t len;

	buf_addf(&b, "you confirmed %s ", c->row->matter);
	if (c->kind == LESSON_DOCUMENT)
		buf_addf(&b, "for \"%s\" ", document);
	else if (c->kind == LESSON_CLIENT)
		buf_addf(&b, "where the title named \"%s\" ", c->key);
	else
		buf_addf(&b, "in %s ", application);
	if (c->row->times == 1)
		buf_addz(&b, "once");
	else
		buf_addf(&b, "%" PRId64 " times", c->row->times);
	if (zone_day(s->zone, c->row->last_ms, &day) == 0) {
		day_format(day, day_text);
		buf_addf(&b, ", %son %s", c->row->times == 1 ? "" : "last ", day_text);
	}
	return buf_take(&b, &len);
}

/* 1: it may be told of. */
static int
may_suggest(struct suggester *s, const struct candidate *c)
{
	return s->list_known ? txn_matter_open(s->txn, c->row->matter) : 1;
}

static int
tell(struct suggester *s, struct entry_row *entry, const char *document)
{
	entry->suggested = xcalloc(SUGGESTIONS_MAX, sizeof *entry->suggested);
	for (size_t i = 0; i < s->count && entry->suggested_count < SUGGESTIONS_MAX; i++) {
		int r = may_suggest(s, &s->best[i]);

		if (r < 0)
			return r;
		if (r == 0)
			continue;
		entry->suggested[entry->suggested_count++] = (struct suggestion){
		    .matter_code = xstrdup(s->best[i].row->matter), .score = (int32_t)(s->best[i].points / 1000),
		    .reason = reason_of(s, &s->best[i], document, entry->application)};
	}
	return 0;
}

static int
suggest_for(struct suggester *s, struct entry_row *entry)
{
	_cleanup_free_ char *document = learn_document_words(entry->task_description);
	_cleanup_free_ char *key = words_key(document), *application = words_key(entry->application);
	int r;

	s->count = 0;
	/* Between two entries, because what was found is borrowed while one is looked at. */
	if (s->cached >= CACHE_MAX)
		cache_clear(s);
	r = offer_all(s, LESSON_DOCUMENT, key);
	if (r == 0)
		r = offer_clients(s, entry->task_description);
	if (r == 0)
		r = offer_all(s, LESSON_APPLICATION, application);
	return r == 0 && s->count > 0 ? tell(s, entry, document) : r;
}

static bool
wants_matter(const struct entry_row *entry)
{
	const char *matter = entry_matter(entry);

	return entry->status == ENTRY_PENDING && (matter == NULL || matter[0] == '\0');
}

int
txn_suggest(struct txn *txn, const char *zone, int64_t now_ms, struct entry_row *entries, size_t count)
{
	_cleanup_(suggester_release) struct suggester s = {.txn = txn, .zone = zone, .now_ms = now_ms};
	size_t first = 0;
	int r;

	while (first < count && !wants_matter(&entries[first]))
		first++;
	if (first == count)
		return 0;
	s.alp_user_id = entries[first].alp_user_id;
	r = txn_learned_any(txn, s.alp_user_id);
	if (r <= 0)
		return r;
	r = suggester_begin(&s);
	for (size_t i = first; i < count && r == 0; i++)
		if (wants_matter(&entries[i]) && entries[i].alp_user_id == s.alp_user_id)
			r = suggest_for(&s, &entries[i]);
	return r;
}

/* --- erasing -------------------------------------------------------------------------------------------------------------- */

static int
erase_run(struct txn *txn, struct op *op)
{
	return txn_learned_forget(txn, ((struct learned_erase *)op->verb)->alp_user_id);
}

void
app_learned_erase(struct app *app, struct learned_erase *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, erase_run, NULL, done, arg);
}
