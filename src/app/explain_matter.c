/* SPDX-License-Identifier: Apache-2.0 */
/* Which codes the titles of an entry had, and what joined its rows. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/explain.h"
#include "base/alloc.h"
#include "proto/row_group.h"

#define VOTES_MAX 100000

/* A code in one title. */
struct vote {
	struct step step; /* its code is the vote's */
	int32_t priority;
	int64_t seconds;
};

struct votes {
	struct vote *rows;
	size_t count;
	bool complete;
};

static int
compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* By code; of one code the vote that counts first, as the ballot has it: found before unlisted, the higher priority, the least rule. */
static int
by_code(const void *pa, const void *pb)
{
	const struct vote *a = pa, *b = pb;
	int c = strcmp(a->step.code, b->step.code);

	if (c == 0)
		c = compare(a->step.what, b->step.what);
	if (c == 0)
		c = compare(b->priority, a->priority);
	return c != 0 ? c : strcmp(a->step.rule, b->step.rule);
}

static int
by_rank(const void *pa, const void *pb)
{
	const struct explain_candidate *a = pa, *b = pb;
	int c = compare(b->chosen, a->chosen);

	if (c == 0)
		c = compare(b->rule[0] != '\0', a->rule[0] != '\0');
	if (c == 0)
		c = compare(b->priority, a->priority);
	if (c == 0)
		c = compare(b->seconds, a->seconds);
	return c != 0 ? c : strcmp(a->code, b->code);
}

static void
take_step(const struct explanation *e, struct votes *votes, struct step *step, int64_t seconds)
{
	const struct rule_place *place = explain_place(&e->decided, step->rule);

	if (step->what != STEP_FOUND && step->what != STEP_UNLISTED)
		return;
	if (votes->count == VOTES_MAX) {
		votes->complete = false;
		return;
	}
	if ((votes->count & (votes->count - 1)) == 0)
		votes->rows = xreallocarray(votes->rows, MAX_OF(votes->count * 2, (size_t)1), sizeof *votes->rows);
	votes->rows[votes->count++] = (struct vote){.step = *step, .priority = place != NULL ? place->priority : 0, .seconds = seconds};
	step->code = NULL;
}

static void
collect(const struct explanation *e, const struct explain_vote *of, struct votes *votes)
{
	_cleanup_(steps_release) struct steps steps = {.rows = NULL};

	steps_read(of->trail, &steps);
	votes->complete = votes->complete && steps.complete;
	for (size_t i = 0; i < steps.count; i++)
		take_step(e, votes, &steps.rows[i], of->seconds);
}

static void
add_candidate(struct explanation *e, const struct vote *first, int64_t seconds, int64_t rows)
{
	struct explain_candidate *c = &e->candidates[e->candidate_count++];

	*c = (struct explain_candidate){.code = xstrdup(first->step.code), .priority = first->priority, .seconds = seconds, .rows = rows};
	memcpy(c->rule, first->step.rule, sizeof c->rule);
	c->chosen = c->rule[0] != '\0' && e->entry.matter_code != NULL && strcmp(e->entry.matter_code, c->code) == 0;
}

static void
tally(struct explanation *e, const struct votes *votes)
{
	e->candidates = xcalloc(votes->count, sizeof *e->candidates);
	for (size_t i = 0, end; i < votes->count; i = end) {
		int64_t seconds = 0;

		for (end = i; end < votes->count && strcmp(votes->rows[i].step.code, votes->rows[end].step.code) == 0; end++)
			seconds += votes->rows[end].seconds;
		add_candidate(e, &votes->rows[i], seconds, (int64_t)(end - i));
	}
	if (e->candidate_count > 1)
		qsort(e->candidates, e->candidate_count, sizeof *e->candidates, by_rank);
	while (e->candidate_count > EXPLAIN_CANDIDATES_MAX) {
		free(e->candidates[--e->candidate_count].code);
		e->candidates_complete = false;
	}
}

void
explain_candidates(struct explanation *e, const struct explain_vote *rows, size_t count)
{
	struct votes votes = {.complete = true};

	for (size_t i = 0; i < count; i++)
		collect(e, &rows[i], &votes);
	e->candidates_complete = votes.complete;
	if (votes.count > 1)
		qsort(votes.rows, votes.count, sizeof *votes.rows, by_code);
	tally(e, &votes);
	for (size_t i = 0; i < votes.count; i++)
		free(votes.rows[i].step.code);
	free(votes.rows);
}

/* --- merge keys --------------------------------------------------------------------------------------------------------- */

/* "<name>=<bytes>:<value>", and what is behind it. */
static int
take_key(struct str *rest, struct explain_key *key)
{
	const char *is = memchr(rest->p, '=', rest->len), *colon = is != NULL ? memchr(is, ':', (size_t)(rest->p + rest->len - is)) : NULL;
	int64_t len;
	size_t left;

	if (colon == NULL || is == rest->p)
		return -EBADMSG;
	left = (size_t)(rest->p + rest->len - (colon + 1));
	if (str_to_i64((struct str){is + 1, (size_t)(colon - is) - 1}, 0, (int64_t)left, &len) < 0)
		return -EBADMSG;
	*key = (struct explain_key){xstrndup(rest->p, (size_t)(is - rest->p)), xstrndup(colon + 1, (size_t)len)};
	*rest = (struct str){colon + 1 + len, left - (size_t)len};
	if (rest->len > 0 && rest->p[0] == ' ')
		*rest = (struct str){rest->p + 1, rest->len - 1};
	return 0;
}

static void
add_own(struct explanation *e, const char *name, struct str value)
{
	e->keys[e->key_count++] = (struct explain_key){xstrdup(name), xstrndup(value.len > 0 ? value.p : "", value.len)};
}

void
explain_keys(struct explanation *e, const struct row_view *verdict)
{
	struct str group = verdict->group;

	if (row_group_takes(&group, ROW_GROUP_APPLICATION))
		add_own(e, ROW_GROUP_APPLICATION, verdict->application);
	if (row_group_takes(&group, ROW_GROUP_TASK))
		add_own(e, ROW_GROUP_TASK, verdict->task);
	if (str_starts(group, STR("h="))) {
		e->keys[e->key_count++] = (struct explain_key){.name = xstrdup("digest")};
		return;
	}
	while (group.len > 0 && e->key_count < EXPLAIN_KEYS_MAX && take_key(&group, &e->keys[e->key_count]) == 0)
		e->key_count++;
}
