/* SPDX-License-Identifier: Apache-2.0 */
#include "store/notice.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/json.h"
#include "queue/kind.h"
#include "store/engine.h"
#include "store/job.h"
#include "store/sqlite.h"
#include "store/webhook.h"

#define BODY_MAX ((size_t)4096)

static const char *const names[] = {
    [NOTICE_ENTRIES_READY] = "entries.ready",
    [NOTICE_JOB_FINISHED] = "job.finished",
    [NOTICE_ENTRY_POSTED] = "entry.posted",
    [NOTICE_ENTRY_STATUS_CHANGED] = "entry.status_changed",
    [NOTICE_POSTING_NEEDS_PERSON] = "posting.needs_person",
    [NOTICE_TEST] = "webhook.test",
};
_Static_assert(ELEMENTSOF(names) <= NOTICE_TYPES_MAX, "a bit for each");

const char *
notice_type_name(int64_t type)
{
	return type > 0 && type < (int64_t)ELEMENTSOF(names) ? names[type] : NULL;
}

/* --- its text ----------------------------------------------------------------------------------------------------------- */

/* What a type has nothing of is left out. */
static void
add_text(struct json *j, const char *name, const char *text)
{
	if (text != NULL)
		json_text(j, name, text);
}

static void
add_number(struct json *j, const char *name, int64_t number)
{
	if (number != 0)
		json_int(j, name, number);
}

static void
add_day(struct json *j, const char *name, day_t day)
{
	if (day >= 0)
		json_day(j, name, day);
}

static void
add_data(struct json *j, const struct notice *n)
{
	bool of_range = n->type == NOTICE_ENTRIES_READY || n->type == NOTICE_JOB_FINISHED;

	json_open(j, "data", '{');
	add_number(j, "alp_user_id", n->alp_user_id);
	add_number(j, "job_id", n->job_id);
	add_text(j, "kind", n->kind);
	add_number(j, "entry_id", n->entry_id);
	add_number(j, "posting_id", n->posting_id);
	add_text(j, "alp_entry_id", n->alp_entry_id);
	add_day(j, of_range ? "from" : "entry_date", n->from_day);
	add_day(j, "to", of_range ? n->to_day : -1);
	add_text(j, "state", n->state);
	json_close(j, '}');
}

static char *
body_of(const struct notice *n)
{
	struct json j = {.b = BUF_INIT(BODY_MAX)};
	size_t len;

	json_open(&j, NULL, '{');
	json_text(&j, "type", names[n->type]);
	json_instant(&j, "timestamp", n->at_ms);
	add_data(&j, n);
	json_close(&j, '}');
	return buf_take(&j.b, &len);
}

/* --- who is told -------------------------------------------------------------------------------------------------------- */

static int
add_delivery(struct txn *txn, int64_t webhook_id, enum notice_type type, const char *body, int64_t at_ms, int64_t *ret_delivery_id)
{
	_query_ struct query q = query_begin(txn, ST_DELIVERY_INSERT);
	int r = counter_next(txn, "delivery_id", ret_delivery_id);

	if (r < 0)
		return r;
	bind_i64(&q, *ret_delivery_id);
	bind_i64(&q, webhook_id);
	bind_i64(&q, type);
	bind_text(&q, body);
	bind_i64(&q, at_ms);
	r = query_run(&q);
	if (r < 0)
		return r;
	txn->noticed = true;
	return 0;
}

/* Returns how many they are. */
static int
who_wants(struct txn *txn, enum notice_type type, int64_t ret_ids[WEBHOOKS_MAX])
{
	_query_ struct query q = query_begin(txn, ST_WEBHOOK_WANTING);
	int count = 0, r;

	bind_i64(&q, INT64_C(1) << type);
	while ((r = query_step(&q)) > 0 && count < WEBHOOKS_MAX)
		ret_ids[count++] = column_i64(&q);
	return r < 0 ? r : count;
}

int
txn_notice(struct txn *txn, const struct notice *notice)
{
	int64_t ids[WEBHOOKS_MAX], delivery_id;
	_cleanup_free_ char *body = NULL;
	int count = who_wants(txn, notice->type, ids), r = 0;

	if (count <= 0)
		return count;
	body = body_of(notice);
	for (int i = 0; i < count && r == 0; i++)
		r = add_delivery(txn, ids[i], notice->type, body, notice->at_ms, &delivery_id);
	return r;
}

int
txn_notice_test(struct txn *txn, int64_t webhook_id, int64_t at_ms, int64_t *ret_delivery_id)
{
	const struct notice notice = {.type = NOTICE_TEST, .at_ms = at_ms, .from_day = -1, .to_day = -1};
	_cleanup_free_ char *body = body_of(&notice);

	return add_delivery(txn, webhook_id, NOTICE_TEST, body, at_ms, ret_delivery_id);
}

/* --- jobs --------------------------------------------------------------------------------------------------------------- */

int
txn_notice_ready_day(struct txn *txn, int64_t job_id, day_t day)
{
	int64_t ids[WEBHOOKS_MAX];
	int count = who_wants(txn, NOTICE_ENTRIES_READY, ids);

	if (count > 0) {
		_query_ struct query q = query_begin(txn, ST_READY_DAYS_ADD);

		bind_i64(&q, job_id);
		bind_i64(&q, day);
		count = query_run(&q);
	}
	return count < 0 ? count : 0;
}

/* 1: there are some, and they are forgotten. */
static int
take_ready_days(struct txn *txn, int64_t job_id, struct notice *n)
{
	_query_ struct query q = query_begin(txn, ST_READY_DAYS_GET), forget = query_begin(txn, ST_READY_DAYS_DELETE);
	int r;

	bind_i64(&q, job_id);
	r = query_one(&q);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	n->from_day = column_i32(&q);
	n->to_day = column_i32(&q);
	bind_i64(&forget, job_id);
	r = query_run(&forget);
	return r < 0 ? r : 1;
}

static int
tell_ready_days(struct txn *txn, const struct job_row *job, int64_t at_ms)
{
	struct notice n = {.type = NOTICE_ENTRIES_READY, .at_ms = at_ms, .alp_user_id = job->alp_user_id, .job_id = job->job_id};
	int r = job->kind == KIND_PROCESS ? take_ready_days(txn, job->job_id, &n) : 0;

	return r > 0 ? txn_notice(txn, &n) : r;
}

/* A process job over every unprocessed day has all days there can be, which says nothing. */
static bool
has_range(const struct job_row *job)
{
	return !(job->only_unprocessed && job->from_day == 0 && job->to_day == DAY_MAX);
}

int
txn_notice_job_over(struct txn *txn, const struct job_row *job, int64_t at_ms)
{
	const struct notice n = {
	    .type = NOTICE_JOB_FINISHED, .at_ms = at_ms, .alp_user_id = job->alp_user_id, .job_id = job->job_id,
	    .kind = job_kind_info(job->kind)->name, .state = job_state_name(job->state),
	    .from_day = has_range(job) ? job->from_day : -1, .to_day = has_range(job) ? job->to_day : -1,
	};
	int r = tell_ready_days(txn, job, at_ms);

	return r < 0 ? r : txn_notice(txn, &n);
}

uint64_t
store_notices(const struct store *s)
{
	return atomic_load(&s->notices);
}
