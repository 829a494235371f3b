/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that tends the log: it moves what was committed into the database while the writer goes on. With a connection of its own, so that
 * no request waits for it: moving 8 MB takes as long as a hundred commits. */
#include "store/engine.h"

void
log_move(struct store *s, struct txn *txn, int mode)
{
	int rc = sqlite3_wal_checkpoint_v2(txn->db, NULL, mode, NULL, NULL);

	atomic_fetch_add(&s->checkpoints, 1);
	/* Busy: a reader holds old pages. Full: the log keeps everything until there is room. Neither loses anything. */
	if (health_of(rc) == STORE_FAILED)
		store_note(s, STORE_FAILED);
}

static bool
tender_wait(struct store *s)
{
	bool wanted;

	pthread_mutex_lock(&s->lock);
	while (!s->tend_wanted && !s->stopping)
		pthread_cond_wait(&s->tend, &s->lock);
	wanted = !s->stopping;
	s->tend_wanted = false;
	pthread_mutex_unlock(&s->lock);
	return wanted;
}

void *
tender_main(void *arg)
{
	struct store *s = arg;

	pthread_setname_np(pthread_self(), "store-tender");
	while (tender_wait(s))
		if (store_health(s) != STORE_FAILED)
			log_move(s, &s->tender, SQLITE_CHECKPOINT_PASSIVE);
	return NULL;
}
