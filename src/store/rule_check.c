/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rule_check.h"

#include <errno.h>

#include "base/alloc.h"
#include "store/sqlite.h"

static int
forget_oldest(struct txn *txn, int64_t alp_user_id)
{
	_query_ struct query q = query_begin(txn, ST_RULE_CHECK_PRUNE_USER);

	bind_user(&q, alp_user_id);
	bind_i64(&q, RULE_CHECKS_OF_USER);
	return query_run(&q);
}

int
txn_rule_check_add(struct txn *txn, int64_t job_id, int64_t alp_user_id, int64_t asked_ms, struct str rules)
{
	_query_ struct query q = query_begin(txn, ST_RULE_CHECK_ADD);
	int r;

	bind_i64(&q, job_id);
	bind_user(&q, alp_user_id);
	bind_i64(&q, asked_ms);
	bind_blob(&q, rules);
	r = query_run(&q);
	if (r >= 0)
		r = forget_oldest(txn, alp_user_id);
	return r < 0 ? r : 0;
}

static int
take_blob(struct query *q, char **ret_text, size_t *ret_len)
{
	struct str bytes;
	int r = query_one(q);

	if (r < 0)
		return r;
	if (column_is_null(q))
		return -ENOENT;
	bytes = column_blob(q);
	*ret_text = xmemdup(bytes.len > 0 ? bytes.p : "", bytes.len + (bytes.len == 0), 1);
	*ret_len = bytes.len;
	return 0;
}

int
txn_rule_check_rules(struct txn *txn, int64_t job_id, char **ret_text, size_t *ret_len)
{
	_query_ struct query q = query_begin(txn, ST_RULE_CHECK_RULES);

	bind_i64(&q, job_id);
	return take_blob(&q, ret_text, ret_len);
}

int
txn_rule_check_result(struct txn *txn, int64_t job_id, int64_t asked_after_ms, char **ret_text, size_t *ret_len)
{
	_query_ struct query q = query_begin(txn, ST_RULE_CHECK_RESULT);

	bind_i64(&q, job_id);
	bind_i64(&q, asked_after_ms);
	return take_blob(&q, ret_text, ret_len);
}

int
txn_rule_check_set_result(struct txn *txn, int64_t job_id, struct str result)
{
	_query_ struct query q = query_begin(txn, ST_RULE_CHECK_SET_RESULT);
	int r;

	bind_blob(&q, result);
	bind_i64(&q, job_id);
	r = query_run(&q);
	return r < 0 ? r : 0;
}

int
txn_rule_check_prune(struct txn *txn, int64_t asked_before_ms, int64_t max)
{
	_query_ struct query q = query_begin(txn, ST_RULE_CHECK_PRUNE);

	bind_i64(&q, asked_before_ms);
	bind_i64(&q, max);
	return query_run(&q);
}
