/* SPDX-License-Identifier: Apache-2.0 */
#include "store/waiting.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "store/bag.h"

#define PLACES_MIN 2
/* A transaction that changes more than this is undone by reading the table again. */
#define STEPS_MAX 16384

struct place {
	int64_t run_at_ms, job_id;
};

/* The jobs of one priority, sorted, with room in front and behind: most come last and go first. */
struct rank {
	int32_t priority;
	size_t head, count, capacity;
	struct place *places;
};

/* The jobs of one user and kind; the highest priority first. */
struct line {
	int64_t alp_user_id;
	int32_t kind;
	uint32_t hash;
	size_t rank_count;
	struct rank *ranks;
};

struct step {
	bool added;
	struct waiting_job job;
};

struct waiting {
	bool loaded, spoiled;
	bool moved; /* since the last mark */
	size_t count;
	struct bag lines;  /* addresses */
	struct bag wishes; /* job ids */
	struct step *steps;
	size_t step_count;
};

/* --- the jobs of one priority --------------------------------------------------------------------------------------------- */

static struct place *
places_of(const struct rank *r)
{
	return r->places + r->head;
}

static bool
is_before(struct place a, struct place b)
{
	return a.run_at_ms != b.run_at_ms ? a.run_at_ms < b.run_at_ms : a.job_id < b.job_id;
}

