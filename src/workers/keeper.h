/* SPDX-License-Identifier: Apache-2.0 */
/* keeper.h - the process that holds the private keys: the only one that can read a user's key, or a webhook's secret, that is stored.
 *
 * rtalpd starts itself again as `rtalpd --role=keeper`, as it does with the spawner (spawner.h). The master
 *
 *     sends keeper_init      and waits for keeper_ready (or keeper_failed, with the reason): by then the keys are read and the keeper is confined
 *     sends keeper_spawner   with one end of a pair whose other end a spawner gets: from there the keeper hears which workers are made, and for whom
 *     sends give             with a box. If the worker was told of by a spawner, is of the role that the box is for and of whose box it is, the secret
 *                            is written into the worker's own socket, which is closed then; given says what came of it
 *     sends reseal           a box, and gets the same secret sealed to the newest key
 *     sends keeper_ping      and gets keeper_pong
 *     closes the channel     and the keeper exits with 0
 *
 * On a channel of a spawner's, only one and the same process is heard, by what the kernel says of who sent, and never the keeper's parent: a master cannot
 * put itself in a worker's place.
 *
 * No answer carries a secret: the only way out is the socket of a worker that a spawner made for its owner, once.
 *
 * It has one thread, opens no file after its start, and knows no network; it is not dumpable and makes no process. What it may ask of the kernel
 * is to wait, to receive and to send (SC_KEEPER in seccomp_filter.c). It is kept small enough to be read in one go: keep it so.
 *
 * Errors: a master or spawner that breaks the protocol ends the process (status 1), or that spawner's channel.
 */
#ifndef RTALP_WORKERS_KEEPER_H
#define RTALP_WORKERS_KEEPER_H

#include "base/macro.h"
#include "workers/settle.h"

#define KEEPER_ARGUMENT "--role=keeper"

_noreturn_ void keeper_main(int control_fd);

#endif
