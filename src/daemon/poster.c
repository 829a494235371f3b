/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/poster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "app/posting.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "daemon/posting_log.h"

#define LOOKS_MAX      ((size_t)64) /* looked for at once */
#define SLEEP_MIN_MS   5
#define SLEEP_MAX_MS   60000
#define AGAIN_MS       1000  /* after something could not be stored */
#define PUT_OFF_MS     30000 /* of a day that ALP does not list as it should */

/* Postings of one user and day, with what ALP has of them; or, without a listing, any. */
struct round {
	TAILQ_ENTRY(round) link;
	struct poster *poster;
	int64_t user;
	day_t day;
	bool listing;          /* ALP is asked first */
	bool missing;          /* it has no such list */
	int64_t *sends, *looks;
	size_t send_count, look_count;
	struct alp_call *call; /* NULL: none under way */
	struct alp_entries listed;
	unsigned writes;       /* under way */
	struct posting_begin begin;
	struct posting_looked looked;
	struct posting_put_off sends_put_off, looks_put_off;
};
TAILQ_HEAD(rounds, round);

/* One that was let go. */
struct post {
	TAILQ_ENTRY(post) link;
	struct poster *poster;
	struct posting_row row;
	struct alp_call *call; /* NULL: it ended */
	struct alp_entry entry;
	char *text, *detail;
	struct posting_sent sent;
	struct event *again;
};
TAILQ_HEAD(posts, post);

struct poster {
	struct poster_options options;
	struct rounds rounds;
	struct posts posts;
	size_t sends, looks;     /* of postings in rounds, and posts */
	struct event *timer;     /* active: soon; pending: when something is due */
	struct posting_due due;
	bool asking, ask_again, draining, aborted;
	int64_t after_user;
	int64_t paused_until_ms; /* monotonic; 0: it is not */
	int64_t next_pause_ms;   /* 0: the first */
	void (*idle)(void *arg);
	void *idle_arg;
};

