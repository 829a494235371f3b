/* SPDX-License-Identifier: Apache-2.0 */
#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "calendar.h"
#include "rng.h"

enum stage {
	STAGE_ANSWER,
	STAGE_ROWS,
	STAGE_BYTES,
	STAGE_WIRE,
	STAGE_DAY,
	STAGE_ALP_ANSWER,
	STAGE_ALP_WITH,
};

struct kind_info {
	const char *name;
	enum stage stage;
	int64_t count;
	const char *params, *help;
};

static const struct kind_info kinds[FAULT_KINDS] = {
#define FAULT(id, name, stage, count, params, help) { name, STAGE_##stage, count, params, help },
#include "faults.def"
#undef FAULT
};

struct fault {
	enum fault_kind kind;
	uint32_t id;
	uint32_t user; /* 0: everyone */
	bool any_date;
	int32_t date;
	int64_t left;  /* -1: for ever */
	uint64_t hits;
	struct params params;
};

struct faults {
	struct fault **list;
	size_t count, cap;
	uint32_t last_id;
	struct rng chances;
};

struct faults *
faults_new(void)
{
	return xcalloc(1, sizeof(struct faults));
}

static void
fault_free(struct fault *f)
{
	params_release(&f->params);
	free(f);
}

void
faults_free(struct faults *fs)
{
	if (!fs)
		return;
	faults_clear(fs, 0);
	free(fs->list);
	free(fs);
}

static bool
is_param_of(const struct kind_info *k, const char *name)
{
	size_t n = strlen(name);
	const char *p = k->params;

	while (n && (p = strstr(p, name)) != NULL) {
		if ((p == k->params || p[-1] == ' ') && (p[n] == '\0' || p[n] == ' '))
			return true;
		p += n;
	}
	return strcmp(name, "fault") == 0 || strcmp(name, "user") == 0 || strcmp(name, "date") == 0 ||
	       strcmp(name, "count") == 0;
}

static const char *
read_kind(const struct params *p, struct fault *f)
{
	const char *name = params_get(p, "fault");
	size_t i;

	for (i = 0; name && i < FAULT_KINDS; i++)
		if (strcmp(kinds[i].name, name) == 0)
			break;
	if (!name || i == FAULT_KINDS)
		return "fault: no such name";
	f->kind = (enum fault_kind)i;
	f->left = kinds[i].count;
	for (i = 0; i < p->count; i++)
		if (!is_param_of(&kinds[f->kind], p->list[i].name))
			return "a parameter that this fault does not have";
	return NULL;
}

static const char *
read_scope(const struct params *p, struct fault *f)
{
	const char *user = params_get(p, "user"), *date = params_get(p, "date");
	int64_t n;

	if (user && strcmp(user, "*") != 0) {
		if (parse_int(user, 1, UINT32_MAX, &n) < 0)
			return "user: a number or *";
		f->user = (uint32_t)n;
	}
	f->any_date = !date || strcmp(date, "*") == 0;
	if (!f->any_date && date_parse(date, &f->date) < 0)
		return "date: YYYY-MM-DD or *";
	if (params_int(p, "count", -1, INT64_MAX, &f->left) == -EINVAL)
		return "count: a number, -1 for ever";
	return NULL;
}

/* A long test run leaves thousands of spent faults behind; forgetting them keeps matching cheap. */
static void
drop_spent(struct faults *fs)
{
	size_t i, kept = 0;

	if (fs->count < 256)
		return;
	for (i = 0; i < fs->count; i++) {
		if (fs->list[i]->left == 0)
			fault_free(fs->list[i]);
		else
			fs->list[kept++] = fs->list[i];
	}
	fs->count = kept;
}

int
faults_set(struct faults *fs, const struct params *p, uint32_t *ret_id, const char **ret_why)
{
	struct fault *f = xcalloc(1, sizeof(*f));
	const char *why = read_kind(p, f);
	size_t i;

	if (!why)
		why = read_scope(p, f);
	if (why) {
		free(f);
		*ret_why = why;
		return -EINVAL;
	}
	for (i = 0; i < p->count; i++) {
		f->params.list[i].name = xstrdup(p->list[i].name);
		f->params.list[i].value = xstrdup(p->list[i].value);
	}
	f->params.count = p->count;
	f->id = ++fs->last_id;
	drop_spent(fs);
	fs->list = xgrow(fs->list, &fs->cap, fs->count, sizeof(struct fault *));
	fs->list[fs->count++] = f;
	if (ret_id)
		*ret_id = f->id;
	return 0;
}

int
faults_set_line(struct faults *fs, const char *line, const char **ret_why)
{
	struct params p = { .count = 0 };
	int r;

	params_parse(&p, line, strlen(line));
	r = faults_set(fs, &p, NULL, ret_why);
	params_release(&p);
	return r;
}

