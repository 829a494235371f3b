/* SPDX-License-Identifier: Apache-2.0 */
/* baggage.h - libraries that a worker has no use for, and does not get.
 *
 * The distribution's libcurl speaks a dozen protocols, and the program is also the master: of fifty shared libraries a worker needs
 * twenty. The rest costs each fork and each exit a fifth of a millisecond for its mappings alone, and is code that somebody who took a
 * worker over could use. So the spawner marks those mappings to be left out of every child.
 *
 * Only when every symbol was bound at the start (LD_BIND_NOW): looking a symbol up later would walk through the missing libraries.
 * Processes: the spawner, before its first fork.
 */
#ifndef RTALP_WORKERS_BAGGAGE_H
#define RTALP_WORKERS_BAGGAGE_H

#include <stdbool.h>

/* `bound_now`: the environment the process was started with said LD_BIND_NOW. Does nothing otherwise; a failure costs only time. */
void baggage_leave_behind(bool bound_now);

#endif
