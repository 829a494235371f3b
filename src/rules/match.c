/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "rules/beside.h"
#include "rules/guard.h"
#include "rules/lead.h"
#include "rules/needs.h"
#include "rules/text.h"

/* Longer titles are matched under the guard. Most are shorter than half of that. */
#define PLAIN_MAX    128
/* From one character, in a title that is not; what needs more is tried again under the guard. */
#define PLAIN_STEPS  1000
#define DEPTH_MAX    5000
#define HEAP_MAX_KIB 1024
#define GROUPS_MAX   15 /* besides the whole match */

#define WORDS_MAX       256  /* bytes of an error in words */
#define REPLACEMENT_MAX 4096 /* bytes, when one is tried */

struct matcher {
	pcre2_general_context *memory;
	pcre2_compile_context *compiling;
	pcre2_match_context *plain, *guarded;
	pcre2_match_data *data;
	struct guard guard;
	bool limited, no_room;
	struct str subject, title;
	struct shape shape, title_shape;
	struct gram_lanes grams;
	unsigned lane_count;
	bool lanes_known, title_lanes_known;
	uint64_t lanes, title_lanes; /* of the subject, and of the title that it was at first */
	bool numbers_known, title_numbers_known;
	struct numbers numbers, title_numbers;
};

struct pattern {
	const struct pattern_def *def;
	struct needs needs;
	struct str literal; /* stated, or one of the needs */
	uint64_t lane; /* 0: needs no gram */
	struct beside *beside; /* NULL: needs no number */
	struct lead lead;
	bool hides_work;
	pcre2_code *code;
	pcre2_code *guarded; /* with callouts */
};

/* Without memory a match must not come out as "no match": that would drop or keep time by chance. */
static void *
pcre_alloc(size_t size, void *arg)
{
	(void)arg;
	return xreallocarray(NULL, size, 1);
}

static void
pcre_release(void *p, void *arg)
{
	(void)arg;
	free(p);
}

static pcre2_match_context *
context_new(const struct matcher *m)
{
	pcre2_match_context *c = pcre2_match_context_create(m->memory);

	pcre2_set_depth_limit(c, DEPTH_MAX);
	pcre2_set_heap_limit(c, HEAP_MAX_KIB);
	return c;
}

struct matcher *
matcher_new(void)
{
	struct matcher *m = xcalloc(1, sizeof *m);

	m->memory = pcre2_general_context_create(pcre_alloc, pcre_release, NULL);
	m->compiling = pcre2_compile_context_create(m->memory);
	pcre2_set_newline(m->compiling, PCRE2_NEWLINE_LF);
	m->plain = context_new(m);
	pcre2_set_match_limit(m->plain, PLAIN_STEPS);
	m->guarded = context_new(m);
	pcre2_set_callout(m->guarded, guard_count, &m->guard);
	m->data = pcre2_match_data_create(GROUPS_MAX + 1, m->memory);
	return m;
}

struct matcher *
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return NULL;
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->plain);
	pcre2_match_context_free(m->guarded);
	pcre2_compile_context_free(m->compiling);
	pcre2_general_context_free(m->memory);
	free(m);
	return NULL;
}

static uint32_t
options_of(const struct pattern_def *def)
{
	return PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | (def->caseless ? PCRE2_CASELESS : 0u);
}

static bool
say_why(int error, const char *where, size_t offset, char *why, size_t why_size)
{
	PCRE2_UCHAR words[WORDS_MAX] = "";

	(void)pcre2_get_error_message(error, words, sizeof words);
	(void)snprintf(why, why_size, "%s (%s byte %zu)", (const char *)words, where, offset + 1);
	return false;
}

/* A replacement is only looked at when something matches; with one more alternative everything does. The line's end closes a comment. */
static bool
replacement_check(struct matcher *m, const struct pattern_def *def, const char *replacement, char *why, size_t why_size)
{
	_cleanup_free_ char *regex = xasprintf("%s\n|", def->regex);
	PCRE2_UCHAR out[REPLACEMENT_MAX];
	PCRE2_SIZE offset, len = sizeof out;
	pcre2_code *code;
	int error, r;

	code = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, options_of(def), &error, &offset, m->compiling);
	if (code == NULL)
		return true;
	r = pcre2_substitute(code, (PCRE2_SPTR)"", 0, 0, PCRE2_SUBSTITUTE_UNSET_EMPTY, m->data, m->plain,
			     (PCRE2_SPTR)replacement, PCRE2_ZERO_TERMINATED, out, &len);
	pcre2_code_free(code);
	/* Where PCRE2 stopped reading is put into the length. */
	if (r < 0 && r != PCRE2_ERROR_NOMEMORY)
		return say_why(r, "of the replacement, at", MIN_OF(len, sizeof out), why, why_size);
	return true;
}

