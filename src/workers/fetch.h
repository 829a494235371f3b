/* SPDX-License-Identifier: Apache-2.0 */
/* fetch.h - the fetch worker's conversation: one job comes in with the user's key, its days go out newest first, then it is done or says
 * why not. What was sent stays sent: a failure on one day leaves the days before it good.
 *
 * Processes: a confined worker. Returns an enum worker_exit.
 */
#ifndef RTALP_WORKERS_FETCH_H
#define RTALP_WORKERS_FETCH_H

#include "workers/warm.h"

int fetch_main(int channel, const struct warm *warm);

#endif