static void
sleep_for(struct poster *p, int64_t ms)
{
	struct timeval tv;

	ms = MIN_OF(MAX_OF(ms, SLEEP_MIN_MS), SLEEP_MAX_MS);
	tv = (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
	event_add(p->timer, &tv);
}

static bool
is_idle(const struct poster *p)
{
	return !p->asking && TAILQ_EMPTY(&p->rounds) && TAILQ_EMPTY(&p->posts);
}

static void
something_ended(struct poster *p)
{
	if (!p->draining)
		poster_wake(p);
	else if (p->idle != NULL && is_idle(p))
		p->idle(p->idle_arg);
}

/* --- pauses ------------------------------------------------------------------------------------------------------------------ */

static void
went_well(struct poster *p)
{
	p->next_pause_ms = 0;
	metric_set(rtalp_posting_paused, 0, 0, 0);
}

/* Of many that fail together the first pauses; ALP's own wish may make it longer. */
static void
pause_all(struct poster *p, bool key, int64_t wanted_ms, const char *detail)
{
	const struct poster_options *o = &p->options;
	int64_t now_ms = clock_mono_ms(), first_ms = key ? o->key_pause_ms : o->pause_ms, max_ms = key ? o->key_pause_max_ms : o->pause_max_ms;
	int64_t pause_ms = MIN_OF(MAX_OF(p->next_pause_ms, first_ms), max_ms);

	if (p->paused_until_ms > now_ms) {
		p->paused_until_ms = MAX_OF(p->paused_until_ms, now_ms + MIN_OF(wanted_ms, max_ms));
		return;
	}
	p->next_pause_ms = pause_ms * 2;
	pause_ms = MAX_OF(pause_ms, MIN_OF(wanted_ms, max_ms));
	p->paused_until_ms = now_ms + pause_ms;
	metric_set(rtalp_posting_paused, 0, 0, 1);
	log_event(EV_POSTING_PAUSED, LOG_I64("DURATION_MS", pause_ms), LOG_STR("DETAIL", key ? "ALP refused the key" : detail));
}

/* --- one post ----------------------------------------------------------------------------------------------------------------- */

static void
post_free(struct post *post)
{
	TAILQ_REMOVE(&post->poster->posts, post, link);
	if (post->again != NULL)
		event_free(post->again);
	posting_sent_release(&post->sent);
	posting_row_release(&post->row);
	alp_entry_release(&post->entry);
	free(post->text);
	free(post->detail);
	free(post);
}

static void post_store(struct post *post);

static void
on_store_again(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	post_store(arg);
}

static void
post_stored(int r, void *arg)
{
	struct post *post = arg;
	struct poster *p = post->poster;
	struct timeval tv = {.tv_sec = AGAIN_MS / 1000};

	if (r == 0)
		posting_log(&post->sent.posting);
	/* It stays sending in the store until there is room (or a lock goes away) to say otherwise. */
	if (r < 0 && r != -ESTALE && r != -EIO && r != -ENOENT && !p->aborted) {
		posting_sent_release(&post->sent);
		if (post->again == NULL)
			post->again = event_new(p->options.base, -1, 0, on_store_again, post);
		event_add(post->again, &tv);
		return;
	}
	p->sends--;
	post_free(post);
	something_ended(p);
}

static void
post_store(struct post *post)
{
	app_posting_sent(post->poster->options.app, &post->sent, post_stored, post);
}

static const enum post_outcome outcomes[] = {
    [ALP_POSTED] = POST_POSTED, [ALP_POST_NOT_SENT] = POST_NOT_SENT, [ALP_POST_BUSY] = POST_BUSY,
    [ALP_POST_KEY_REFUSED] = POST_KEY_REFUSED, [ALP_POST_REJECTED] = POST_REJECTED, [ALP_POST_UNKNOWN] = POST_UNKNOWN,
};

/* What one of them met, the others would. */
static void
post_told(struct poster *p, const struct alp_post_answer *answer)
{
	if (answer->posted == ALP_POSTED)
		went_well(p);
	else if (answer->posted == ALP_POST_KEY_REFUSED)
		pause_all(p, true, answer->retry_after_ms, answer->detail);
	else if (answer->posted == ALP_POST_NOT_SENT || answer->posted == ALP_POST_BUSY)
		pause_all(p, false, answer->retry_after_ms, answer->detail);
}

static void
post_answered(struct alp_post_answer *answer, void *arg)
{
	struct post *post = arg;

	post->call = NULL;
	post_told(post->poster, answer);
	post->entry = answer->entry;
	answer->entry = (struct alp_entry){0};
	post->text = TAKE_PTR(answer->text);
	post->detail = xstrdup(answer->detail);
	post->sent = (struct posting_sent){.posting_id = post->row.posting_id, .attempt = post->row.attempts, .outcome = outcomes[answer->posted],
	    .status = answer->status, .retry_after_ms = answer->retry_after_ms, .entry = &post->entry, .text = post->text, .detail = post->detail};
	post_store(post);
}

/* It is `sending`, and that is on the disk. */
static void
post_send(struct poster *p, struct posting_row *row)
{
	struct post *post = xcalloc(1, sizeof *post);

	post->poster = p;
	post->row = *row;
	*row = (struct posting_row){0};
	TAILQ_INSERT_TAIL(&p->posts, post, link);
	p->sends++;
	post->call = p->options.post(p->options.alp, post->row.body, strlen(post->row.body), post->row.idempotency_key, post_answered, post);
}

/* --- a round ------------------------------------------------------------------------------------------------------------------ */

static void
round_free(struct round *round)
{
	struct poster *p = round->poster;

	TAILQ_REMOVE(&p->rounds, round, link);
	p->sends -= round->send_count;
	p->looks -= round->look_count;
	posting_begin_release(&round->begin);
	posting_looked_release(&round->looked);
	posting_put_off_release(&round->sends_put_off);
	posting_put_off_release(&round->looks_put_off);
	alp_entries_release(&round->listed);
	free(round->sends);
	free(round->looks);
	free(round);
}

static void
round_over(struct round *round)
{
	struct poster *p = round->poster;

	if (round->writes > 0)
		return;
	round_free(round);
	something_ended(p);
}

/* What could not be stored is as due as before; not at once, though. */
static void
write_over(struct round *round, int r)
{
	struct poster *p = round->poster;

	round->writes--;
	if (r < 0)
		p->paused_until_ms = MAX_OF(p->paused_until_ms, clock_mono_ms() + AGAIN_MS);
	round_over(round);
}

static void
on_begun(int r, void *arg)
{
	struct round *round = arg;

	/* Committed before the stop was known: what is not sent now is unknown for nothing, so it is. */
	for (size_t i = 0; r == 0 && !round->poster->aborted && i < round->begin.begun.count; i++)
		post_send(round->poster, &round->begin.begun.rows[i]);
	write_over(round, r);
}

static void
on_looked(int r, void *arg)
{
	struct round *round = arg;

	if (r == 0)
		posting_log_all(&round->looked.settled);
	write_over(round, r);
}

static void
on_put_off(int r, void *arg)
{
	struct round *round = arg;

	write_over(round, r);
}

static void
on_looks_put_off(int r, void *arg)
{
	if (r == 0)
		posting_log_all(&((struct round *)arg)->looks_put_off.settled);
	on_put_off(r, arg);
}

static void
round_put_off(struct round *round, struct posting_put_off *verb, const int64_t *ids, size_t count, int64_t for_ms)
{
	if (count == 0)
		return;
	*verb = (struct posting_put_off){.ids = ids, .count = count, .for_ms = for_ms, .code = round->missing ? "alp_list_missing" : "alp_list_unreadable",
	    .detail = round->missing ? "ALP does not list entries of a user by days, against what alp.lists_entries says, so it was not sent" :
				       "ALP's entries of that day could not be read as a whole, so it was not sent"};
	round->writes++;
	app_posting_put_off(round->poster->options.app, verb, verb == &round->looks_put_off ? on_looks_put_off : on_put_off, round);
}

static void
round_look(struct round *round, const struct alp_entries *listed, bool complete)
{
	if (round->look_count == 0)
		return;
	round->looked = (struct posting_looked){.ids = round->looks, .count = round->look_count, .listed = listed, .complete = complete};
	round->writes++;
	app_posting_looked(round->poster->options.app, &round->looked, on_looked, round);
}

static void
round_begin(struct round *round, const struct alp_entries *listed)
{
	if (round->send_count == 0 || round->poster->draining)
		return;
	round->begin = (struct posting_begin){.ids = round->sends, .count = round->send_count, .listed = listed};
	round->writes++;
	app_posting_begin(round->poster->options.app, &round->begin, on_begun, round);
}

static bool
is_alps_whole_trouble(enum alp_failure failure)
{
	return failure == ALP_UNREACHABLE || failure == ALP_TIMEOUT || failure == ALP_KEY_REFUSED || failure == ALP_BUSY;
}

static void
round_listed(struct alp_entries_answer *answer, void *arg)
{
	struct round *round = arg;
	struct poster *p = round->poster;

	round->call = NULL;
	if (is_alps_whole_trouble(answer->failure)) {
		pause_all(p, answer->failure == ALP_KEY_REFUSED, answer->retry_after_ms, answer->detail);
		round_over(round);
		return;
	}
	round->listed = answer->entries;
	answer->entries = (struct alp_entries){0};
	round->missing = answer->failure == ALP_MISSING;
	if (answer->failure != ALP_FINE) {
		round_put_off(round, &round->looks_put_off, round->looks, round->look_count, PUT_OFF_MS);
		round_put_off(round, &round->sends_put_off, round->sends, round->send_count, PUT_OFF_MS);
	} else {
		went_well(p);
		round_look(round, &round->listed, answer->complete);
		if (answer->complete)
			round_begin(round, &round->listed);
		else /* as when somebody works while its pages are read: soon it is whole */
			round_put_off(round, &round->sends_put_off, round->sends, round->send_count, 0);
	}
	round_over(round);
}

static void
round_run(struct round *round)
{
	const struct poster_options *o = &round->poster->options;

	if (round->listing) {
		round->call = o->entries(o->alp, round->user, round->day - 1, round->day + 1, round_listed, round);
		return;
	}
	round_look(round, NULL, false);
	round_begin(round, NULL);
	round_over(round);
}

/* --- what is due -------------------------------------------------------------------------------------------------------------- */

static bool
has_id(const int64_t *ids, size_t count, int64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool
is_busy(const struct poster *p, int64_t posting_id)
{
	const struct round *round;
	const struct post *post;

	TAILQ_FOREACH(round, &p->rounds, link)
		if (has_id(round->sends, round->send_count, posting_id) || has_id(round->looks, round->look_count, posting_id))
			return true;
	TAILQ_FOREACH(post, &p->posts, link)
		if (post->row.posting_id == posting_id)
			return true;
	return false;
}

/* The new round that it belongs to, made if there is none. */
static struct round *
round_for(struct poster *p, struct rounds *fresh, const struct posting_row *row, bool listing)
{
	struct round *round;

	TAILQ_FOREACH(round, fresh, link)
		if (round->listing == listing && (!listing || (round->user == row->alp_user_id && round->day == row->day)))
			return round;
	round = xcalloc(1, sizeof *round);
	round->poster = p;
	round->listing = listing;
	round->user = row->alp_user_id;
	round->day = row->day;
	TAILQ_INSERT_TAIL(fresh, round, link);
	return round;
}

static void
add_id(int64_t **ids, size_t *count, int64_t id)
{
	*ids = xreallocarray(*ids, *count + 1, sizeof **ids);
	(*ids)[(*count)++] = id;
}

static void
plan_rounds(struct poster *p, struct rounds *fresh)
{
	struct round *round;

	for (size_t i = 0; i < p->due.look.count; i++) {
		const struct posting_row *row = &p->due.look.rows[i];

		if (is_busy(p, row->posting_id) || p->looks == LOOKS_MAX)
			continue;
		round = round_for(p, fresh, row, p->options.lists_entries);
		add_id(&round->looks, &round->look_count, row->posting_id);
		p->looks++;
	}
	for (size_t i = 0; i < p->due.send.count; i++) {
		const struct posting_row *row = &p->due.send.rows[i];

		if (is_busy(p, row->posting_id) || p->sends >= p->options.sends_max)
			continue;
		round = round_for(p, fresh, row, posting_needs_listing(p->options.app, row));
		add_id(&round->sends, &round->send_count, row->posting_id);
		p->sends++;
		p->after_user = row->alp_user_id;
	}
}

static void
run_rounds(struct poster *p, struct rounds *fresh)
{
	struct round *round;

	while ((round = TAILQ_FIRST(fresh)) != NULL) {
		TAILQ_REMOVE(fresh, round, link);
		TAILQ_INSERT_TAIL(&p->rounds, round, link);
		round_run(round);
	}
}

static void
on_due(int r, void *arg)
{
	struct poster *p = arg;
	struct rounds fresh = TAILQ_HEAD_INITIALIZER(fresh);

	p->asking = false;
	if (r == 0 && !p->draining) {
		plan_rounds(p, &fresh);
		run_rounds(p, &fresh);
	}
	if (r < 0)
		sleep_for(p, AGAIN_MS);
	else if (p->ask_again)
		poster_wake(p);
	else if (p->due.next_ms != INT64_MAX)
		sleep_for(p, p->due.next_ms - clock_real_ms());
	posting_due_release(&p->due);
	if (p->draining)
		something_ended(p);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct poster *p = arg;
	int64_t pause_ms = p->paused_until_ms - clock_mono_ms();

	(void)fd;
	(void)what;
	if (p->draining)
		return;
	if (pause_ms > 0) {
		sleep_for(p, pause_ms);
		return;
	}
	p->ask_again = p->asking;
	if (p->asking)
		return;
	p->asking = true;
	/* Those under way may be due still, and stand before the others. */
	p->due = (struct posting_due){.after_user = p->after_user, .look_max = p->looks == LOOKS_MAX ? 0 : LOOKS_MAX + p->looks,
	    .send_max = p->sends >= p->options.sends_max ? 0 : p->options.sends_max + p->sends};
	app_posting_due(p->options.app, &p->due, on_due, p);
}

void
poster_wake(struct poster *p)
{
	/* Many wake it in one go of the loop; it asks once after them all. */
	if (!p->draining)
		event_active(p->timer, EV_TIMEOUT, 0);
}

/* --- its life ------------------------------------------------------------------------------------------------------------------ */

static void
due_now(void *arg)
{
	poster_wake(arg);
}

struct poster *
poster_new(const struct poster_options *options)
{
	struct poster *p = xcalloc(1, sizeof *p);

	p->options = *options;
	TAILQ_INIT(&p->rounds);
	TAILQ_INIT(&p->posts);
	p->timer = event_new(options->base, -1, 0, on_timer, p);
	app_on_postings_due(options->app, due_now, p);
	return p;
}

struct poster *
poster_free(struct poster *p)
{
	struct round *round;
	struct post *post;

	if (p == NULL)
		return NULL;
	while ((round = TAILQ_FIRST(&p->rounds)) != NULL) {
		p->options.cancel(round->call);
		round_free(round);
	}
	while ((post = TAILQ_FIRST(&p->posts)) != NULL) {
		p->options.cancel(post->call);
		post_free(post);
	}
	posting_due_release(&p->due);
	event_free(p->timer);
	free(p);
	return NULL;
}

void
poster_drain(struct poster *p, void (*idle)(void *arg), void *arg)
{
	struct round *round, *next;

	p->draining = true;
	p->idle = idle;
	p->idle_arg = arg;
	event_del(p->timer);
	app_on_postings_due(p->options.app, NULL, NULL);
	/* Listings that are asked for serve nothing any more. */
	for (round = TAILQ_FIRST(&p->rounds); round != NULL; round = next) {
		next = TAILQ_NEXT(round, link);
		if (round->call == NULL)
			continue;
		p->options.cancel(round->call);
		round->call = NULL;
		round_free(round);
	}
	if (is_idle(p))
		idle(arg);
}

void
poster_abort(struct poster *p)
{
	p->aborted = true;
}