bool
pattern_check(struct matcher *m, const struct pattern_def *def, const char *replacement, unsigned least_groups, char *why,
	      size_t why_size)
{
	uint32_t groups = 0;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int error;

	code = pcre2_compile((PCRE2_SPTR)def->regex, PCRE2_ZERO_TERMINATED, options_of(def), &error, &offset, m->compiling);
	if (code == NULL)
		return say_why(error, "at", offset, why, why_size);
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	pcre2_code_free(code);
	if (groups > GROUPS_MAX || groups < least_groups) {
		(void)snprintf(why, why_size, "has %u groups in parentheses, can have %u to %d", (unsigned)groups, least_groups, GROUPS_MAX);
		return false;
	}
	return replacement == NULL || replacement_check(m, def, replacement, why, why_size);
}

static pcre2_code *
compile(struct matcher *m, const struct pattern_def *def, uint32_t more)
{
	PCRE2_SIZE offset;
	int error;

	return pcre2_compile((PCRE2_SPTR)def->regex, PCRE2_ZERO_TERMINATED, options_of(def) | more, &error, &offset, m->compiling);
}

/* What PCRE2 itself knows of where a match begins: a byte, of which it does not say whether any case is meant, or a set of them. */
static void
need_first(struct needs *n, const pcre2_code *code)
{
	const uint8_t *bitmap = NULL;
	uint32_t type = 0, byte = 0;

	pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &bitmap);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &type);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &byte);
	if (type == 1 || (type == 0 && bitmap != NULL))
		n->first = (struct byte_set){.bits = {0}};
	if (type == 1) {
		byte_set_add(&n->first, (unsigned char)byte);
		if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
			byte_set_add(&n->first, (unsigned char)(byte ^ 0x20));
	}
	for (unsigned i = 0; type == 0 && bitmap != NULL && i < BYTE_OF_NONE; i++)
		if ((bitmap[i / 8] & 1u << i % 8) != 0)
			byte_set_add(&n->first, (unsigned char)i);
}

/* Where there is a literal, that says more. */
static void
need_gram(struct matcher *m, struct pattern *p, const struct gram_set *grams)
{
	if (grams->count == 0 || p->literal.len >= 3)
		return;
	p->lane = UINT64_C(1) << m->lane_count++ % 64;
	gram_lanes_add(&m->grams, grams, p->lane);
}

static void
find_needs(struct matcher *m, struct pattern *p)
{
	struct gram_set grams;
	uint32_t chars = 0;

	p->needs = needs_of_regex(p->def->regex, p->def->caseless, &grams);
	pcre2_pattern_info(p->code, PCRE2_INFO_MINLENGTH, &chars);
	p->needs.len = chars;
	need_first(&p->needs, p->code);
	p->literal = (struct str){p->needs.literal, p->needs.literal_len};
	if (p->def->literal != NULL)
		p->literal = str_of(p->def->literal);
	for (size_t i = 0; i < p->literal.len; i++)
		byte_set_add(&p->needs.bytes, (unsigned char)p->literal.p[i]);
	if (p->def->digits > 0)
		p->needs.digits = p->def->digits;
	p->hides_work = guard_is_needed_for_items(p->def->regex);
	need_gram(m, p, &grams);
	p->lead = lead_of_regex(p->def->regex, p->def->caseless);
	if (p->needs.digits >= BESIDE_DIGITS_MIN)
		p->beside = beside_of_regex(p->def->regex, p->def->caseless);
}

int
pattern_new(struct matcher *m, const struct pattern_def *def, struct pattern **ret_pattern)
{
	struct pattern *p = xcalloc(1, sizeof *p);
	uint32_t groups = GROUPS_MAX + 1;

	p->def = def;
	p->code = compile(m, def, 0);
	p->guarded = compile(m, def, PCRE2_AUTO_CALLOUT);
	if (p->code != NULL)
		pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups > GROUPS_MAX || p->guarded == NULL) {
		pattern_free(p);
		return -EINVAL;
	}
	find_needs(m, p);
	*ret_pattern = p;
	return 0;
}

struct pattern *
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return NULL;
	pcre2_code_free(p->code);
	pcre2_code_free(p->guarded);
	beside_free(p->beside);
	free(p);
	return NULL;
}

