/* SPDX-License-Identifier: Apache-2.0 */
/* tell.h - what the daemon's parts count for /metrics (base/metrics.def), where that takes more than a line. Threads: the loop's. */
#ifndef RTALP_DAEMON_TELL_H
#define RTALP_DAEMON_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include "app/webhook.h"
#include "daemon/delivery.h"
#include "proto/message.h"

/* RescueTime gave a worker a day, or not: `code` is the worker's. What is not RescueTime's doing is not counted. */
void count_fetched_day(uint32_t took_ms);
void count_fetch_failure(const char *code);

/* A worker is gone. exited NULL: with its spawner. done: it had nothing more to say. */
void count_worker(enum worker_role role, const struct msg_exited *exited, bool done, int64_t lived_ms);
void count_delivery_worker(enum delivery_death death, bool done, int64_t lived_ms);
void count_delivery(const struct delivery_end *end);

/* Brings the gauges of the daemon's parts up to date. */
struct daemon;
void daemon_tell(const struct daemon *d);

#endif
