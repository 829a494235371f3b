/* SPDX-License-Identifier: Apache-2.0 */
/* follow.h - waiting for a job's end, with its progress on standard error. */
#ifndef RTALP_CTL_FOLLOW_H
#define RTALP_CTL_FOLLOW_H

#include <stdint.h>

#include "ctl/ctl.h"

/* The job once it is over, as GET /api/jobs/{id} gives it. EXIT_STATUS_LATER if it is not over within --timeout; it goes on then. */
int follow_job(struct ctl *ctl, int64_t job_id, struct answer *ret_end);

#endif
