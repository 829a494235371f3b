/* SPDX-License-Identifier: Apache-2.0 */
/* deliver.h - the delivering worker's conversation: one message to a webhook comes in, and its secret from the keeper; it is signed and sent
 * once, and what was answered goes back.
 *
 * It knows no other secret, no other message and no file, and forgets the secret before it sends. Where a connection goes is judged by its address, right before it is made: a name that leads
 * elsewhere at the second look is no way inside. Redirects and proxies are never followed; of the answer only the head counts.
 *
 * Processes: a confined worker. Returns an enum worker_exit.
 */
#ifndef RTALP_WORKERS_DELIVER_H
#define RTALP_WORKERS_DELIVER_H

#include "workers/warm.h"

int deliver_main(int channel, const struct warm *warm);

#endif
