/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/process.h"

#include <errno.h>

#include "base/fd.h"
#include "base/utf8.h"
#include "proto/matter_list.h"
#include "rules/lint.h"
#include "workers/last_word.h"
#include "workers/worker.h"

struct process {
	int channel;
	struct rules *rules;             /* the spawner's, or those of `own` */
	struct ruled own;                /* of a check */
	struct matter_list *matters;     /* NULL: they are not known */
	bool began;                      /* a day was judged */
};

static void
process_release(struct process *p)
{
	ruled_release(&p->own);
	matter_list_free(p->matters);
}

static int
fail(const struct process *p, day_t day, bool permanent, const char *code, const char *detail)
{
	struct failure f = {.permanent = permanent, .code = code};

	failure_say(&f, "%s", detail);
	return last_word(p->channel, day, &f);
}

/* The first fault, and how many there are. */
static int
fail_rules(const struct process *p, const struct rule_faults *faults)
{
	struct failure f = {.permanent = true, .code = "rules_invalid"};
	const char *line = faults->count > 0 ? faults->lines[0] : "they cannot be compiled";
	_cleanup_(buf_release) struct buf first = BUF_INIT(sizeof f.detail);
	uint32_t replaced = 0;

	(void)utf8_add_clean(&first, str_of(line), sizeof f.detail - 32, &replaced);
	if (faults->count > 1)
		failure_say(&f, "%.*s (and %zu more)", STR_ARG(buf_str(&first)), faults->count - 1);
	else
		failure_say(&f, "%.*s", STR_ARG(buf_str(&first)));
	return last_word(p->channel, NO_DAY, &f);
}

/* The handlers: 0: go on; else the worker is over and *ret_exit is its status. */

/* What the linter says of the rules of a check. Its texts quote the file, cut where a character may have been. */
static int
send_notes(const struct process *p)
{
	_cleanup_(rule_notes_release) struct rule_notes notes = {.rows = NULL};
	_cleanup_(buf_release) struct buf text = BUF_INIT(RULE_NOTES_BYTES_MAX), clean = BUF_INIT(RULE_NOTES_BYTES_MAX);
	struct msg_process_notes message;
	uint32_t replaced = 0;
	_cleanup_close_ int fd = -1;
	int r = rules_lint(p->own.set, &notes);

	if (r < 0)
		return r;
	rule_notes_write(&notes, &text);
	(void)utf8_add_clean(&clean, buf_str(&text), RULE_NOTES_BYTES_MAX, &replaced);
	message = (struct msg_process_notes){.notes = (uint32_t)notes.count};
	fd = memfd_sealed("rtalp-notes", clean.p, clean.len);
	return fd < 0 ? fd : msg_process_notes_send(p->channel, &message, fd);
}

static int
take_rules(struct process *p, const struct message *m, int *ret_exit)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {0};
	struct msg_process_rules order;
	int r = p->began || p->own.rules != NULL ? -EBADMSG : msg_process_rules_decode(m, &order);

	*ret_exit = WORKER_EXIT_PROTOCOL;
	if (r == 0)
		r = rules_text_compile(m->fd, order.rules_name, &faults, &p->own);
	if (r == -EINVAL)
		*ret_exit = fail_rules(p, &faults);
	if (r < 0)
		return r;
	p->rules = p->own.rules;
	return send_notes(p);
}

static int
send_verdicts(const struct process *p, const struct msg_process_day *day, const struct rowset *verdicts)
{
	const struct msg_process_verdict answer = {
	    .day = day->day, .generation = day->generation, .rules_version = str_of(rules_version(p->rules)),
	};
	_cleanup_close_ int fd = rowset_to_fd(verdicts);

	if (fd < 0)
		return fd;
	return msg_process_verdict_send(p->channel, &answer, fd);
}

static int
judge_day(struct process *p, const struct message *m, int *ret_exit)
{
	_cleanup_(rowset_freep) struct rowset *grain = NULL, *verdicts = NULL;
	struct msg_process_day day;
	int r;

	*ret_exit = WORKER_EXIT_PROTOCOL;
	p->began = true;
	r = msg_process_day_decode(m, &day);
	if (r == 0)
		r = rowset_receive(m->fd, &grain);
	if (r < 0)
		return r;
	r = rules_apply(p->rules, grain, p->matters, &verdicts);
	if (r < 0) {
		*ret_exit = r == -E2BIG
				? fail(p, day.day, true, "day_too_large", "the day's verdicts are larger than a day may be")
				: fail(p, day.day, true, "rules_failed", "the cleaning rules could not be applied to the day");
		return r;
	}
	r = send_verdicts(p, &day, verdicts);
	*ret_exit = WORKER_EXIT_OK;
	if (r < 0 && r != -EPIPE)
		*ret_exit = fail(p, day.day, false, "worker_failed", "the verdicts could not be handed over");
	return r;
}

static int
leave(struct process *p, const struct message *m, int *ret_exit)
{
	(void)p;
	(void)m;
	*ret_exit = WORKER_EXIT_OK;
	return 1;
}

static const struct process_handler {
	enum message_type type;
	int (*handle)(struct process *p, const struct message *m, int *ret_exit);
} handlers[] = {
    {MSG_PROCESS_RULES, take_rules},
    {MSG_PROCESS_DAY, judge_day},
    {MSG_PROCESS_END, leave},
};

static int
handle(struct process *p, const struct message *m, int *ret_exit)
{
	for (size_t i = 0; i < ELEMENTSOF(handlers); i++)
		if (handlers[i].type == m->type)
			return handlers[i].handle(p, m, ret_exit);
	*ret_exit = WORKER_EXIT_PROTOCOL;
	return -EBADMSG;
}

static int
process_days(struct process *p, uint8_t *buffer)
{
	for (;;) {
		_cleanup_(message_release) struct message m = {.fd = -1};
		int status, r = message_recv(p->channel, M2W, W_PROCESSING, buffer, &m);

		if (r == 0)
			return WORKER_EXIT_OK;
		if (r < 0)
			return WORKER_EXIT_PROTOCOL;
		if (handle(p, &m, &status) != 0)
			return status;
	}
}

/* A list with nothing in it says as much as none. */
static int
take_matters(struct process *p, int fd)
{
	int r = matter_list_map(fd, &p->matters);

	if (r == 0 && matter_list_count(p->matters) == 0)
		p->matters = matter_list_free(p->matters);
	return r;
}

/* 1: there is a job; 0: the master hung up. */
static int
receive_job(struct process *p, uint8_t *buffer)
{
	_cleanup_(message_release) struct message m = {.fd = -1};
	struct msg_process_job job;
	int r = message_recv(p->channel, M2W, W_READY, buffer, &m);

	if (r <= 0)
		return r;
	if (m.type != MSG_PROCESS_JOB || msg_process_job_decode(&m, &job) < 0)
		return -EBADMSG;
	r = take_matters(p, m.fd);
	return r < 0 ? r : 1;
}

int
process_main(int channel, const struct warm *warm)
{
	_cleanup_(process_release) struct process p = {.channel = channel, .rules = warm->ruled.rules};
	uint8_t buffer[MESSAGE_MAX_BYTES];
	int r = receive_job(&p, buffer);

	if (r == 0)
		return WORKER_EXIT_OK;
	return r < 0 ? WORKER_EXIT_PROTOCOL : process_days(&p, buffer);
}
