/* SPDX-License-Identifier: Apache-2.0 */
/* once.h - a verb that happens once, however often it is asked for (Idempotency-Key).
 *
 * Who calls a verb with a struct once in it gets it looked up in the verb's own transaction. Never seen: the verb runs, its answer is
 * rendered, and both are committed together or not at all. Seen: the verb does not run, r is -EEXIST and `outcome` says what of it.
 * A verb that fails had no effect and leaves nothing behind: it may be asked again with the same key. And what was seen but lost since (a user's
 * key, with the daemon that held it) may come again: `again` sees to that, and the answer is of now then.
 *
 * Ownership: the struct must stay until the verb is done, like the verb; once_release() accepts a zeroed one and may be called twice.
 * Threads: `render` runs on a store thread and looks at nothing but the verb; the rest is the loop's.
 */
#ifndef RTALP_APP_ONCE_H
#define RTALP_APP_ONCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/once.h"

#define ONCE_HEAD_MAX ((size_t)4096)
#define ONCE_BODY_MAX ((size_t)1024 * 1024)

/* An answer of 2xx as bytes. */
struct once_answer {
	int status;
	struct buf head; /* "Name: value\n" lines */
	struct buf body;
};
#define ONCE_ANSWER_INIT ((struct once_answer){.head = BUF_INIT(ONCE_HEAD_MAX), .body = BUF_INIT(ONCE_BODY_MAX)})
static inline void
once_answer_release(struct once_answer *a)
{
	buf_release(&a->head);
	buf_release(&a->body);
}

/* Fills an answer from a verb's "out" half, and from nothing else. */
typedef void (*render_fn)(const void *verb, struct once_answer *ret);

enum once_outcome {
	ONCE_OPEN,         /* not known yet, or the verb failed, or it ran again */
	ONCE_RAN,          /* it ran; `answer` is what was kept, if the commit succeeds */
	ONCE_SEEN,         /* the same was asked before; `answer` is the answer it got */
	ONCE_SEEN_OTHER,   /* something else was asked before under this key */
	ONCE_SEEN_SECRET,  /* the same was asked before, and its answer is not told twice */
};

struct op;
struct txn;

struct once {
	/* in */
	int64_t caller;
	char key[ONCE_KEY_MAX + 1];
	unsigned char asked[FINGERPRINT_BYTES];
	bool secret;                       /* the answer holds one: its body is not kept */
	render_fn render;
	void (*settled)(struct once *o);   /* on the loop, before the verb's `done`; NULL: nothing */
	/* The verb's own. 1: it was needed again, and done; 0: it is as it was then. NULL: it always is. */
	int (*again)(struct txn *txn, struct op *op, int64_t job_id);
	int64_t job_id;                    /* that was asked for; 0: none */
	/* out */
	enum once_outcome outcome;
	struct once_answer answer;
};
static inline void
once_release(struct once *o)
{
	once_answer_release(&o->answer);
}

#endif