/* How many are before that place. */
static size_t
rank_search(const struct rank *r, struct place place)
{
	const struct place *places = places_of(r);
	size_t low = 0, high = r->count;

	if (high == 0 || is_before(places[high - 1], place))
		return high;
	if (!is_before(places[0], place))
		return 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (is_before(places[middle], place))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
rank_resize(struct rank *r, size_t capacity)
{
	if (r->head > 0)
		memmove(r->places, places_of(r), r->count * sizeof *r->places);
	r->head = 0;
	if (capacity == r->capacity)
		return;
	r->places = xreallocarray(r->places, capacity, sizeof *r->places);
	r->capacity = capacity;
}

static void
rank_insert(struct rank *r, struct place place)
{
	size_t at = rank_search(r, place);

	if (r->head > 0 && at < r->count / 2) {
		r->head--;
		memmove(places_of(r), places_of(r) + 1, at * sizeof place);
	} else {
		/* Closing up is as long as the line, so only after as many have gone. */
		if (r->head + r->count == r->capacity)
			rank_resize(r, r->head > r->count ? r->capacity : r->capacity + r->capacity / 4 + 1);
		memmove(places_of(r) + at + 1, places_of(r) + at, (r->count - at) * sizeof place);
	}
	r->count++;
	places_of(r)[at] = place;
}

static void
rank_remove(struct rank *r, size_t at)
{
	struct place *places = places_of(r);

	r->count--;
	if (at < (r->count + 1) / 2 || at == 0) {
		memmove(places + 1, places, at * sizeof *places);
		r->head++;
	} else {
		memmove(places + at, places + at + 1, (r->count - at) * sizeof *places);
	}
	if (r->capacity > PLACES_MIN && r->count < r->capacity / 4)
		rank_resize(r, MAX_OF(r->capacity / 2, (size_t)PLACES_MIN));
}

/* --- the jobs of one user and kind ---------------------------------------------------------------------------------------- */

static uint32_t
line_hash(int64_t alp_user_id, int32_t kind)
{
	const int64_t key[2] = {alp_user_id, kind};

	return (uint32_t)hash_of((struct str){(const char *)key, sizeof key});
}

static struct line *
line_find(const struct waiting *w, int64_t alp_user_id, int32_t kind, uint32_t hash)
{
	size_t walk = BAG_WALK;
	struct line *line;

	while ((line = (struct line *)(intptr_t)bag_next(&w->lines, hash, &walk)) != NULL)
		if (line->alp_user_id == alp_user_id && line->kind == kind)
			return line;
	return NULL;
}

static struct line *
line_need(struct waiting *w, int64_t alp_user_id, int32_t kind)
{
	uint32_t hash = line_hash(alp_user_id, kind);
	struct line *line = line_find(w, alp_user_id, kind, hash);

	if (line != NULL)
		return line;
	line = xcalloc(1, sizeof *line);
	*line = (struct line){.alp_user_id = alp_user_id, .kind = kind, .hash = hash};
	bag_add(&w->lines, hash, (intptr_t)line);
	return line;
}

static void
line_free(struct line *line)
{
	for (size_t i = 0; i < line->rank_count; i++)
		free(line->ranks[i].places);
	free(line->ranks);
	free(line);
}

/* The first rank of a priority that is at most that; rank_count: there is none. */
static size_t
rank_at_most(const struct line *line, int32_t priority)
{
	size_t i = 0;

	while (i < line->rank_count && line->ranks[i].priority > priority)
		i++;
	return i;
}

static struct rank *
rank_need(struct line *line, int32_t priority)
{
	size_t i = rank_at_most(line, priority);

	if (i < line->rank_count && line->ranks[i].priority == priority)
		return &line->ranks[i];
	line->ranks = xreallocarray(line->ranks, line->rank_count + 1, sizeof *line->ranks);
	memmove(&line->ranks[i + 1], &line->ranks[i], (line->rank_count - i) * sizeof *line->ranks);
	line->ranks[i] = (struct rank){.priority = priority, .capacity = PLACES_MIN,
	    .places = xcalloc(PLACES_MIN, sizeof(struct place))};
	line->rank_count++;
	return &line->ranks[i];
}

static void
rank_drop(struct line *line, struct rank *rank)
{
	size_t behind = line->rank_count - (size_t)(rank - line->ranks) - 1;

	free(rank->places);
	memmove(rank, rank + 1, behind * sizeof *rank);
	line->rank_count--;
}

/* --- all of them ----------------------------------------------------------------------------------------------------------- */

static struct place
place_of(const struct waiting_job *job)
{
	return (struct place){job->run_at_ms, job->job_id};
}

static void
put_in(struct waiting *w, const struct waiting_job *job)
{
	struct line *line = line_need(w, job->alp_user_id, job->kind);

	w->moved = true;
	rank_insert(rank_need(line, job->priority), place_of(job));
	if (job->wish != 0)
		bag_add(&w->wishes, job->wish, job->job_id);
	w->count++;
}

/* Where the job is: its place's number, or -1. */
static ssize_t
find(const struct waiting *w, const struct waiting_job *job, struct line **ret_line, struct rank **ret_rank)
{
	struct line *line = line_find(w, job->alp_user_id, job->kind, line_hash(job->alp_user_id, job->kind));
	struct rank *rank;
	size_t i, at;

	if (line == NULL)
		return -1;
	i = rank_at_most(line, job->priority);
	if (i == line->rank_count || line->ranks[i].priority != job->priority)
		return -1;
	rank = &line->ranks[i];
	at = rank_search(rank, place_of(job));
	if (at == rank->count || places_of(rank)[at].job_id != job->job_id || places_of(rank)[at].run_at_ms != job->run_at_ms)
		return -1;
	*ret_line = line;
	*ret_rank = rank;
	return (ssize_t)at;
}

static void
take_out(struct waiting *w, const struct waiting_job *job)
{
	struct line *line;
	struct rank *rank;
	ssize_t at = find(w, job, &line, &rank);
	bool wished = job->wish == 0 || bag_remove(&w->wishes, job->wish, job->job_id);

	w->moved = true;
	assert(at >= 0 && wished);
	if (at < 0 || !wished)
		return;
	rank_remove(rank, (size_t)at);
	if (rank->count == 0)
		rank_drop(line, rank);
	if (line->rank_count == 0) {
		bag_remove(&w->lines, line->hash, (intptr_t)line);
		line_free(line);
	}
	w->count--;
}

static void
clear(struct waiting *w)
{
	for (size_t i = 0; i < w->lines.capacity; i++)
		if (w->lines.values[i] != 0)
			line_free((struct line *)(intptr_t)w->lines.values[i]);
	bag_release(&w->lines);
	bag_release(&w->wishes);
	w->count = w->step_count = 0;
	w->loaded = false;
	w->moved = true;
}

struct waiting *
waiting_new(void)
{
	return xcalloc(1, sizeof(struct waiting));
}

struct waiting *
waiting_free(struct waiting *w)
{
	if (w == NULL)
		return NULL;
	clear(w);
	free(w->steps);
	free(w);
	return NULL;
}

bool
waiting_is_loaded(const struct waiting *w)
{
	return w->loaded;
}

void
waiting_loaded(struct waiting *w)
{
	w->loaded = true;
}

void
waiting_forget(struct waiting *w)
{
	clear(w);
	w->spoiled = true;
}

static void
note(struct waiting *w, bool added, const struct waiting_job *job)
{
	if (!w->loaded || w->spoiled)
		return;
	if (w->step_count == STEPS_MAX) {
		w->spoiled = true;
		return;
	}
	if (w->steps == NULL)
		w->steps = xreallocarray(NULL, STEPS_MAX, sizeof *w->steps);
	w->steps[w->step_count++] = (struct step){added, *job};
}

void
waiting_add(struct waiting *w, const struct waiting_job *job)
{
	put_in(w, job);
	note(w, true, job);
}

void
waiting_remove(struct waiting *w, const struct waiting_job *job)
{
	take_out(w, job);
	note(w, false, job);
}

bool
waiting_has(const struct waiting *w, const struct waiting_job *job)
{
	struct line *line;
	struct rank *rank;
	size_t walk = BAG_WALK;
	int64_t id;

	if (find(w, job, &line, &rank) < 0)
		return false;
	if (job->wish == 0)
		return true;
	while ((id = bag_next(&w->wishes, job->wish, &walk)) != 0)
		if (id == job->job_id)
			return true;
	return false;
}

size_t
waiting_count(const struct waiting *w)
{
	return w->count;
}

bool
waiting_front(const struct waiting *w, int64_t alp_user_id, int32_t kind, int32_t priority, struct waiting_job *ret_job)
{
	const struct line *line = line_find(w, alp_user_id, kind, line_hash(alp_user_id, kind));
	size_t i = line != NULL ? rank_at_most(line, priority) : 0;
	struct place place;

	if (line == NULL || i == line->rank_count)
		return false;
	place = places_of(&line->ranks[i])[0];
	*ret_job = (struct waiting_job){.alp_user_id = alp_user_id, .job_id = place.job_id, .run_at_ms = place.run_at_ms,
	    .kind = (int16_t)kind, .priority = (int16_t)line->ranks[i].priority};
	return true;
}

int64_t
waiting_same(const struct waiting *w, uint32_t wish, size_t *walk)
{
	return bag_next(&w->wishes, wish, walk);
}

size_t
waiting_mark(struct waiting *w)
{
	w->moved = false;
	return w->step_count;
}

void
waiting_undo(struct waiting *w, size_t mark)
{
	if (w->spoiled) {
		if (w->moved)
			clear(w);
		return;
	}
	while (w->step_count > mark) {
		const struct step *s = &w->steps[--w->step_count];

		if (s->added)
			take_out(w, &s->job);
		else
			put_in(w, &s->job);
	}
}

void
waiting_lost(struct waiting *w)
{
	w->moved = true;
	waiting_undo(w, 0);
	w->spoiled = false;
}

void
waiting_settle(struct waiting *w)
{
	w->step_count = 0;
	w->spoiled = false;
}
