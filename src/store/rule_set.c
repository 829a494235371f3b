/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rule_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* Asked first, so that the text is looked at once in a set's life and not with every day. */
static int
is_there(struct txn *txn, const char *version)
{
	_query_ struct query q = query_begin(txn, ST_RULE_SET_KNOWN);

	bind_text(&q, version);
	return query_step(&q);
}

int
txn_rule_set_note(struct txn *txn, const struct rule_set *set)
{
	_query_ struct query q = {0};
	int r = is_there(txn, set->version);

	if (r != 0)
		return r < 0 ? r : 0;
	q = query_begin(txn, ST_RULE_SET_ADD);
	bind_text(&q, set->version);
	bind_text(&q, set->name);
	bind_blob(&q, set->text);
	bind_i64(&q, set->first_ms);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_rule_set_get(struct txn *txn, const char *version, struct rule_set *ret_set)
{
	_query_ struct query q = query_begin(txn, ST_RULE_SET_GET);
	struct rule_set set = {0};
	struct str text;
	int r;

	bind_text(&q, version);
	r = query_one(&q);
	if (r < 0)
		return r;
	(void)snprintf(set.version, sizeof set.version, "%s", version);
	set.name = column_text(&q);
	text = column_blob(&q);
	set.text = (struct str){xmemdup(text.len > 0 ? text.p : "", text.len + (text.len == 0), 1), text.len};
	set.first_ms = column_i64(&q);
	*ret_set = set;
	return 0;
}

void
rule_set_release(struct rule_set *set)
{
	free((char *)(uintptr_t)set->name);
	free((char *)(uintptr_t)set->text.p);
	*set = (struct rule_set){0};
}
