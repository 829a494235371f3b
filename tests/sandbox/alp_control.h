/* SPDX-License-Identifier: Apache-2.0 */
/* alp_control.h - what tests ask of ALP behind its back. README.md has the requests. */
#ifndef SANDBOX_ALP_CONTROL_H
#define SANDBOX_ALP_CONTROL_H

struct order;

void alp_control_get(struct order *o);      /* its configuration */
void alp_control_put(struct order *o);
void alp_entries_get(struct order *o);      /* the truth */
void alp_entries_delete(struct order *o);
void alp_entry_put(struct order *o);        /* somebody changes one in ALP */
void alp_entry_post(struct order *o);       /* somebody makes one in ALP */
void alp_log_get(struct order *o);

#endif
