/* SPDX-License-Identifier: Apache-2.0 */
#include "http/accept.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/macro.h"
#include "http/words.h"

struct match {
	int exactness; /* 0: no range fits; 1: any type; 2: this type, any subtype; 3: this one */
	int q;         /* thousandths */
};

static int
exactness(struct str range, const char *offer)
{
	size_t type = (size_t)(strchr(offer, '/') - offer) + 1;

	if (range.len == 3 && memcmp(range.p, "*/*", 3) == 0)
		return 1;
	if (range.len == type + 1 && range.p[type] == '*' && strncasecmp(range.p, offer, type) == 0)
		return 2;
	return range.len == strlen(offer) && strncasecmp(range.p, offer, range.len) == 0 ? 3 : 0;
}

static void
take_range(struct str range, const char *offer, struct match *best)
{
	int exact = exactness(words_next(&range, ';'), offer), q = WEIGHT_ONE;

	while (range.len > 0 && q >= 0) {
		struct str parameter = words_next(&range, ';');

		if (parameter.len >= 2 && strncasecmp(parameter.p, "q=", 2) == 0)
			q = words_weight((struct str){parameter.p + 2, parameter.len - 2});
	}
	/* The most exact range decides, whatever its quality. */
	if (q >= 0 && exact > best->exactness)
		*best = (struct match){exact, q};
}

static struct match
match_of(const struct head *head, const char *offer, bool *ret_asked)
{
	struct match best = {0};

	for (size_t i = 0; i < head->header_count; i++) {
		struct str rest = head->headers[i].value;

		if (head->headers[i].name.len != 6 || strncasecmp(head->headers[i].name.p, "Accept", 6) != 0)
			continue;
		while (rest.len > 0) {
			struct str range = words_next(&rest, ',');

			*ret_asked = *ret_asked || memchr(range.p, '/', range.len) != NULL;
			take_range(range, offer, &best);
		}
	}
	return best;
}

int
accept_choose(const struct head *head, const char *const *offers, size_t count)
{
	struct match best = {0};
	int chosen = -ENOENT;
	bool asked = false;

	for (size_t i = 0; i < count; i++) {
		struct match m = match_of(head, offers[i], &asked);

		if (m.q > best.q || (m.q == best.q && m.q > 0 && m.exactness > best.exactness)) {
			best = m;
			chosen = (int)i;
		}
	}
	return asked ? chosen : 0;
}
