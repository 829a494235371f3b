/* SPDX-License-Identifier: Apache-2.0 */
/* credential.h - the single user's RescueTime key, from the service manager or from a file. */
#ifndef RTALP_DAEMON_CREDENTIAL_H
#define RTALP_DAEMON_CREDENTIAL_H

#include "base/secret.h"
#include "daemon/config.h"

/* The systemd credential's name. */
#define CREDENTIAL_RESCUETIME_KEY "rescuetime-key"

/* *ret_secret is the key, or NULL if single-user mode is off or no key was given at all. single_user.key_file, when set, must be a file of
 * ours that nobody else may read: -EPERM. A credential is as the service manager made it. -EINVAL: not the bytes of a key; -EFBIG: too long.
 * Call secret_setup() before. */
int credential_load(const struct config *config, struct secret **ret_secret) _must_check_;

#endif
