/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/syncer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "app/sync_run.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"

#define POSTINGS_MAX    ((size_t)1000) /* looked at before it is asked again what is due */
#define SLEEP_MIN_MS    5
#define SLEEP_MAX_MS    30000
#define AGAIN_MS        1000 /* after something could not be stored */
#define PROOF_TRIES_MAX 8    /* of a range, while ALP cannot be asked */
#define WORDS_MAX       32   /* strange ones that were told */

/* One listing. */
struct look {
	TAILQ_ENTRY(look) link;
	struct syncer *syncer;
	struct sync_range range;
	bool prove;
	unsigned tries;
	int64_t asked_ms;
	struct alp_call *call; /* NULL: none under way */
	struct alp_entries listed;
	struct sync_apply apply;
};
TAILQ_HEAD(looks, look);

struct syncer {
	struct syncer_options options;
	struct event *timer;
	struct looks waiting, running;
	size_t running_count;
	bool asking, ask_again, stopped;
	struct sync_due due;
	struct proof_begin proof;
	struct proof_examined examined;
	int64_t paused_until_ms, next_pause_ms; /* monotonic; the first is 0 */
	/* Of the proof that runs. */
	bool proving;
	int64_t proof_differing, proof_failed;
	char words[WORDS_MAX][ALP_STATUS_MAX];
	size_t word_count;
};

static void
sleep_for(struct syncer *s, int64_t ms)
{
	struct timeval tv;

	ms = MIN_OF(MAX_OF(ms, SLEEP_MIN_MS), SLEEP_MAX_MS);
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	event_add(s->timer, &tv);
}

void
syncer_wake(struct syncer *s)
{
	/* Many wake it in one go of the loop; it asks once after them all. */
	if (!s->stopped)
		event_active(s->timer, EV_TIMEOUT, 0);
}

/* --- what is told ------------------------------------------------------------------------------------------------------------ */

static bool
is_told(const struct syncer *s, const char *word)
{
	for (size_t i = 0; i < s->word_count; i++)
		if (strcasecmp(s->words[i], word) == 0)
			return true;
	return s->word_count == WORDS_MAX;
}

static void
tell_strange(struct syncer *s, const struct alp_entries *listed)
{
	for (size_t i = 0; i < listed->count; i++) {
		const struct alp_entry *e = &listed->rows[i];

		if (e->state != ALP_ENTRY_OTHER || is_told(s, e->status))
			continue;
		memcpy(s->words[s->word_count++], e->status, sizeof e->status);
		log_event(EV_SYNC_STRANGE_STATUS, LOG_STR("STATE", e->status));
	}
}

static void
tell_changes(const struct sync_apply *v)
{
	for (size_t i = 0; i < v->change_count; i++) {
		const struct sync_change *c = &v->changes[i];

		if (c->changed)
			log_event(EV_SYNC_STATUS, LOG_I64("POSTING_ID", c->posting_id), LOG_I64("ALP_USER_ID", c->alp_user_id),
			    LOG_STR("STATE", posting_alp_state_name(c->alp_state)));
		if (c->look != NULL)
			log_event(EV_SYNC_LOOK, LOG_I64("POSTING_ID", c->posting_id), LOG_I64("ALP_USER_ID", c->alp_user_id), LOG_STR("CODE", c->look));
	}
}

static void
tell_proofs(struct syncer *s, const struct alp_proof_list *proofs)
{
	for (size_t i = 0; i < proofs->count; i++) {
		const struct alp_proof_row *row = &proofs->rows[i];
		char day[DAY_TEXT_MAX];

		day_format(row->day, day);
		s->proof_differing++;
		log_event(EV_PROOF_DIFFERS, LOG_I64("ALP_USER_ID", row->alp_user_id), LOG_STR("DAY", day), LOG_I64("POSTED_UNITS", row->posted_units),
		    LOG_I64("ALP_UNITS", row->alp_units), LOG_I64("COUNT", row->difference_count));
	}
}

/* --- pauses ------------------------------------------------------------------------------------------------------------------- */

