/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/privacy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/hash.h"
#include "rules/apps.h"
#include "rules/match.h"
#include "rules/rules.h"
#include "rules/text.h"
#include "rules/trail.h"
#include "rules/work_hours.h"

#define CHARACTER_MAX 4 /* bytes */

struct rule {
	const struct privacy_rule *row;
	struct pattern *pattern; /* NULL: any title */
	char *category;          /* in small letters; NULL: any */
};

struct privacy {
	const struct ruleset *set;
	struct matcher *matcher;
	struct apps *apps;
	struct rule *rules;
	size_t count;
	struct work_hours own_hours;
	char **own; /* applications, in small letters */
	size_t own_count;
	/* A replacement reads the title from wherever it is and writes to the spare one. */
	char titles[2][ROWSET_STRING_MAX + 1];
	unsigned spare;
	char folded[ROWSET_STRING_MAX];
};

static char *
small_copy(struct str s)
{
	char *copy = xstrndup(s.len > 0 ? s.p : "", s.len);

	text_small(str_of(copy), copy);
	return copy;
}

static int
add_rule(struct privacy *p, const struct privacy_rule *row)
{
	struct rule *rule = &p->rules[p->count++];
	int r = apps_add(p->apps, &row->app);

	rule->row = row;
	if (row->category != NULL)
		rule->category = small_copy(str_of(row->category));
	return r == 0 && row->pattern.regex != NULL ? pattern_new(p->matcher, &row->pattern, &rule->pattern) : r;
}

int
privacy_new(const struct ruleset *set, struct privacy **ret_privacy)
{
	_cleanup_(privacy_freep) struct privacy *p = xcalloc(1, sizeof *p);

	p->set = set;
	p->matcher = matcher_new();
	p->apps = apps_new(p->matcher);
	p->rules = xcalloc(set->privacy_count, sizeof *p->rules);
	for (size_t i = 0; i < set->privacy_count; i++) {
		int r = add_rule(p, &set->privacy[i]);

		if (r < 0)
			return r;
	}
	*ret_privacy = TAKE_PTR(p);
	return 0;
}

static void
forget_own(struct privacy *p)
{
	for (size_t i = 0; i < p->own_count; i++)
		free(p->own[i]);
	free(p->own);
	p->own = NULL;
	p->own_count = 0;
	p->own_hours = (struct work_hours){.days = 0};
}

struct privacy *
privacy_free(struct privacy *p)
{
	if (p == NULL)
		return NULL;
	for (size_t i = 0; i < p->count; i++) {
		pattern_free(p->rules[i].pattern);
		free(p->rules[i].category);
	}
	free(p->rules);
	forget_own(p);
	apps_free(p->apps);
	matcher_free(p->matcher);
	free(p);
	return NULL;
}

/* --- what the user asked for ------------------------------------------------------------------------------------------ */

static bool
take_word(struct str *line, struct str word)
{
	if (!str_starts(*line, word))
		return false;
	line->p += word.len;
	line->len -= word.len;
	return true;
}

static int
take_line(struct privacy *p, struct str line)
{
	if (take_word(&line, STR("hours=")))
		return work_hours_parse(line, &p->own_hours);
	if (!take_word(&line, STR("exclude=")) || line.len == 0 || line.len > ROWSET_STRING_MAX)
		return -EINVAL;
	p->own = xreallocarray(p->own, p->own_count + 1, sizeof *p->own);
	p->own[p->own_count++] = small_copy(text_trim(line));
	return 0;
}

int
privacy_own(struct privacy *p, struct str lines)
{
	int r = 0;

	forget_own(p);
	while (r == 0 && lines.len > 0) {
		const char *end = memchr(lines.p, '\n', lines.len);
		size_t len = end != NULL ? (size_t)(end - lines.p) : lines.len;
		size_t step = len + (end != NULL);

		r = take_line(p, (struct str){lines.p, len});
		lines.p += step;
		lines.len -= step;
	}
	return r;
}

/* The same but for the case of their letters; `small` is in small letters. */
static bool
is_same(struct privacy *p, struct str s, const char *small)
{
	struct str other = str_of(small);

	if (s.len != other.len || s.len > sizeof p->folded)
		return false;
	text_small(s, p->folded);
	return str_eq((struct str){p->folded, s.len}, other);
}

