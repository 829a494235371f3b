/* SPDX-License-Identifier: Apache-2.0 */
/* sample.h - numbers of the whole store for who watches it, inside a transaction. None of them is of a user. Threads: the store's. */
#ifndef RTALP_STORE_SAMPLE_H
#define RTALP_STORE_SAMPLE_H

#include "store/posting.h"
#include "store/store.h"

#define SAMPLE_POSTING_STATES (POSTING_GONE + 1)

struct store_sample {
	int64_t confirmed_from_ms;   /* in: every entry that was confirmed before is known to be in ALP */
	/* out */
	int64_t postings[SAMPLE_POSTING_STATES]; /* by enum posting_state */
	int64_t oldest_unposted_ms;  /* when the first confirmed entry that is not in ALP was confirmed; 0: all are there */
	int64_t drift_more, drift_less; /* seconds */
	int64_t messages;            /* to webhooks, pending */
	int64_t oldest_message_ms;   /* when the first of them was made; 0: there is none */
};
int txn_sample(struct txn *txn, struct store_sample *sample);

#endif