/* Of several that fail together the first pauses; ALP's own wish may make it longer. */
static void
pause_all(struct syncer *s, int64_t wanted_ms, const char *detail)
{
	int64_t now_ms = clock_mono_ms(), pause_ms = MIN_OF(MAX_OF(s->next_pause_ms, s->options.pause_ms), s->options.pause_max_ms);

	wanted_ms = MIN_OF(wanted_ms, s->options.pause_max_ms);
	if (s->paused_until_ms > now_ms) {
		s->paused_until_ms = MAX_OF(s->paused_until_ms, now_ms + wanted_ms);
		return;
	}
	s->next_pause_ms = pause_ms * 2;
	s->paused_until_ms = now_ms + MAX_OF(pause_ms, wanted_ms);
	log_event(EV_SYNC_PAUSED, LOG_I64("DURATION_MS", s->paused_until_ms - now_ms), LOG_STR("DETAIL", detail));
}

/* --- a listing ---------------------------------------------------------------------------------------------------------------- */

static void run_more(struct syncer *s);

static void
look_free(struct look *look)
{
	sync_apply_release(&look->apply);
	alp_entries_release(&look->listed);
	free(look);
}

static void
look_over(struct look *look)
{
	struct syncer *s = look->syncer;

	TAILQ_REMOVE(&s->running, look, link);
	s->running_count--;
	look_free(look);
	run_more(s);
}

static void
look_failed(struct look *look)
{
	if (look->prove)
		look->syncer->proof_failed++;
	look_over(look);
}

static void
on_applied(int r, void *arg)
{
	struct look *look = arg;
	struct syncer *s = look->syncer;

	if (r < 0) {
		s->paused_until_ms = MAX_OF(s->paused_until_ms, clock_mono_ms() + AGAIN_MS);
		look_failed(look);
		return;
	}
	tell_changes(&look->apply);
	tell_proofs(s, &look->apply.proofs);
	if (look->prove && !look->apply.complete)
		s->proof_failed++;
	look_over(look);
}

static bool
is_alps_whole_trouble(enum alp_failure failure)
{
	return failure == ALP_UNREACHABLE || failure == ALP_TIMEOUT || failure == ALP_KEY_REFUSED || failure == ALP_BUSY;
}

/* What is only due stays due; a proof's range waits in its place. */
static void
look_put_off(struct look *look, const struct alp_entries_answer *answer)
{
	struct syncer *s = look->syncer;

	pause_all(s, answer->retry_after_ms, answer->detail);
	if (!look->prove || ++look->tries >= PROOF_TRIES_MAX) {
		look_failed(look);
		return;
	}
	TAILQ_REMOVE(&s->running, look, link);
	s->running_count--;
	TAILQ_INSERT_HEAD(&s->waiting, look, link);
	run_more(s);
}

static void
on_listed(struct alp_entries_answer *answer, void *arg)
{
	struct look *look = arg;
	struct syncer *s = look->syncer;

	look->call = NULL;
	if (is_alps_whole_trouble(answer->failure)) {
		look_put_off(look, answer);
		return;
	}
	s->next_pause_ms = 0;
	look->listed = answer->entries;
	answer->entries = (struct alp_entries){0};
	tell_strange(s, &look->listed);
	look->apply = (struct sync_apply){.range = look->range, .listed = &look->listed, .complete = answer->failure == ALP_FINE && answer->complete,
	    .asked_ms = look->asked_ms, .prove = look->prove};
	app_sync_apply(s->options.app, &look->apply, on_applied, look);
}

static void
look_begin(struct look *look)
{
	struct syncer *s = look->syncer;

	TAILQ_INSERT_TAIL(&s->running, look, link);
	s->running_count++;
	look->asked_ms = clock_real_ms();
	look->call = s->options.entries(s->options.alp, look->range.alp_user_id, look->range.list_from, look->range.list_to, on_listed, look);
}

/* If that could not be stored the next proof says it. */
static void
on_examined(int r, void *arg)
{
	(void)r;
	(void)arg;
}

static void
proof_over(struct syncer *s)
{
	s->proving = false;
	if (s->proof.examines != 0 && s->proof_failed == 0) {
		s->examined.restore_id = s->proof.examines;
		app_proof_examined(s->options.app, &s->examined, on_examined, s);
	}
	log_event(EV_PROOF_DONE, LOG_I64("COUNT", s->proof_differing), LOG_I64("FAILED", s->proof_failed));
}

