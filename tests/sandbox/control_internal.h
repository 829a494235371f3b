/* SPDX-License-Identifier: Apache-2.0 */
/* control_internal.h - one control request: what was asked, and the text that will answer it. */
#ifndef SANDBOX_CONTROL_INTERNAL_H
#define SANDBOX_CONTROL_INTERNAL_H

#include "exchange.h"
#include "params.h"

struct order {
	struct exchange *x;
	struct sandbox *sb;
	struct params params;
	struct buf out;
	int status;
};

/* `why` is all there is of the answer. */
void control_refuse(struct order *o, int status, const char *why);

#endif
