/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the codes of an entry's titles is its matter. */
#include <stdlib.h>

#include "base/alloc.h"
#include "rules/matter.h"

struct matter_vote {
	struct matter_found found;
	int64_t seconds;
};

void
matter_ballot_add(struct matter_ballot *b, const struct matter_found *found, size_t count, int64_t seconds)
{
	if (b->count + count > b->room) {
		b->room = MAX_OF(b->room * 2, b->count + count + 16);
		b->votes = xreallocarray(b->votes, b->room, sizeof *b->votes);
	}
	for (size_t i = 0; i < count; i++)
		b->votes[b->count++] = (struct matter_vote){.found = found[i], .seconds = seconds};
}

static int
compare(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

/* By code, and of one code the best first, the least rule id deciding among equals. */
static int
compare_votes(const void *px, const void *py)
{
	const struct matter_found *x = &((const struct matter_vote *)px)->found, *y = &((const struct matter_vote *)py)->found;
	int c = str_cmp(x->code, y->code);

	if (c == 0)
		c = compare(y->standing, x->standing);
	if (c == 0)
		c = compare(y->rule->priority, x->rule->priority);
	return c != 0 ? c : str_cmp(str_of(x->rule->head.id), str_of(y->rule->head.id));
}

/* Codes come in order, so of two equals the one that came first has the lesser one. */
static bool
beats(const struct matter_vote *a, const struct matter_vote *b)
{
	int c = compare(a->found.standing, b->found.standing);

	if (c == 0)
		c = compare(a->found.rule->priority, b->found.rule->priority);
	if (c == 0)
		c = compare(a->seconds, b->seconds);
	return c > 0;
}

static const char *
evidence_of(enum matter_standing standing)
{
	static const char *const words[] = {
	    [STANDING_UNLISTED] = "unlisted",
	    [STANDING_PATTERN] = "pattern",
	    [STANDING_ALIAS] = "alias",
	    [STANDING_LISTED] = "listed",
	};

	return words[standing];
}

void
matter_ballot_decide(struct matter_ballot *b, struct matter_decision *ret_decision)
{
	struct matter_vote best = {0};
	bool any = false;
	size_t i = 0;

	*ret_decision = (struct matter_decision){.code = STR(""), .evidence = ""};
	if (b->count > 1)
		qsort(b->votes, b->count, sizeof *b->votes, compare_votes);
	while (i < b->count) {
		struct matter_vote code = b->votes[i];

		for (i++; i < b->count && str_eq(b->votes[i].found.code, code.found.code); i++)
			code.seconds += b->votes[i].seconds;
		if (!any || beats(&code, &best))
			best = code;
		any = true;
	}
	if (!any)
		return;
	ret_decision->rule = best.found.rule->head.id;
	ret_decision->evidence = evidence_of(best.found.standing);
	if (best.found.standing != STANDING_UNLISTED)
		ret_decision->code = best.found.code;
}

void
matter_ballot_clear(struct matter_ballot *b)
{
	b->count = 0;
}

void
matter_ballot_release(struct matter_ballot *b)
{
	free(b->votes);
	*b = (struct matter_ballot){0};
}
