/* SPDX-License-Identifier: Apache-2.0 */
/* analytic.h - /anapi/data: who asks, for what, and what they get. */
#ifndef SANDBOX_ANALYTIC_H
#define SANDBOX_ANALYTIC_H

#include "exchange.h"

/* Answers a GET, or a POST with a form as body. Takes the exchange over. */
void analytic_answer(struct exchange *x);

#endif
