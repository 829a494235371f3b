/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/fetch.h"

#include <errno.h>
#include <poll.h>

#include "base/clock.h"
#include "base/fd.h"
#include "rules/privacy.h"
#include "workers/activity_parse.h"
#include "workers/classify.h"
#include "workers/key_channel.h"
#include "workers/last_word.h"
#include "workers/upstream.h"
#include "workers/worker.h"

/* A job has at most 31 days; the rest is room for a change of mind in the master. */
#define JOB_DAYS_MAX 366

struct fetch {
	int channel;
	const struct warm *warm;
	struct upstream *upstream;
	struct secret *key;
	day_t newest, oldest;
	uint32_t gap_ms;
	int64_t last_request_ms;
	struct upstream_answer answer;
	struct failure failure;
};

static void
fetch_release(struct fetch *f)
{
	upstream_close(f->upstream);
	f->key = secret_free(f->key);
	buf_release(&f->answer.body);
}

/* 1: this day cannot be had, and f->failure says why. */
static int
fail(struct fetch *f, const char *code, const char *detail)
{
	f->failure = (struct failure){.code = code};
	failure_say(&f->failure, "%s", detail);
	return 1;
}

static int
fail_for_good(struct fetch *f, const char *code, const char *detail)
{
	(void)fail(f, code, detail);
	f->failure.permanent = true;
	return 1;
}

static bool
days_valid(day_t newest, day_t oldest)
{
	return oldest >= 0 && newest >= oldest && newest <= DAY_MAX && newest - oldest < JOB_DAYS_MAX;
}

/* Takes from the message what the job needs. */
static int
take_job(struct fetch *f, const struct message *m)
{
	struct msg_fetch_job job;

	if (m->type != MSG_FETCH_JOB || msg_fetch_job_decode(m, &job) < 0 ||
	    !days_valid(job.newest_day, job.oldest_day))
		return -EBADMSG;
	f->newest = job.newest_day;
	f->oldest = job.oldest_day;
	f->gap_ms = job.gap_ms;
	if (privacy_own(f->warm->privacy, job.privacy) < 0)
		return -EBADMSG;
	return upstream_open(f->warm, f->channel, &f->upstream);
}

/* 1: there is a job; 0: the master hung up. */
static int
receive_job(struct fetch *f)
{
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct message m = {.fd = -1};
	int r = message_recv(f->channel, M2W, W_READY, buffer, &m);

	if (r <= 0)
		return r;
	r = take_job(f, &m);
	message_release(&m);
	return r < 0 ? r : 1;
}

/* 1: it is here; 0: the master hung up. */
static int
receive_key(struct fetch *f)
{
	struct secret *before;
	int r = key_channel_receive(f->channel, &f->key, &before);

	if (r > 0 && before != NULL) {
		secret_free(before);
		return -EBADMSG;
	}
	return r;
}

/* Keeps the pace between two requests, unless the master hangs up. A socket may be waiting to be taken. */
static int
keep_gap(struct fetch *f)
{
	struct pollfd p = {.fd = f->channel};
	int64_t wait_ms = f->last_request_ms + f->gap_ms - clock_mono_ms();

	if (f->last_request_ms == 0 || wait_ms <= 0)
		wait_ms = 0;
	if (poll(&p, 1, (int)MIN_OF(wait_ms, INT32_MAX)) > 0)
		return -EPIPE;
	f->last_request_ms = clock_mono_ms();
	return 0;
}

/* What is not to be kept goes no further than here. */
static int
send_day(struct fetch *f, day_t day, const struct rowset *rows, const struct parse_report *report)
{
	_cleanup_(rowset_freep) struct rowset *kept = NULL;
	_cleanup_close_ int fd = -1;
	struct msg_fetch_day message = {
	    .day = day,
	    .bytes_replaced = report->bytes_replaced,
	    .upstream_ms = f->answer.took_ms,
	};

	if (privacy_apply(f->warm->privacy, rows, day, &kept, &message.excluded_seconds) < 0)
		return fail_for_good(f, "privacy_too_large", "what the privacy rules make of the day is larger than a day may be");
	fd = rowset_to_fd(kept);
	if (fd < 0)
		return fail(f, "worker_failed", "the day's rows could not be handed over");
	return msg_fetch_day_send(f->channel, &message, fd);
}

static int
judge(struct fetch *f, day_t day)
{
	_cleanup_(rowset_freep) struct rowset *rows = NULL;
	struct parse_report report;
	struct answer a = {
	    .status = f->answer.status, .retry_after_s = f->answer.retry_after_s, .body = buf_str(&f->answer.body)};

	a.parsed = activity_parse(a.body, day, &rows, &report);
	a.report = &report;
	if (classify_answer(&a, &f->failure) != 0)
		return 1;
	return send_day(f, day, rows, &report);
}

/* 0: the day was sent; 1: it failed, see f->failure; -EPIPE: nobody listens any more. */
static int
fetch_day(struct fetch *f, day_t day)
{
	int r = keep_gap(f);

	if (r < 0)
		return r;
	if (upstream_get(f->upstream, f->key, day, &f->answer) < 0)
		return fail(f, "worker_failed", "the request could not be made");
	if (f->answer.too_large) {
		classify_too_large(f->warm->body_max_bytes, &f->failure);
		return 1;
	}
	if (f->answer.result != 0) {
		classify_transport(f->answer.result, f->answer.verify_result, &f->failure);
		return 1;
	}
	return judge(f, day);
}

static int
fetch_days(struct fetch *f)
{
	const struct msg_fetch_done done = {.days = (uint32_t)(f->newest - f->oldest + 1)};

	for (day_t day = f->newest; day >= f->oldest; day--) {
		int r = fetch_day(f, day);

		if (r > 0)
			return last_word(f->channel, day, &f->failure);
		if (r < 0)
			return r == -EPIPE ? WORKER_EXIT_OK : WORKER_EXIT_BROKEN;
	}
	return msg_fetch_done_send(f->channel, &done, -1) == 0 ? WORKER_EXIT_OK : WORKER_EXIT_BROKEN;
}

int
fetch_main(int channel, const struct warm *warm)
{
	_cleanup_(fetch_release) struct fetch f = {.channel = channel, .warm = warm};
	int r = receive_job(&f);

	if (r > 0)
		r = receive_key(&f);
	if (r == 0)
		return WORKER_EXIT_OK;
	if (r == -ENOKEY) {
		(void)fail(&f, LAST_WORD_NO_KEY, "the key did not come");
		return last_word(channel, NO_DAY, &f.failure);
	}
	if (r < 0)
		return WORKER_EXIT_PROTOCOL;
	return fetch_days(&f);
}