void
matcher_subject_changed(struct matcher *m, struct str subject)
{
	m->subject = subject;
	m->lanes_known = m->numbers_known = false;
	shape_read(subject, &m->shape);
}

void
matcher_subject(struct matcher *m, struct str subject)
{
	m->title = subject;
	m->title_lanes_known = m->title_numbers_known = false;
	shape_read(subject, &m->title_shape);
	matcher_subject_again(m);
}

void
matcher_subject_again(struct matcher *m)
{
	m->subject = m->title;
	m->shape = m->title_shape;
	m->lanes_known = m->title_lanes_known;
	m->lanes = m->title_lanes;
	m->numbers_known = m->title_numbers_known;
	if (m->numbers_known)
		m->numbers = m->title_numbers;
	m->guard.left = MATCH_WORK_MAX;
}

size_t
matcher_work(const struct matcher *m)
{
	return MATCH_WORK_MAX - m->guard.left;
}

bool
matcher_is_about(const struct matcher *m, struct str subject)
{
	return subject.p == m->subject.p && subject.len == m->subject.len;
}

static void
read_lanes(struct matcher *m)
{
	m->lanes = gram_lanes_of(&m->grams, m->subject);
	m->lanes_known = true;
	if (!matcher_is_about(m, m->title))
		return;
	m->title_lanes = m->lanes;
	m->title_lanes_known = true;
}

static void
read_numbers(struct matcher *m)
{
	numbers_read(m->subject, &m->numbers);
	m->numbers_known = true;
	if (!matcher_is_about(m, m->title))
		return;
	m->title_numbers = m->numbers;
	m->title_numbers_known = true;
}

/* Whether what the pattern needs beside its number is there. */
static bool
has_number(struct matcher *m, const struct pattern *p)
{
	if (!m->numbers_known)
		read_numbers(m);
	return beside_met(p->beside, &m->numbers);
}

static bool
has_literal(const struct pattern *p, struct str subject)
{
	return p->literal.len < 2 || text_contains(subject, p->literal);
}

static bool
other_worth_trying(const struct matcher *m, const struct pattern *p, struct str other)
{
	struct shape shape;

	shape_read(other, &shape);
	return needs_met(&p->needs, &shape) && has_literal(p, other) && (p->lane == 0 || (gram_lanes_of(&m->grams, other) & p->lane) != 0);
}

static bool
worth_trying(struct matcher *m, const struct pattern *p, struct str subject)
{
	if (!matcher_is_about(m, subject))
		return other_worth_trying(m, p, subject);
	if (!needs_met(&p->needs, &m->shape) || (p->beside != NULL && !has_number(m, p)))
		return false;
	if (p->lane != 0 && !m->lanes_known)
		read_lanes(m);
	return (p->lane == 0 || (m->lanes & p->lane) != 0) && has_literal(p, subject);
}

unsigned
pattern_group(const struct pattern *p, const char *name)
{
	int number = pcre2_substring_number_from_name(p->code, (PCRE2_SPTR)name);

	return number > 0 ? (unsigned)number : 0;
}

bool
matcher_ran_into_limit(struct matcher *m)
{
	bool limited = m->limited;

	m->limited = false;
	return limited;
}

bool
matcher_is_limited(const struct matcher *m)
{
	return m->limited;
}

const struct shape *
matcher_shape(const struct matcher *m)
{
	return &m->shape;
}

const struct needs *
pattern_needs(const struct pattern *p)
{
	return p != NULL ? &p->needs : NULL;
}

bool
matcher_had_no_room(const struct matcher *m)
{
	return m->no_room;
}

/* One question to PCRE2: a match at or behind `from`, or, with a replacement, what comes of it. */
struct question {
	const struct pattern *p;
	struct str subject;
	size_t from;
	const char *replacement;
	uint32_t options;
	char *out;
	PCRE2_SIZE room, len;
};

static int
ask(struct matcher *m, const pcre2_code *code, pcre2_match_context *context, struct question *q)
{
	PCRE2_SPTR subject = (PCRE2_SPTR)q->subject.p;
	uint32_t options = q->options | PCRE2_NO_UTF_CHECK;

	if (q->replacement == NULL)
		return pcre2_match(code, subject, q->subject.len, q->from, options, m->data, context);
	q->len = q->room;
	return pcre2_substitute(code, subject, q->subject.len, q->from, options, m->data, context, (PCRE2_SPTR)q->replacement,
				PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)q->out, &q->len);
}

