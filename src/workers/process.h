/* SPDX-License-Identifier: Apache-2.0 */
/* process.h - the process worker's conversation: each day's rows come in, the rules' verdicts go out, until the master says end.
 *
 * Processes: a confined worker. Returns an enum worker_exit.
 */
#ifndef RTALP_WORKERS_PROCESS_H
#define RTALP_WORKERS_PROCESS_H

#include "workers/warm.h"

int process_main(int channel, const struct warm *warm);

#endif
