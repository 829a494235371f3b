/* SPDX-License-Identifier: Apache-2.0 */
/* proof.h - the units that we posted of a user's day against the units that ALP holds of them, and why they differ.
 *
 * ALP holds of us what stands under an id that a posting adopted, or bears the reference of one. Deleted entries hold nothing.
 * Pure. Ownership: proof_day_release(). Threads: any.
 */
#ifndef RTALP_APP_PROOF_H
#define RTALP_APP_PROOF_H

#include "alp/alp_entry.h"
#include "store/alp_proof.h"
#include "store/posting.h"

struct proof_input {
	const struct posting_list *postings; /* of the user: of more days than the one, as far as the listing goes, in any state */
	const struct alp_entries *listed;    /* complete */
	bool in_notes;
	bool doubtful;     /* postings of the day may have been lost with the store before this one */
	int64_t asked_ms;                    /* when the listing was begun: what was posted since is not judged */
};

/* Of that day: who, when and the words of the row are the caller's to fill in. */
void proof_of_day(const struct proof_input *in, day_t day, struct alp_proof_row *ret_row);

#endif