/* White space around a name is seen by nobody, so it must not let anything through. */
static bool
is_own(struct privacy *p, struct str application)
{
	application = text_trim(application);
	for (size_t i = 0; i < p->own_count; i++)
		if (is_same(p, application, p->own[i]))
			return true;
	return false;
}

static bool
has_room(const struct work_hours *hours, unsigned weekday, int32_t minute)
{
	if (hours->days == 0)
		return true;
	return (hours->days & 1u << weekday) != 0 && minute >= hours->from_min && minute < hours->to_min;
}

static bool
is_outside(const struct privacy *p, int32_t bucket_s, unsigned weekday)
{
	return !has_room(&p->set->hours, weekday, bucket_s / 60) || !has_room(&p->own_hours, weekday, bucket_s / 60);
}

/* --- a title ---------------------------------------------------------------------------------------------------------- */

/* No secret goes on over it: they are written in ASCII. */
static bool
is_gap(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (unsigned char)c >= 0x80;
}

/* A secret that is cut in two is none that a rule would know. */
static struct str
whole_words(struct str title)
{
	struct str cut = text_cut(title, RULES_TITLE_MAX);
	size_t end = cut.len;

	if (cut.len == title.len || is_gap(title.p[cut.len]))
		return cut;
	while (end > 0 && !is_gap(cut.p[end - 1]))
		end--;
	return end > 0 ? text_trim((struct str){cut.p, end}) : STR(PRIVACY_HIDDEN);
}

static bool
redact(struct privacy *p, const struct rule *rule, struct str *title)
{
	char *out = p->titles[p->spare];
	size_t len;

	if (rule->pattern == NULL) {
		*title = str_of(rule->row->replacement);
		matcher_subject_changed(p->matcher, *title);
		return true;
	}
	if (pattern_replace(p->matcher, rule->pattern, *title, rule->row->replacement, out, ROWSET_STRING_MAX, &len))
		*title = (struct str){out, len};
	else if (matcher_had_no_room(p->matcher))
		*title = STR(PRIVACY_HIDDEN);
	else
		return false;
	p->spare ^= 1;
	matcher_subject_changed(p->matcher, *title);
	return true;
}

static bool
is_category(struct privacy *p, const struct rule *rule, const struct row_view *row)
{
	return rule->category == NULL || is_same(p, row->category, rule->category);
}

/* True: the title, as it is by now, is one that the rule is for. */
static bool
fires(struct privacy *p, const struct rule *rule, const struct row_view *row, struct str *title)
{
	struct str found;

	if (!is_category(p, rule, row))
		return false;
	if (rule->row->kind == PRIVACY_REDACT)
		return redact(p, rule, title);
	return rule->pattern == NULL || pattern_find(p->matcher, rule->pattern, *title, 0, &found);
}

/* As many bytes as are looked at. */
static struct str
end_of(struct str title)
{
	size_t from = title.len - RULES_TITLE_MAX;

	while (((unsigned char)title.p[from] & 0xc0) == 0x80)
		from++;
	return (struct str){title.p + from, title.len - from};
}

/* Of a title that was cut: programs say at its end what kind of window it is. One that had no end when it came may have been of any kind. */
static enum privacy_verdict
judge_end(struct privacy *p, const struct row_view *row, bool came_cut, struct buf *trail)
{
	enum privacy_verdict verdict = PRIVACY_KEEP;
	struct str end = end_of(row->document), found;
	size_t count;
	const uint32_t *fitting = apps_fitting(p->apps, row->activity, &count);

	matcher_subject(p->matcher, end);
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &p->rules[fitting[i]];

		if (rule->row->kind != PRIVACY_EXCLUDE || rule->pattern == NULL || !is_category(p, rule, row))
			continue;
		if (pattern_find(p->matcher, rule->pattern, end, 0, &found)) {
			trail_add(trail, str_of(rule->row->head.id));
			return PRIVACY_EXCLUDED;
		}
		if (matcher_ran_into_limit(p->matcher)) {
			trail_add_limit(trail, rule->row->head.id);
			return PRIVACY_REDACTED;
		}
		verdict = came_cut ? PRIVACY_REDACTED : PRIVACY_KEEP;
	}
	return verdict;
}

