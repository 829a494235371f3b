/* SPDX-License-Identifier: Apache-2.0 */
/* look.h - who runs the machine and looks at entries over its Unix socket leaves a row in the audit, before anything is shown.
 *
 * Threads: the loop's.
 */
#ifndef RTALP_HTTP_LOOK_H
#define RTALP_HTTP_LOOK_H

struct http_request;

/* Writes the row, then lets the route handle the request. */
void look_first(struct http_request *r);

#endif
