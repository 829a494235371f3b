/* SPDX-License-Identifier: Apache-2.0 */
/* spawner.h - the process that forks workers.
 *
 * rtalpd starts itself again as `rtalpd --role=spawner` with standard input, output and error and, as descriptor 3, its end of a
 * message_pair() (proto/message.h); main() calls spawner_main() before anything else and exits with what it returns. The master
 *
 *     sends spawner_init        and waits for spawner_ready (25 ms with the system's bundle of roots, about 10 without TLS)
 *     sends spawner_keeper      with one end of a pair to the keeper (keeper.h), before a worker that is to get a secret
 *     sends spawn               with one end of a message_pair() for the worker; keeps the other, and closes its copy of the sent one
 *     gets spawned{pid}         or spawned{-errno}, and then nothing more is said of that worker
 *     gets exited               once for each spawned one, after its death, whatever the reason
 *     sends kill_worker         for a worker that may also just have ended: then it is ignored
 *     sends ping                and gets pong; every answer comes in the order of what was asked
 *     closes the channel        all workers are killed and the spawner exits with 0
 *
 * The worker says worker_ready on its own channel when it is confined; nothing of a job may be sent before that. A worker that gets
 * end-of-file instead of a job exits with 0.
 *
 * It has one thread, knows no database and no key, and after its start opens no file: that is why it may fork without exec. When it
 * dies, all its workers die with it (PDEATHSIG), and it dies with the thread that started it: start it from the master's main thread.
 *
 * Errors: a set-up that fails, or a master that breaks the protocol, writes one line to standard error and gives a nonzero status.
 */
#ifndef RTALP_WORKERS_SPAWNER_H
#define RTALP_WORKERS_SPAWNER_H

#include "base/macro.h"
#include "workers/settle.h"

#define SPAWNER_ARGUMENT    "--role=spawner"
#define SPAWNER_CONTROL_FD  ROLE_CONTROL_FD
#define SPAWNER_WORKERS_MAX 1024 /* more at once are refused with spawned{-EAGAIN} */

int spawner_main(int control_fd) _must_check_;

#endif
