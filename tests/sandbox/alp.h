/* SPDX-License-Identifier: Apache-2.0 */
/* alp.h - /alp/...: a practice-management system with matters, outcomes, components, users, GST types and time entries, as good or as bad at it
 * as its configuration and the faults say. */
#ifndef SANDBOX_ALP_H
#define SANDBOX_ALP_H

#include "exchange.h"
#include "options.h"

#define ALP_PREFIX "/alp/"

struct alp;

struct alp *alp_new(const struct options *options);
struct alp *alp_free(struct alp *alp);

/* As it was made: no entries, no log, the configuration of the command line. */
void alp_reset(struct alp *alp, const struct options *options);

/* `path` is what follows the prefix. Takes the exchange over. */
void alp_answer(struct exchange *x, const char *path);

#endif
