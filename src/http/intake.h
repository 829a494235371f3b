/* SPDX-License-Identifier: Apache-2.0 */
/* intake.h - everything that is checked between a complete request and its handler. Threads: the loop's. */
#ifndef RTALP_HTTP_INTAKE_H
#define RTALP_HTTP_INTAKE_H

#include "http/head.h"

struct http_request;

/* Fills r->route, params, query, body and wait_s. True: the handler may run; false: the request was answered. */
bool intake(struct http_request *r, const struct head *head);

/* Is that Content-Type JSON in UTF-8? `merge_patch` allows application/merge-patch+json too. */
bool media_is_json(struct str type, bool merge_patch);
/* Of the Prefer headers: the seconds of the first wait=N, 0..30; WAIT_NOT_ASKED if there is none that can be honoured. */
int64_t prefer_wait(const struct head *head);

#endif
