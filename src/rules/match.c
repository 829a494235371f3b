/* SPDX-License-Identifier: Apache-2.0 */
#include "rules/match.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/alloc.h"
#include "rules/text.h"

/* Far more than any match of a sane pattern takes in a title of RULES_TITLE_MAX bytes. PCRE2 counts steps anew from
 * every start. */
#define STEPS_MAX    10000
#define DEPTH_MAX    5000
#define HEAP_MAX_KIB 1024
#define GROUPS_MAX   15 /* besides the whole match */

#define WORDS_MAX       256  /* bytes of an error in words */
#define REPLACEMENT_MAX 4096 /* bytes, when one is tried */

struct matcher {
	pcre2_general_context *memory;
	pcre2_compile_context *compiling;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	bool limited;
};

struct pattern {
	const struct pattern_def *def;
	struct str literal;
	pcre2_code *code;
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

struct matcher *
matcher_new(void)
{
	struct matcher *m = xcalloc(1, sizeof *m);

	m->memory = pcre2_general_context_create(pcre_alloc, pcre_release, NULL);
	m->compiling = pcre2_compile_context_create(m->memory);
	pcre2_set_newline(m->compiling, PCRE2_NEWLINE_LF);
	m->limits = pcre2_match_context_create(m->memory);
	pcre2_set_match_limit(m->limits, STEPS_MAX);
	pcre2_set_depth_limit(m->limits, DEPTH_MAX);
	pcre2_set_heap_limit(m->limits, HEAP_MAX_KIB);
	m->data = pcre2_match_data_create(GROUPS_MAX + 1, m->memory);
	return m;
}

struct matcher *
matcher_free(struct matcher *m)
{
	if (m == NULL)
		return NULL;
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->limits);
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
	r = pcre2_substitute(code, (PCRE2_SPTR)"", 0, 0, PCRE2_SUBSTITUTE_UNSET_EMPTY, m->data, m->limits,
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

int
pattern_new(struct matcher *m, const struct pattern_def *def, struct pattern **ret_pattern)
{
	uint32_t options = options_of(def);
	uint32_t groups = 0;
	struct pattern *p;
	pcre2_code *code;
	PCRE2_SIZE offset;
	int error;

	code = pcre2_compile((PCRE2_SPTR)def->regex, PCRE2_ZERO_TERMINATED, options, &error, &offset, m->compiling);
	if (code == NULL)
		return -EINVAL;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups > GROUPS_MAX) {
		pcre2_code_free(code);
		return -EINVAL;
	}
	p = xcalloc(1, sizeof *p);
	p->def = def;
	p->literal = str_of(def->literal);
	p->code = code;
	*ret_pattern = p;
	return 0;
}

struct pattern *
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return NULL;
	pcre2_code_free(p->code);
	free(p);
	return NULL;
}

static bool
worth_trying(const struct pattern *p, struct str subject)
{
	return text_contains(subject, p->literal) && text_may_have_digits(subject, p->def->digits);
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

static bool
is_match(struct matcher *m, int r)
{
	if (r == PCRE2_ERROR_MATCHLIMIT || r == PCRE2_ERROR_DEPTHLIMIT || r == PCRE2_ERROR_HEAPLIMIT)
		m->limited = true;
	return r > 0;
}

bool
pattern_find(struct matcher *m, const struct pattern *p, struct str subject, unsigned group, struct str *ret_part)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data);
	int r;

	if (!worth_trying(p, subject))
		return false;
	r = pcre2_match(p->code, (PCRE2_SPTR)subject.p, subject.len, 0, PCRE2_NO_UTF_CHECK, m->data, m->limits);
	if (!is_match(m, r))
		return false;
	*ret_part = STR_NONE;
	if ((int)group < r && at[2 * group] != PCRE2_UNSET)
		*ret_part = (struct str){subject.p + at[2 * group], at[2 * group + 1] - at[2 * group]};
	return true;
}

bool
pattern_find_from(struct matcher *m, const struct pattern *p, struct str subject, size_t from, unsigned group,
		  struct str *ret_whole, struct str *ret_part)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(m->data);
	int r;

	if (from > subject.len || (from == 0 && !worth_trying(p, subject)))
		return false;
	while (from < subject.len && ((unsigned char)subject.p[from] & 0xc0) == 0x80)
		from++;
	r = pcre2_match(p->code, (PCRE2_SPTR)subject.p, subject.len, from, PCRE2_NO_UTF_CHECK, m->data, m->limits);
	if (!is_match(m, r))
		return false;
	*ret_whole = (struct str){subject.p + at[0], at[1] - at[0]};
	*ret_part = STR_NONE;
	if ((int)group < r && at[2 * group] != PCRE2_UNSET)
		*ret_part = (struct str){subject.p + at[2 * group], at[2 * group + 1] - at[2 * group]};
	return true;
}

static bool
substitute(struct matcher *m, const struct pattern *p, struct str subject, uint32_t how, const char *replacement, char *out,
	   size_t room, size_t *ret_len)
{
	uint32_t options = how | PCRE2_SUBSTITUTE_UNSET_EMPTY | PCRE2_NO_UTF_CHECK;
	PCRE2_SIZE len = room;
	int r;

	if (!worth_trying(p, subject))
		return false;
	r = pcre2_substitute(p->code, (PCRE2_SPTR)subject.p, subject.len, 0, options, m->data, m->limits,
			     (PCRE2_SPTR)replacement, PCRE2_ZERO_TERMINATED, (PCRE2_UCHAR *)out, &len);
	if (!is_match(m, r))
		return false;
	*ret_len = len;
	return true;
}

bool
pattern_replace(struct matcher *m, const struct pattern *p, struct str subject, const char *replacement, char *out,
		size_t room, size_t *ret_len)
{
	return substitute(m, p, subject, PCRE2_SUBSTITUTE_GLOBAL, replacement, out, room, ret_len);
}

bool
pattern_rewrite(struct matcher *m, const struct pattern *p, struct str subject, const char *replacement, char *out,
		size_t room, size_t *ret_len)
{
	return substitute(m, p, subject, PCRE2_SUBSTITUTE_REPLACEMENT_ONLY, replacement, out, room, ret_len);
}
