/* SPDX-License-Identifier: Apache-2.0 */
/* title.h - what ps(1) shows for a process of ours. Only for a process started in a role and those forked from it; elsewhere
 * it does nothing. Threads: one. */
#ifndef RTALP_WORKERS_TITLE_H
#define RTALP_WORKERS_TITLE_H

#include "base/macro.h"

void title_set(const char *format, ...) _printf_(1, 2);

#endif
