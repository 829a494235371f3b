/* SPDX-License-Identifier: Apache-2.0 */
/* control.h - /_sandbox/...: tests set faults, define days, move the clock and look at what was asked.
 *
 * Parameters come in the query string or as a form body; answers are plain text, one fact a line, fields tab-separated.
 */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "exchange.h"

#define CONTROL_PREFIX "/_sandbox/"

/* `name` is what follows the prefix. Takes the exchange over. */
void control_answer(struct exchange *x, const char *name);

#endif
