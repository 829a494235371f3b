/* SPDX-License-Identifier: Apache-2.0 */
/* app_unit.h - what tests of verbs on a real store share: hearing a verb's answer, playing the process worker, cleaning up. */
#ifndef RTALP_TESTS_UNIT_APP_UNIT_H
#define RTALP_TESTS_UNIT_APP_UNIT_H

#include "unit.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/report.h"
#include "app/run.h"

/* Of an application beside which nothing runs. */
static inline void
wake_nobody(void *arg)
{
	(void)arg;
}

static inline void
kill_nobody(void *arg, int64_t job_id, int32_t run)
{
	(void)arg;
	(void)job_id;
	(void)run;
}
#define IDLE_HOOKS {.wake = wake_nobody, .kill_run = kill_nobody}

struct verb_answer {
	bool came;
	int r;
};

static inline void
verb_done(int r, void *arg)
{
	*(struct verb_answer *)arg = (struct verb_answer){true, r};
}

/* Gives it a keeper with one key, made of the number: what is sealed to another number it cannot open. */
static inline void
app_has_keeper(struct app *app, unsigned char number)
{
	const unsigned char public[BOX_PUBLIC_BYTES] = {9, number};
	struct app_keeper keeper = {.lasting = true, .count = 1};

	box_public_set(&keeper.to, public);
	memcpy(keeper.ids[0], keeper.to.id, BOX_ID_BYTES);
	app_set_keeper(app, &keeper);
}

/* Runs the store's completions until the answer is there. */
static inline int
verb_await(struct store *store, const struct verb_answer *a)
{
	for (int turns = 0; !a->came && turns < 1000; turns++) {
		struct pollfd p = {.fd = store_event_fd(store), .events = POLLIN};

		poll(&p, 1, 100);
		store_dispatch(store);
	}
	assert_true(a->came);
	return a->r;
}

/* The day's verdicts of a process worker to whom every document is its own task. */
static inline void
verdicts_of(const struct job_row *job, const struct run_input *in, size_t day, struct run_verdict *ret_verdict)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(100, 100000);
	_cleanup_(rowset_freep) struct rowset *totals = NULL;

	assert_int_equal(rowset_totals(in->days[day].grain, &totals), 0);
	*ret_verdict = (struct run_verdict){.job_id = job->job_id, .alp_user_id = job->alp_user_id, .run = job->run, .judged = &in->days[day], .rules = {.version = "test-1", .name = "test"},
	    .units = {.rounding = ROUNDING_TENTH_UP}};
	for (size_t k = 0; k < rowset_count(totals); k++) {
		struct row_view row = rowset_row(totals, k);

		row.task = row.group = row.document;
		row.application = row.activity;
		assert_int_equal(rowset_builder_add(rows, &row), 0);
	}
	assert_int_equal(rowset_build(rows, &ret_verdict->verdicts), 0);
}

/* A store that is closed, and the directory it had to itself. */
static inline void
remove_store(const char *path, const char *directory)
{
	static const char *const endings[] = {"", "-wal", "-shm", ".lock", "-lock"};

	for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
		char file[128];

		snprintf(file, sizeof file, "%s%s", path, endings[i]);
		unlink(file);
	}
	rmdir(directory);
}

#endif
