/* SPDX-License-Identifier: Apache-2.0 */
/* wiping_alloc.h - the allocator of rtalpd (wiping_alloc.c). There is nothing to call for it to hold.
 *
 * wiping_alloc_start() lets alloc_plain() (base/alloc.h) name what is behind it. Before there is a second thread.
 */
#ifndef RTALP_DAEMON_WIPING_ALLOC_H
#define RTALP_DAEMON_WIPING_ALLOC_H

void wiping_alloc_start(void);

#endif
