/* SPDX-License-Identifier: Apache-2.0 */
/* spoil.h - faults in the table of an answer: headers and rows that are not what was promised. */
#ifndef SANDBOX_SPOIL_H
#define SANDBOX_SPOIL_H

#include "faults.h"
#include "table.h"

/* Applies every ROWS fault among the hits. Parameters of the faults are borrowed by the table. */
void spoil_table(struct table *t, const struct hits *hits);

#endif
