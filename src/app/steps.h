/* SPDX-License-Identifier: Apache-2.0 */
/* steps.h - reads back what the rules wrote beside a row (rules/trail.h): which rules fired, and of which 5-minute times its seconds are.
 *
 * A worker wrote it and it came out of a store, so nothing in it is trusted: a word that cannot have been written is left out, as is what
 * passes the bounds, and what was read is said not to be complete then.
 *
 * Ownership: the *_release() accept zeroed ones. Pure; any thread.
 */
#ifndef RTALP_APP_STEPS_H
#define RTALP_APP_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "rules/rule_places.h"

#define STEPS_MAX     64
#define STEP_CODE_MAX 256 /* bytes */
#define TIMES_MAX     312 /* the 5-minute buckets of 26 hours */

enum step_what {
	STEP_FIRED = 1, /* changed the title, ended its stage or dropped it */
	STEP_FOUND,     /* a code */
	STEP_REFUSED,   /* what looked like a code */
	STEP_UNLISTED,  /* a code that the list of matters does not have; no rule */
	STEP_LIMIT      /* a rule that the title was too much for: it did nothing */
};

struct step {
	enum step_what what;
	char rule[RULE_ID_SIZE]; /* empty with STEP_UNLISTED */
	char *code;              /* NULL: none */
};

struct steps {
	struct step *rows;
	size_t count;
	bool complete;
};
void steps_read(struct str trail, struct steps *ret_steps);
void steps_release(struct steps *steps);

struct step_time {
	int32_t minute; /* since local midnight; past 24:00 it goes on */
	int32_t seconds;
};

struct step_times {
	struct step_time *rows;
	size_t count;
	int64_t seconds; /* of all of them */
	bool complete;
};
void step_times_read(struct str times, struct step_times *ret_times);
void step_times_release(struct step_times *times);

#endif