static void
run_more(struct syncer *s)
{
	struct look *look;

	if (s->stopped)
		return;
	if (s->paused_until_ms > clock_mono_ms()) {
		sleep_for(s, s->paused_until_ms - clock_mono_ms());
		return;
	}
	while (s->running_count < s->options.parallel && (look = TAILQ_FIRST(&s->waiting)) != NULL) {
		TAILQ_REMOVE(&s->waiting, look, link);
		look_begin(look);
	}
	if (s->running_count > 0)
		return;
	if (s->proving)
		proof_over(s);
	syncer_wake(s);
}

static void
plan(struct syncer *s, struct sync_ranges *ranges, bool prove)
{
	for (size_t i = 0; i < ranges->count; i++) {
		struct look *look = xcalloc(1, sizeof *look);

		look->syncer = s;
		look->range = ranges->rows[i];
		look->prove = prove;
		TAILQ_INSERT_TAIL(&s->waiting, look, link);
	}
	free(ranges->rows);
	*ranges = (struct sync_ranges){0};
}

/* --- what is due --------------------------------------------------------------------------------------------------------------- */

static void
on_proof_begun(int r, void *arg)
{
	struct syncer *s = arg;

	s->asking = false;
	if (r < 0 || s->stopped) {
		free(s->proof.ranges.rows);
		s->proof.ranges = (struct sync_ranges){0};
		sleep_for(s, AGAIN_MS);
		return;
	}
	s->proving = true;
	s->proof_differing = s->proof_failed = 0;
	plan(s, &s->proof.ranges, true);
	run_more(s);
}

static void
begin_proof(struct syncer *s)
{
	s->asking = true;
	s->proof = (struct proof_begin){0};
	app_proof_begin(s->options.app, &s->proof, on_proof_begun, s);
}

static void
on_due(int r, void *arg)
{
	struct syncer *s = arg;
	size_t count = s->due.ranges.count;

	s->asking = false;
	if (r < 0 || s->stopped) {
		free(s->due.ranges.rows);
		sleep_for(s, AGAIN_MS);
		return;
	}
	/* A proof looks at all of it. */
	if (app_proof_take(s->options.app) || s->due.proof) {
		free(s->due.ranges.rows);
		begin_proof(s);
		return;
	}
	plan(s, &s->due.ranges, false);
	if (count > 0)
		run_more(s);
	else if (s->ask_again)
		syncer_wake(s);
	else
		sleep_for(s, s->due.next_ms == INT64_MAX ? SLEEP_MAX_MS : s->due.next_ms - clock_real_ms());
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct syncer *s = arg;

	(void)fd;
	(void)what;
	if (s->stopped)
		return;
	/* What is under way asks again when it is over. */
	s->ask_again = s->asking;
	if (s->asking || s->running_count > 0)
		return;
	if (!TAILQ_EMPTY(&s->waiting) || s->paused_until_ms > clock_mono_ms()) {
		run_more(s);
		return;
	}
	s->asking = true;
	s->due = (struct sync_due){.max = POSTINGS_MAX};
	app_sync_due(s->options.app, &s->due, on_due, s);
}

/* --- its life -------------------------------------------------------------------------------------------------------------------- */

static void
due_now(void *arg)
{
	syncer_wake(arg);
}

struct syncer *
syncer_new(const struct syncer_options *options)
{
	struct syncer *s = xcalloc(1, sizeof *s);

	s->options = *options;
	TAILQ_INIT(&s->waiting);
	TAILQ_INIT(&s->running);
	s->timer = event_new(options->base, -1, 0, on_timer, s);
	app_on_sync_due(options->app, due_now, s);
	return s;
}

static void
free_all(struct syncer *s, struct looks *looks)
{
	struct look *look;

	while ((look = TAILQ_FIRST(looks)) != NULL) {
		TAILQ_REMOVE(looks, look, link);
		s->options.cancel(look->call);
		look_free(look);
	}
}

struct syncer *
syncer_free(struct syncer *s)
{
	if (s == NULL)
		return NULL;
	free_all(s, &s->running);
	free_all(s, &s->waiting);
	event_free(s->timer);
	free(s);
	return NULL;
}

void
syncer_stop(struct syncer *s)
{
	s->stopped = true;
	event_del(s->timer);
	app_on_sync_due(s->options.app, NULL, NULL);
}