static bool
is_limit(int r)
{
	return r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_HEAPLIMIT || r == PCRE2_ERROR_CALLOUT;
}

static int
ask_guarded(struct matcher *m, struct question *q)
{
	size_t left = m->guard.left;
	int r;

	if (!matcher_is_about(m, q->subject))
		m->guard.left = MATCH_WORK_MAX;
	m->guard.start = m->guard.at = q->from;
	m->guard.regex = q->p->hides_work ? q->p->def->regex : NULL;
	r = ask(m, q->p->guarded, m->guarded, q);
	if (!matcher_is_about(m, q->subject))
		m->guard.left = left;
	return r;
}

/* Whether there is a match; *ret_groups is how many groups of it are known. */
static bool
answer(struct matcher *m, struct question *q, int *ret_groups)
{
	int r;

	*ret_groups = PCRE2_ERROR_NOMATCH;
	if (q->replacement == NULL)
		q->from = lead_start(&q->p->lead, q->subject, q->from);
	if (q->from > q->subject.len)
		return false;
	r = q->subject.len <= PLAIN_MAX ? ask(m, q->p->code, m->plain, q) : PCRE2_ERROR_MATCHLIMIT;
	if (is_limit(r))
		r = ask_guarded(m, q);
	m->limited = m->limited || is_limit(r);
	m->no_room = m->no_room || r == PCRE2_ERROR_NOMEMORY;
	*ret_groups = r;
	return r > 0;
}

static struct str
group_of(const struct matcher *m, struct str subject, int groups, unsigned group)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data) + (size_t)2 * group;

	if ((int)group >= groups || at[0] == PCRE2_UNSET)
		return STR_NONE;
	return (struct str){subject.p + at[0], at[1] - at[0]};
}

bool
pattern_may_begin(struct matcher *m, const struct pattern *p, struct str start)
{
	uint32_t options = 0;

	pcre2_pattern_info(p->code, PCRE2_INFO_ALLOPTIONS, &options);
	if ((options & PCRE2_ANCHORED) == 0)
		return true;
	return pcre2_match(p->code, (PCRE2_SPTR)start.p, start.len, 0, PCRE2_PARTIAL_HARD | PCRE2_NO_UTF_CHECK, m->data, m->plain) != PCRE2_ERROR_NOMATCH;
}

bool
pattern_find(struct matcher *m, const struct pattern *p, struct str subject, unsigned group, struct str *ret_part)
{
	struct question q = {.p = p, .subject = subject};
	int groups;

	if (!worth_trying(m, p, subject) || !answer(m, &q, &groups))
		return false;
	*ret_part = group_of(m, subject, groups, group);
	return true;
}

bool
pattern_find_from(struct matcher *m, const struct pattern *p, struct str subject, size_t from, unsigned group,
		  struct str *ret_whole, struct str *ret_part)
{
	struct question q = {.p = p, .subject = subject};
	int groups;

	if (from > subject.len || (from == 0 && !worth_trying(m, p, subject)))
		return false;
	while (from < subject.len && ((unsigned char)subject.p[from] & 0xc0) == 0x80)
		from++;
	q.from = from;
	if (!answer(m, &q, &groups))
		return false;
	*ret_whole = group_of(m, subject, groups, 0);
	*ret_part = group_of(m, subject, groups, group);
	return true;
}

static bool
substitute(struct matcher *m, const struct pattern *p, struct question *q, size_t *ret_len)
{
	int groups;

	q->p = p;
	q->options |= PCRE2_SUBSTITUTE_UNSET_EMPTY;
	m->no_room = false;
	if (!worth_trying(m, p, q->subject) || !answer(m, q, &groups))
		return false;
	*ret_len = q->len;
	return true;
}

bool
pattern_replace(struct matcher *m, const struct pattern *p, struct str subject, const char *replacement, char *out,
		size_t room, size_t *ret_len)
{
	struct question q = {.subject = subject, .replacement = replacement, .out = out, .room = room,
			     .options = PCRE2_SUBSTITUTE_GLOBAL};

	return substitute(m, p, &q, ret_len);
}

bool
pattern_rewrite(struct matcher *m, const struct pattern *p, struct str subject, const char *replacement, char *out,
		size_t room, size_t *ret_len)
{
	struct question q = {.subject = subject, .replacement = replacement, .out = out, .room = room,
			     .options = PCRE2_SUBSTITUTE_REPLACEMENT_ONLY};

	return substitute(m, p, &q, ret_len);
}
