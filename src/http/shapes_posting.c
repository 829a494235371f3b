/* SPDX-License-Identifier: Apache-2.0 */
/* What answers about postings hold. */
#include "http/shape.h"


const char *const posting_state_choices[] = {"", "ready", "sending", "unknown", "posted", "rejected", "needs_person", "cancelled", "gone", NULL};
const char *const posting_alp_state_choices[] = {"", "open", "changed", "invoiced", "written_off", "deleted", NULL};
