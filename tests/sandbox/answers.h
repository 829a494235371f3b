/* SPDX-License-Identifier: Apache-2.0 */
/* answers.h - answers that are not data: error envelopes, and whatever a fault puts in data's place. */
#ifndef SANDBOX_ANSWERS_H
#define SANDBOX_ANSWERS_H

#include <stdbool.h>

#include "exchange.h"
#include "faults.h"

/* Fill in the reply; the caller sends. Envelopes are gzipped for clients that take it, as recorded. */
void answer_bad_key(struct exchange *x, int status);
void answer_query_error(struct exchange *x, int status);

/* Fills in the reply if an ANSWER fault is among the hits; false if the truth may be told. */
bool answer_by_fault(struct exchange *x, const struct hits *hits);

/* True if the client of this exchange takes gzip. */
bool client_takes_gzip(const struct exchange *x);

/* The ways of sending that WIRE faults ask for; call when the body is there. */
void apply_wire_faults(struct exchange *x, const struct hits *hits);

#endif
