/* SPDX-License-Identifier: Apache-2.0 */
/* credential.h - the keys that the operator gives: the single user's for RescueTime, and the one for ALP; from the service manager or from a file. */
#ifndef RTALP_DAEMON_CREDENTIAL_H
#define RTALP_DAEMON_CREDENTIAL_H

#include "base/secret.h"
#include "daemon/config.h"

/* The systemd credentials' names. */
#define CREDENTIAL_RESCUETIME_KEY "rescuetime-key"
#define CREDENTIAL_ALP_KEY        "alp-key"
#define CREDENTIAL_WEBHOOK_KEY    "webhook-key"

/* *ret_secret is the key, or NULL if single-user mode is off or no key was given at all. single_user.key_file, when set, must be a file of
 * ours that nobody else may read: -EPERM. A credential is as the service manager made it. -EINVAL: not the bytes of a key; -EFBIG: too long.
 * Call secret_setup() before. */
int credential_load(const struct config *config, struct secret **ret_secret) _must_check_;
/* The secrets that ALP's notifications are signed with, as they stand in sync.events_secret_file or the credential; "" if there are none. As above. */
#define CREDENTIAL_ALP_EVENTS "alp-events-secret"
#define CREDENTIAL_EVENTS_MAX ((size_t)1024)
int credential_load_alp_events(const struct config *config, char ret_text[CREDENTIAL_EVENTS_MAX]) _must_check_;
/* Likewise alp.key_file and the key for ALP; NULL without alp.url. */
int credential_load_alp(const struct config *config, struct secret **ret_secret) _must_check_;
/* http.tls_key_file or the credential, PEM as it stands there; "" if there is none. */
#define CREDENTIAL_TLS_KEY     "tls-key"
#define CREDENTIAL_TLS_KEY_MAX ((size_t)32 * 1024)
int credential_load_tls_key(const struct config *config, char ret_text[CREDENTIAL_TLS_KEY_MAX]) _must_check_;
/* The key that seals the secrets of webhooks: webhooks.key_file, the credential, or the file beside the database, which is made if it is not there. */
int credential_load_webhook(const struct config *config, struct secret **ret_secret) _must_check_;

#endif
