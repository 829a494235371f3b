/* SPDX-License-Identifier: Apache-2.0 */
/* job_log.h - the lines about jobs that no run tells of: one was asked for, one was called off. Read from the events that were committed, so
 * that a line says what is so, whichever way it came about. Threads: the loop's.
 */
#ifndef RTALP_DAEMON_JOB_LOG_H
#define RTALP_DAEMON_JOB_LOG_H

struct app;

/* From now on, until the app is freed. */
void job_log_begin(struct app *app);

#endif
