/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that jobs were sent with, sealed to the keeper (base/box.h). */
#include <errno.h>
#include <string.h>

#include "store/box_row.h"
#include "store/job.h"

int
txn_job_key_get(struct txn *txn, int64_t job_id, struct box *ret_key)
{
	_query_ struct query q = query_begin(txn, ST_JOB_KEY_GET);
	int r;

	bind_i64(&q, job_id);
	r = query_one(&q);
	return r < 0 ? r : column_box(&q, ret_key);
}

int
txn_job_key_set(struct txn *txn, int64_t job_id, const struct box *key)
{
	_query_ struct query q = query_begin(txn, ST_JOB_KEY_SET);
	int r;

	bind_box(&q, key);
	bind_i64(&q, job_id);
	r = query_run(&q);
	return r < 0 ? r : r > 0 ? 0 : -ENOENT;
}

int
txn_job_key_replace(struct txn *txn, int64_t job_id, const struct box *old, const struct box *fresh)
{
	_query_ struct query q = query_begin(txn, ST_JOB_KEY_REPLACE);
	int r;

	bind_box(&q, fresh);
	bind_i64(&q, job_id);
	bind_blob(&q, box_str(old->seal_id, BOX_ID_BYTES));
	r = query_run(&q);
	return r < 0 ? r : r > 0 ? 0 : -ENOENT;
}

int
txn_job_keys(struct txn *txn, enum job_state state, int64_t after_job, struct job_key_row *ret_rows, size_t max, size_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_JOB_KEYS);
	size_t count = 0;
	int r;

	bind_i64(&q, state);
	bind_i64(&q, after_job);
	bind_i64(&q, (int64_t)max);
	while ((r = query_step(&q)) > 0 && count < max) {
		ret_rows[count].job_id = column_i64(&q);
		ret_rows[count].alp_user_id = column_i64(&q);
		r = column_box(&q, &ret_rows[count].key);
		if (r < 0)
			return r;
		count++;
	}
	*ret_count = count;
	return r < 0 ? r : 0;
}

int
txn_job_key_counts(struct txn *txn, enum job_state state, struct job_key_count *ret_counts, size_t max, size_t *ret_count)
{
	_query_ struct query q = query_begin(txn, ST_JOB_KEY_COUNTS);
	size_t count = 0;
	int r;

	bind_i64(&q, state);
	bind_i64(&q, (int64_t)max);
	while ((r = query_step(&q)) > 0 && count < max) {
		struct str id = column_blob(&q);

		if (id.len != BOX_ID_BYTES)
			return -EUCLEAN;
		memcpy(ret_counts[count].key_id, id.p, BOX_ID_BYTES);
		ret_counts[count++].jobs = column_i64(&q);
	}
	*ret_count = count;
	return r < 0 ? r : 0;
}
