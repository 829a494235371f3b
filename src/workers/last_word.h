/* SPDX-License-Identifier: Apache-2.0 */
/* last_word.h - why a job could not be done, and how a worker says so before it leaves.
 *
 * Ownership: a failure borrows its code, a string constant. Pure except last_word().
 */
#ifndef RTALP_WORKERS_LAST_WORD_H
#define RTALP_WORKERS_LAST_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/day.h"
#include "base/macro.h"

#define NO_DAY ((day_t)-1)

/* The keeper gave none: not the job's fault. */
#define LAST_WORD_NO_KEY "key_not_given"

struct failure {
	bool permanent;          /* trying again cannot help */
	uint32_t retry_after_ms; /* what the upstream asked for; 0: nothing */
	const char *code;        /* stable, for programs */
	char detail[200];        /* for people; neither key nor title nor address may stand in it */
};

void failure_say(struct failure *f, const char *format, ...) _printf_(2, 3);

/* Sends worker_fail, then waits (a second at most) until the master has hung up: a socket that closes with messages unread makes the
 * kernel answer the master's next read with an error instead of these last words. Returns the exit status. */
int last_word(int channel, day_t day, const struct failure *f);

#endif
