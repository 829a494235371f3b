/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/process.h"

#include <errno.h>

#include "base/fd.h"
#include "rules/rules.h"
#include "workers/last_word.h"
#include "workers/worker.h"

static int
fail(int channel, day_t day, bool permanent, const char *code, const char *detail)
{
	struct failure f = {.permanent = permanent, .code = code};

	failure_say(&f, "%s", detail);
	return last_word(channel, day, &f);
}

static int
send_verdicts(int channel, const struct warm *warm, const struct msg_process_day *day, const struct rowset *verdicts)
{
	const struct msg_process_verdict answer = {
	    .day = day->day, .generation = day->generation, .rules_version = str_of(rules_version(warm->rules)),
	};
	_cleanup_close_ int fd = rowset_to_fd(verdicts);

	if (fd < 0)
		return fd;
	return msg_process_verdict_send(channel, &answer, fd);
}

/* 0: go on; else the worker is over and *ret_exit is its status. */
static int
process_day(int channel, const struct warm *warm, const struct message *m, int *ret_exit)
{
	_cleanup_(rowset_freep) struct rowset *grain = NULL, *verdicts = NULL;
	struct msg_process_day day;
	int r;

	*ret_exit = WORKER_EXIT_PROTOCOL;
	r = msg_process_day_decode(m, &day);
	if (r == 0)
		r = rowset_map(m->fd, &grain);
	if (r < 0)
		return r;
	r = rules_apply(warm->rules, grain, NULL, &verdicts);
	if (r < 0) {
		*ret_exit = r == -E2BIG
				? fail(channel, day.day, true, "day_too_large", "the day's verdicts are larger than a day may be")
				: fail(channel, day.day, true, "rules_failed", "the cleaning rules could not be applied to the day");
		return r;
	}
	r = send_verdicts(channel, warm, &day, verdicts);
	*ret_exit = WORKER_EXIT_OK;
	if (r < 0 && r != -EPIPE)
		*ret_exit = fail(channel, day.day, false, "worker_failed", "the verdicts could not be handed over");
	return r;
}

static int
process_days(int channel, const struct warm *warm, uint8_t *buffer)
{
	for (;;) {
		_cleanup_(message_release) struct message m = {.fd = -1};
		int status, r = message_recv(channel, M2W, W_PROCESSING, buffer, &m);

		if (r == 0)
			return WORKER_EXIT_OK;
		if (r < 0)
			return WORKER_EXIT_PROTOCOL;
		if (m.type == MSG_PROCESS_END)
			return WORKER_EXIT_OK;
		if (m.type != MSG_PROCESS_DAY)
			return WORKER_EXIT_PROTOCOL;
		if (process_day(channel, warm, &m, &status) < 0)
			return status;
	}
}

int
process_main(int channel, const struct warm *warm)
{
	uint8_t buffer[MESSAGE_MAX_BYTES];
	_cleanup_(message_release) struct message m = {.fd = -1};
	struct msg_process_job job;
	int r = message_recv(channel, M2W, W_READY, buffer, &m);

	if (r == 0)
		return WORKER_EXIT_OK;
	if (r < 0 || m.type != MSG_PROCESS_JOB || msg_process_job_decode(&m, &job) < 0)
		return WORKER_EXIT_PROTOCOL;
	return process_days(channel, warm, buffer);
}
