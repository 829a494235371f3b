/* SPDX-License-Identifier: Apache-2.0 */
/* learn.h - what is to be remembered of a confirmation, for later suggestions to the same person.
 *
 * Threads: the store's.
 */
#ifndef RTALP_APP_LEARN_H
#define RTALP_APP_LEARN_H

#include "store/activity.h"
#include "store/store.h"

struct confirmed_work {
	int64_t alp_user_id;
	int64_t entry_id;
	const char *application, *task; /* as the person confirmed them */
	const char *matter;             /* NULL: none */
	const struct activity_row *const *rows; /* what it was made of; none left of a day that was pruned */
	size_t count;
};

/* In the transaction that confirms, once it is sure to. */
int txn_learn(struct txn *txn, const struct confirmed_work *work);

#endif
