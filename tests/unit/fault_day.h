/* SPDX-License-Identifier: Apache-2.0 */
/* fault_day.h - a user's day from the key to the posting, for tests that let calls fail during it (fault_sys.h), and what says of a store whether each
 * part of it is there.
 *
 * The day is lived in a child; what it was told is written into memory that the parent sees. Times in milliseconds.
 * Threads: the one that called, and the store's.
 */
#ifndef RTALP_TESTS_UNIT_FAULT_DAY_H
#define RTALP_TESTS_UNIT_FAULT_DAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "app_unit.h"
#include "fault_sys.h"

enum scene { FETCH, CLAIM, FETCHED, WAITS, CLAIM_RULES, VERDICT, OVER, EDIT, POST, SENDING, SENT, ANOTHER, CANCEL, SCENES };

#define UNTOLD INT32_MAX

/* What the child was told of each scene; memory that the parent sees. */
struct story {
	struct fault_order order;
	_Atomic int told[SCENES];
	_Atomic int64_t id[SCENES];
	_Atomic int opened;
};

struct scene_info {
	const char *name;
	const char *is_there; /* asks of ?1, the scene's id */
};
extern const struct scene_info fault_scenes[SCENES];

/* Opens the store and lives the day in it. What may fail is counted from when it is open, or from the opening on: then of allocations only the
 * opening's, for those of the day are the same. */
_noreturn_ void fault_day_live(const char *path, struct story *story, bool day_only);

/* What the child is made of, for who looks at the store afterwards. */
int fault_open_store(const char *path, struct store **ret_store);
struct app_options fault_options(struct store *store);
int fault_ask_for(struct app *app, struct store *store, int64_t user, int64_t *ret_job);

/* Runs the completions until the answer came; who hears nothing ends with a status that no fault excuses. */
int fault_await(struct store *store, const struct verb_answer *a);

#define FAULT_CALL(app, store, verb, v)                                                                                \
	__extension__({                                                                                                \
		struct verb_answer a_ = {0};                                                                           \
		verb((app), (v), verb_done, &a_);                                                                      \
		fault_await((store), &a_);                                                                             \
	})

#endif
