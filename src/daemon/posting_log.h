/* SPDX-License-Identifier: Apache-2.0 */
/* posting_log.h - what became of a posting, in the journal: who and which, never what. Threads: the loop's. */
#ifndef RTALP_DAEMON_POSTING_LOG_H
#define RTALP_DAEMON_POSTING_LOG_H

#include "store/posting.h"

void posting_log(const struct posting_row *posting);
void posting_log_all(const struct posting_list *list);

#endif
