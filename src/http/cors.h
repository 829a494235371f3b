/* SPDX-License-Identifier: Apache-2.0 */
/* cors.h - pages of other origins that may use the API: those in http.allowed_origins, and no others.
 *
 * A browser keeps an answer from a page unless the answer names the page's origin; before a request that a form could not send it asks
 * first (a preflight), without any credentials. Credentials of the browser's own (cookies) are never allowed: callers show a token or none.
 * Threads: the loop's.
 */
#ifndef RTALP_HTTP_CORS_H
#define RTALP_HTTP_CORS_H

#include <stdbool.h>

#include "http/head.h"

struct http_request;

/* Adds to any answer, a refusal too, what a browser wants to see. */
void cors_tell(struct http_request *r, const struct head *head);
/* False: it was a preflight of a listed page, and is answered. `allowed`: the methods that the path knows. */
bool cors_admit(struct http_request *r, const struct head *head, unsigned allowed);

#endif
