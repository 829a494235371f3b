/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "store/engine.h"

static struct task *
reader_wait(struct store *s)
{
	struct task *t;

	pthread_mutex_lock(&s->lock);
	while (s->to_read.head == NULL && !s->stopping)
		pthread_cond_wait(&s->to_read_grew, &s->lock);
	t = queue_take(&s->to_read, 1);
	pthread_mutex_unlock(&s->lock);
	return t;
}

static int
read_one(struct txn *txn, const struct task *t)
{
	int rc, r;

	txn->failure = SQLITE_OK;
	rc = txn_do(txn, ST_BEGIN_READ);
	if (rc != SQLITE_OK)
		return txn_error(txn, rc);
	r = t->run(txn, t->arg);
	ledger_forget(txn);
	/* There is nothing to keep: the end only lets the snapshot go. */
	rc = txn_do(txn, ST_ROLLBACK);
	return r < 0 ? r : txn_error(txn, rc);
}

static void
run_task(struct reader *reader, struct task *t)
{
	struct store *s = reader->store;

	atomic_fetch_add(&s->reads, 1);
	if (store_health(s) == STORE_FAILED) {
		t->r = -EIO;
		return;
	}
	t->r = read_one(&reader->txn, t);
	if (health_of(reader->txn.failure) == STORE_FAILED) {
		store_note(s, STORE_FAILED);
		t->r = -EIO;
	}
}

void *
reader_main(void *arg)
{
	struct reader *reader = arg;
	struct task *t;

	pthread_setname_np(pthread_self(), "store-reader");
	while ((t = reader_wait(reader->store)) != NULL) {
		run_task(reader, t);
		store_finished(reader->store, t);
	}
	return NULL;
}