/* Of the title as far as it is looked at. */
static enum privacy_verdict
judge_start(struct privacy *p, const struct row_view *row, struct buf *trail, struct str *ret_title)
{
	struct str title = whole_words(row->document);
	size_t count;
	const uint32_t *fitting = apps_fitting(p->apps, row->activity, &count);

	matcher_subject(p->matcher, title);
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &p->rules[fitting[i]];
		bool fired = fires(p, rule, row, &title);

		if (matcher_ran_into_limit(p->matcher)) {
			trail_add_limit(trail, rule->row->head.id);
			*ret_title = STR(PRIVACY_HIDDEN);
			return PRIVACY_REDACTED;
		}
		if (fired)
			trail_add(trail, str_of(rule->row->head.id));
		if (fired && rule->row->kind == PRIVACY_EXCLUDE)
			return PRIVACY_EXCLUDED;
	}
	if (str_eq(title, row->document))
		return PRIVACY_KEEP;
	*ret_title = title;
	return PRIVACY_REDACTED;
}

/* Marks of direction and spaces without width (U+200B..200F, U+202A..202E, U+2060, U+FEFF), all of three bytes. */
static bool
is_unseen(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	if (u[0] == 0xe2 && u[1] == 0x80)
		return (u[2] >= 0x8b && u[2] <= 0x8f) || (u[2] >= 0xaa && u[2] <= 0xae);
	return (u[0] == 0xe2 && u[1] == 0x81 && u[2] == 0xa0) || (u[0] == 0xef && u[1] == 0xbb && u[2] == 0xbf);
}

/* What nobody sees at the ends of a title must not hide them from rules that look there. */
static struct str
trim_unseen(struct str s)
{
	size_t len;

	do {
		s = text_trim(s);
		len = s.len;
		if (s.len >= 3 && is_unseen(s.p + s.len - 3))
			s.len -= 3;
		if (s.len >= 3 && is_unseen(s.p))
			s = (struct str){s.p + 3, s.len - 3};
	} while (s.len < len);
	return s;
}

/* What the rules say, but for hours. */
static enum privacy_verdict
judge_title(struct privacy *p, const struct row_view *row, struct buf *trail, struct str *ret_title)
{
	struct row_view seen = *row;
	enum privacy_verdict start, end;

	seen.document = trim_unseen(row->document);
	start = judge_start(p, &seen, trail, ret_title);
	if (start == PRIVACY_EXCLUDED || seen.document.len <= RULES_TITLE_MAX)
		return start;
	end = judge_end(p, &seen, row->document.len + CHARACTER_MAX > ROWSET_STRING_MAX, trail);
	if (end == PRIVACY_REDACTED)
		*ret_title = STR(PRIVACY_HIDDEN);
	return end == PRIVACY_KEEP ? start : end;
}

enum privacy_verdict
privacy_judge(struct privacy *p, const struct row_view *row, unsigned weekday, struct buf *trail, struct str *ret_title)
{
	if (is_outside(p, row->bucket_s, weekday) || is_own(p, row->activity))
		return PRIVACY_EXCLUDED;
	return judge_title(p, row, trail, ret_title);
}

/* --- a day ------------------------------------------------------------------------------------------------------------ */

/* What was said of a title: it may stand in every bucket of the day. A rowset has each text once, so texts are known by their place. */
struct judged {
	struct row_view row; /* activity.p NULL: a free place */
	enum privacy_verdict verdict;
	struct str title;
};

struct sieve {
	struct privacy *privacy;
	struct arena *titles;
	struct judged *known; /* open addressing */
	size_t room;
	struct rowset_builder *kept;
	uint64_t excluded_seconds;
};

static void
sieve_release(struct sieve *s)
{
	arena_free(s->titles);
	free(s->known);
	rowset_builder_free(s->kept);
}

