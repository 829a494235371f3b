/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sample.h"

#include "store/sqlite.h"

static int
sample_postings(struct txn *txn, struct store_sample *s)
{
	_query_ struct query q = query_begin(txn, ST_SAMPLE_POSTINGS);
	int r;

	while ((r = query_step(&q)) > 0) {
		int64_t state = column_i64(&q);

		if (state >= 0 && state < SAMPLE_POSTING_STATES)
			s->postings[state] = column_i64(&q);
	}
	return r;
}

static int
sample_unposted(struct txn *txn, struct store_sample *s)
{
	_query_ struct query q = query_begin(txn, ST_SAMPLE_UNPOSTED);
	int r;

	bind_i64(&q, s->confirmed_from_ms);
	r = query_step(&q);
	if (r > 0)
		s->oldest_unposted_ms = column_i64(&q);
	return r;
}

static int
sample_drift(struct txn *txn, struct store_sample *s)
{
	_query_ struct query q = query_begin(txn, ST_SAMPLE_DRIFT);
	int r = query_one(&q);

	if (r == 0) {
		s->drift_more = column_i64(&q);
		s->drift_less = column_i64(&q);
	}
	return r;
}

static int
sample_messages(struct txn *txn, struct store_sample *s)
{
	_query_ struct query q = query_begin(txn, ST_SAMPLE_MESSAGES);
	int r = query_one(&q);

	if (r == 0) {
		s->messages = column_i64(&q);
		s->oldest_message_ms = column_i64(&q);
	}
	return r;
}

int
txn_sample(struct txn *txn, struct store_sample *s)
{
	int r = sample_postings(txn, s);

	if (r >= 0)
		r = sample_unposted(txn, s);
	if (r >= 0)
		r = sample_drift(txn, s);
	return r >= 0 ? sample_messages(txn, s) : r;
}
