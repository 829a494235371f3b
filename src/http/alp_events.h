/* SPDX-License-Identifier: Apache-2.0 */
/* alp_events.h - how ALP's notifications are known to be ALP's, and where in them is what to look at. A plain value; wipe the secrets in the end.
 * Threads: any. */
#ifndef RTALP_HTTP_ALP_EVENTS_H
#define RTALP_HTTP_ALP_EVENTS_H

#include "base/webhook_sign.h"

#define ALP_EVENT_SECRETS_MAX 8
#define ALP_EVENT_NAMES_MAX   8
#define ALP_EVENT_NAME_MAX    64

enum alp_event_part { ALP_EVENT_ID, ALP_EVENT_USER, ALP_EVENT_DATE, ALP_EVENT_PARTS };

struct alp_events {
	struct webhook_secret secrets[ALP_EVENT_SECRETS_MAX]; /* any of them may have signed */
	size_t secret_count;
	char names[ALP_EVENT_PARTS][ALP_EVENT_NAMES_MAX][ALP_EVENT_NAME_MAX]; /* of members; "" ends them */
};

#endif