/* So much room that at least half of it stays free. */
static void
sieve_init(struct sieve *s, struct privacy *privacy, size_t rows)
{
	*s = (struct sieve){.privacy = privacy, .titles = arena_new(), .room = 16};
	while (s->room < rows * 2)
		s->room *= 2;
	s->known = xcalloc(s->room, sizeof *s->known);
	s->kept = rowset_builder_new(ROWSET_ROWS_MAX, ROWSET_MAX_BYTES);
}

static bool
is_known_as(const struct judged *known, const struct row_view *row)
{
	return known->row.activity.p == row->activity.p && known->row.document.p == row->document.p &&
	       known->row.category.p == row->category.p;
}

static struct judged *
find_place(const struct sieve *s, const struct row_view *row)
{
	const char *key[] = {row->activity.p, row->document.p, row->category.p};
	size_t i = hash_of((struct str){(const char *)key, sizeof key}) & (s->room - 1);

	while (s->known[i].row.activity.p != NULL && !is_known_as(&s->known[i], row))
		i = (i + 1) & (s->room - 1);
	return &s->known[i];
}

static const struct judged *
judge_once(struct sieve *s, const struct row_view *row)
{
	struct judged *place = find_place(s, row);

	if (place->row.activity.p != NULL)
		return place;
	*place = (struct judged){.row = *row};
	if (is_own(s->privacy, row->activity))
		place->verdict = PRIVACY_EXCLUDED;
	else
		place->verdict = judge_title(s->privacy, row, NULL, &place->title);
	if (place->verdict == PRIVACY_REDACTED)
		place->title.p = arena_copy(s->titles, place->title.p, place->title.len, 1);
	return place;
}

static int
sift(struct sieve *s, struct row_view row, unsigned weekday)
{
	const struct judged *judged = is_outside(s->privacy, row.bucket_s, weekday) ? NULL : judge_once(s, &row);

	if (judged == NULL || judged->verdict == PRIVACY_EXCLUDED) {
		s->excluded_seconds += (uint64_t)row.seconds;
		return 0;
	}
	if (judged->verdict == PRIVACY_REDACTED)
		row.document = judged->title;
	return rowset_builder_add(s->kept, &row);
}

/* 1970-01-01 was a Thursday. */
static unsigned
weekday_of(day_t day)
{
	return (unsigned)(day + 3) % 7;
}

int
privacy_apply(struct privacy *p, const struct rowset *grain, day_t day, struct rowset **ret_kept, uint64_t *ret_excluded_seconds)
{
	_cleanup_(sieve_release) struct sieve s;
	struct rowset *kept = NULL;
	int r = 0;

	sieve_init(&s, p, rowset_count(grain));
	for (size_t i = 0; r == 0 && i < rowset_count(grain); i++)
		r = sift(&s, rowset_row(grain, i), weekday_of(day));
	if (r == 0)
		r = rowset_build(s.kept, &kept);
	if (r < 0)
		return r;
	*ret_kept = kept;
	*ret_excluded_seconds = s.excluded_seconds;
	return 0;
}

/* --- its version ------------------------------------------------------------------------------------------------------ */

/* With its length, so that no two lists of texts come out as the same bytes. */
static void
tell_text(struct buf *b, const char *text)
{
	if (text == NULL)
		buf_addz(b, "-");
	else
		buf_addf(b, "%zu:%s", strlen(text), text);
}

static void
tell_rule(struct buf *b, const struct privacy_rule *rule)
{
	buf_addf(b, "\n%d %d %d %d %u ", (int)rule->kind, (int)rule->app.how, rule->app.caseless, rule->pattern.caseless, rule->pattern.digits);
	tell_text(b, rule->app.text);
	tell_text(b, rule->category);
	tell_text(b, rule->pattern.regex);
	tell_text(b, rule->pattern.literal);
	tell_text(b, rule->replacement);
}

void
privacy_version(const struct ruleset *set, char ret_version[DIGEST_HEX_SIZE])
{
	/* The file has at most 1 MB. */
	struct buf b = BUF_INIT((size_t)16 * 1024 * 1024);

	buf_addf(&b, "%u %d %d", set->hours.days, set->hours.from_min, set->hours.to_min);
	for (size_t i = 0; i < set->privacy_count; i++)
		tell_rule(&b, &set->privacy[i]);
	digest_hex(buf_str(&b), ret_version);
	buf_release(&b);
}
