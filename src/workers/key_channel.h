/* SPDX-License-Identifier: Apache-2.0 */
/* key_channel.h - where a worker gets its secret: from the keeper, over a socket of its own (WORKER_KEY_FD), once. Processes: a worker. */
#ifndef RTALP_WORKERS_KEY_CHANNEL_H
#define RTALP_WORKERS_KEY_CHANNEL_H

#include "base/macro.h"
#include "base/secret.h"

/* Waits for it, and closes the socket. *ret_before is NULL if there is no other one. 1: it came; 0: the master hung up (`channel`); -ENOKEY: the keeper
 * is gone, or gave none, or not in time; -EBADMSG: what came is no secret. */
int key_channel_receive(int channel, struct secret **ret_secret, struct secret **ret_before) _must_check_;

#endif