size_t
faults_clear(struct faults *fs, uint32_t id)
{
	size_t i, kept = 0, gone;

	for (i = 0; i < fs->count; i++) {
		if (!id || fs->list[i]->id == id)
			fault_free(fs->list[i]);
		else
			fs->list[kept++] = fs->list[i];
	}
	gone = fs->count - kept;
	fs->count = kept;
	return gone;
}

static bool
concerns(const struct fault *f, uint32_t user, int32_t first, int32_t last)
{
	if (f->left == 0 || (f->user && f->user != user))
		return false;
	return f->any_date || (f->date >= first && f->date <= last);
}

/* A key that is to be revoked later counts its requests before it strikes. */
static bool
not_yet(const struct fault *f)
{
	return f->kind == FAULT_REVOKE && (int64_t)f->hits <= fault_number(f, "after", 0);
}

void
faults_match(struct faults *fs, uint32_t user, int32_t first, int32_t last, struct hits *ret)
{
	bool answered = false;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < fs->count; i++) {
		struct fault *f = fs->list[i];
		bool is_answer = kinds[f->kind].stage == STAGE_ANSWER;

		if (kinds[f->kind].stage >= STAGE_DAY || ret->of[f->kind] || !concerns(f, user, first, last) ||
		    (is_answer && answered))
			continue;
		f->hits++;
		if (not_yet(f))
			continue;
		if (f->left > 0)
			f->left--;
		ret->of[f->kind] = f;
		ret->count++;
		answered |= is_answer;
	}
}

/* Pages are of lists only; everything else is for posts unless it says otherwise. */
static bool
is_on(const struct fault *f, const char *what)
{
	const char *on = fault_text(f, "on", f->kind == FAULT_ALP_PAGE_SHORT || f->kind == FAULT_ALP_PAGE_AGAIN ? "any" : "post");

	return strcmp(on, what) == 0 || strcmp(on, "any") == 0;
}

static bool
by_chance(struct faults *fs, const struct fault *f)
{
	int64_t chance = fault_number(f, "chance", 1000);

	return chance >= 1000 || (int64_t)rng_below(&fs->chances, 1000) < chance;
}

void
faults_match_alp(struct faults *fs, const char *what, uint32_t user, int32_t first, int32_t last, struct hits *ret)
{
	bool answered = false;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < fs->count; i++) {
		struct fault *f = fs->list[i];
		bool is_answer = kinds[f->kind].stage == STAGE_ALP_ANSWER;

		if (kinds[f->kind].stage < STAGE_ALP_ANSWER || ret->of[f->kind] || !concerns(f, user, first, last) || !is_on(f, what) ||
		    (is_answer && answered) || !by_chance(fs, f))
			continue;
		f->hits++;
		if (f->left > 0)
			f->left--;
		ret->of[f->kind] = f;
		ret->count++;
		answered |= is_answer;
	}
}

void
faults_reseed(struct faults *fs, uint64_t seed)
{
	fs->chances.state = seed;
}

void
faults_of_day(const struct faults *fs, uint32_t user, int32_t date,
              void (*apply)(const struct fault *f, void *arg), void *arg)
{
	size_t i;

	for (i = 0; i < fs->count; i++) {
		const struct fault *f = fs->list[i];

		if (kinds[f->kind].stage == STAGE_DAY && concerns(f, user, date, date))
			apply(f, arg);
	}
}

enum fault_kind
fault_kind(const struct fault *f)
{
	return f->kind;
}

const char *
fault_kind_name(enum fault_kind kind)
{
	return kinds[kind].name;
}

const char *
fault_text(const struct fault *f, const char *name, const char *standard)
{
	const char *s = params_get(&f->params, name);

	return s ? s : standard;
}

int64_t
fault_number(const struct fault *f, const char *name, int64_t standard)
{
	int64_t n = standard;

	return params_int(&f->params, name, INT64_MIN, INT64_MAX, &n) == 0 ? n : standard;
}

void
hits_list(const struct hits *hits, char *out, size_t size)
{
	size_t used = 0, i;

	for (i = 0; hits->count && i < FAULT_KINDS && used < size; i++) {
		int n;

		if (!hits->of[i])
			continue;
		n = snprintf(out + used, size - used, "%s%s", used ? "," : "", kinds[i].name);
		used += n > 0 ? (size_t)n : 0;
	}
}

void
faults_list(const struct faults *fs, struct buf *out)
{
	char date[DATE_LEN + 1];
	size_t i;

	for (i = 0; i < fs->count; i++) {
		const struct fault *f = fs->list[i];

		buf_printf(out, "%u\t", f->id);
		if (f->user)
			buf_printf(out, "%u\t", f->user);
		else
			buf_puts(out, "*\t");
		date_format(f->date, date);
		buf_printf(out, "%s\t%s\t%lld\t%llu\n", f->any_date ? "*" : date, kinds[f->kind].name,
		           (long long)f->left, (unsigned long long)f->hits);
	}
}

void
faults_describe(struct buf *out)
{
	size_t i;

	for (i = 0; i < FAULT_KINDS; i++)
		buf_printf(out, "  %-20s %s\n", kinds[i].name, kinds[i].help);
}
