/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "ctl/progress.h"
#include "ctl/sse.h"

/* Following a job: its events show each day as it is done; the job itself, asked for, says how it ended. Where there are no events, because the
 * daemon is older or has as many watchers as it may, asking again and again has to do. */

#define TIMEOUT_S    900
#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 1000
#define RETRY_MAX_MS INT64_C(60000)

static bool
is_over(struct json_object *job)
{
	const char *state = json_text_of(job, "state");

	return strcmp(state, "queued") != 0 && strcmp(state, "running") != 0;
}

static void
show_step(struct progress *progress, struct json_object *job)
{
	progress_show(progress, &(struct progress_step){
	    .job_id = json_number_of(job, "job_id"),
	    .days_done = json_number_of(job, "days_done"),
	    .days_total = json_number_of(job, "days_total"),
	    .state = json_text_of(job, "state"),
	    .phase = json_text_of(job, "phase"),
	});
}

/* --- events ------------------------------------------------------------------------------------------------------------------- */

/* An event tells of the days and leaves what is done to them to be seen from that. */
static const char *
phase_of(struct json_object *event)
{
	bool fetching = strcmp(json_text_of(event, "kind"), "fetch") == 0;

	return fetching && json_number_of(event, "days_done") < json_number_of(event, "days_total") ? "fetching" : "processing";
}

static int
on_event(struct str data, void *progress)
{
	_cleanup_free_ char *text = xstrndup(data.p, data.len);
	struct json_object *event = json_tokener_parse(text);
	bool over = false;

	if (json_text_of(event, "state")[0] != '\0') {
		over = is_over(event);
		json_object_object_add(event, "phase", json_object_new_string(phase_of(event)));
		show_step(progress, event);
	}
	json_object_put(event);
	return over ? -ECANCELED : 0;
}

static int
on_piece(struct str piece, void *sse)
{
	return sse_feed(sse, piece);
}

/* Whatever ends it, the job is asked for afterwards. */
static void
watch_job(struct ctl *ctl, int64_t job_id, int64_t end_ms, struct progress *progress)
{
	_cleanup_(sse_release) struct sse sse;
	int64_t left_ms = end_ms - clock_mono_ms();
	char path[64];

	sse_init(&sse, on_event, progress);
	snprintf(path, sizeof path, "/api/jobs/%" PRId64 "/events", job_id);
	if (left_ms > 0)
		(void)client_watch(ctl->client, path, left_ms, on_piece, &sse);
}

/* --- asking ------------------------------------------------------------------------------------------------------------------- */

static void
pause_ms(int64_t ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&t, NULL);
}

/* Has the daemon no time just now? Then the question is put again, when the daemon says. */
static bool
ask_later(const struct answer *a, int64_t *pause)
{
	if (a->status != 429 && a->status != 503)
		return false;
	*pause = MAX_OF(*pause, MIN_OF(a->retry_after_s * 1000, RETRY_MAX_MS));
	return true;
}

/* *pause is made longer if the daemon says so, and 0 if the job is over. */
static int
ask_once(struct ctl *ctl, const char *path, struct progress *progress, int64_t *pause, struct answer *a)
{
	int r = client_ask(ctl->client, &(struct request){.method = "GET", .path = path}, a);

	if (r < 0)
		return ctl_unanswered(ctl, r);
	if (ask_later(a, pause))
		return EXIT_STATUS_OK;
	r = ctl_refused(a);
	if (r != EXIT_STATUS_OK)
		return r;
	show_step(progress, answer_json(a));
	if (is_over(answer_json(a)))
		*pause = 0;
	return EXIT_STATUS_OK;
}

/* Fewer questions the longer it takes. */
static int
poll_job(struct ctl *ctl, const char *path, int64_t end_ms, struct progress *progress, struct answer *ret_end)
{
	for (int64_t next = PAUSE_MIN_MS;; next = MIN_OF(next * 5 / 4, PAUSE_MAX_MS)) {
		_cleanup_(answer_release) struct answer a = {0};
		int64_t pause = next;
		int r = ask_once(ctl, path, progress, &pause, &a);

		if (r != EXIT_STATUS_OK)
			return r;
		if (pause == 0) {
			*ret_end = a;
			a = (struct answer){0};
			return EXIT_STATUS_OK;
		}
		if (clock_mono_ms() + pause > end_ms)
			return EXIT_STATUS_LATER;
		pause_ms(pause);
	}
}

int
follow_job(struct ctl *ctl, int64_t job_id, struct answer *ret_end)
{
	int64_t timeout_s = args_has(&ctl->args, OPT_TIMEOUT) ? ctl->args.number[OPT_TIMEOUT] : TIMEOUT_S;
	int64_t end_ms = clock_mono_ms() + timeout_s * 1000;
	struct progress progress = {
	    .screen = &ctl->err,
	    .silent = args_has(&ctl->args, OPT_JSON) && !ctl->err.terminal,
	};
	char path[64];
	int r;

	snprintf(path, sizeof path, "/api/jobs/%" PRId64, job_id);
	watch_job(ctl, job_id, end_ms, &progress);
	r = poll_job(ctl, path, end_ms, &progress, ret_end);
	progress_end(&progress);
	if (r == EXIT_STATUS_LATER)
		say("job %" PRId64 " is not over after %" PRId64 " s; it goes on", job_id, timeout_s);
	return r;
}
