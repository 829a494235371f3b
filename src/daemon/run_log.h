/* SPDX-License-Identifier: Apache-2.0 */
/* run_log.h - the lines a run leaves in the log. Threads: the loop's. */
#ifndef RTALP_DAEMON_RUN_LOG_H
#define RTALP_DAEMON_RUN_LOG_H

#include "app/run.h"
#include "proto/message.h"

void run_log_started(const struct job_row *job);
void run_log_pruned(const struct job_row *job, int64_t days);
void run_log_day(const struct job_row *job, const struct run_fetched *fetched);
void run_log_ended(const struct run_end *end, int64_t duration_ms);
void run_log_stale(const struct job_row *job);
/* If the signal is that of a system call that the process must not make. */
void run_log_denied(const char *process, int32_t pid, int term_signal);
void run_log_confinement(const struct msg_worker_ready *ready);

#endif
