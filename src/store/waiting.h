/* SPDX-License-Identifier: Apache-2.0 */
/* waiting.h - the queued jobs, as the thread that writes keeps them in memory: in the order in which each user's jobs of a kind are
 * served, and by what they wish.
 *
 * Users take turns, so an index in the database that says which job of a user is next has another page changed by every single claim, and
 * one more by every job that is queued. Here it costs no page. The table `jobs` alone is the truth: this is read from it when the store is
 * opened and changes with it; what is undone there is undone here (mark, undo), and what cannot be is forgotten and read again.
 *
 * About 22 bytes a job and 17 more for one that may be coalesced, besides some 150 for each user and kind; nothing when
 * nothing waits. Reading a million from the table takes about a second. A job in front, or behind all others of its user, kind and priority, is
 * added and removed in a time that does not depend on how many wait; one in the middle moves its neighbours.
 *
 * Pure memory: no engine, no clock. Threads: one at a time.
 */
#ifndef RTALP_STORE_WAITING_H
#define RTALP_STORE_WAITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct waiting;

struct waiting_job {
	int64_t alp_user_id, job_id, run_at_ms;
	int16_t kind, priority;
	uint32_t wish; /* jobs that wish the same have the same; 0: it is never coalesced */
};

struct waiting *waiting_new(void);
struct waiting *waiting_free(struct waiting *w);

/* Nothing is known until waiting_loaded() is said; what is added before cannot be undone. */
bool waiting_is_loaded(const struct waiting *w);
void waiting_loaded(struct waiting *w);
/* The table was changed past this. Not loaded any more, and not to be undone in this transaction: that forgets again. */
void waiting_forget(struct waiting *w);

void waiting_add(struct waiting *w, const struct waiting_job *job);
void waiting_remove(struct waiting *w, const struct waiting_job *job); /* exactly as it was added */
bool waiting_has(const struct waiting *w, const struct waiting_job *job);
size_t waiting_count(const struct waiting *w);

/* The earliest job (run_at_ms, job_id) of the highest priority that is at most `priority`. False: there is none. */
bool waiting_front(const struct waiting *w, int64_t alp_user_id, int32_t kind, int32_t priority, struct waiting_job *ret_job);
/* The jobs that may wish the same, in no order: *walk begins as BAG_WALK (bag.h). 0: no more. */
int64_t waiting_same(const struct waiting *w, uint32_t wish, size_t *walk);

/* Where the transaction stands; back to the last mark, which costs nothing if nothing was moved since; back to its beginning; it committed. */
size_t waiting_mark(struct waiting *w);
void waiting_undo(struct waiting *w, size_t mark);
void waiting_lost(struct waiting *w);
void waiting_settle(struct waiting *w);

#endif
