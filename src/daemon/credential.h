/* SPDX-License-Identifier: Apache-2.0 */
/* credential.h - the keys that the operator gives and the master itself uses; from the service manager or from a file (base/secret_file.h). */
#ifndef RTALP_DAEMON_CREDENTIAL_H
#define RTALP_DAEMON_CREDENTIAL_H

#include "base/secret.h"
#include "daemon/config.h"

/* The systemd credentials' names. */
#define CREDENTIAL_ALP_KEY        "alp-key"

/* The secrets that ALP's notifications are signed with, as they stand in sync.events_secret_file or the credential; "" if there are none. */
#define CREDENTIAL_ALP_EVENTS "alp-events-secret"
#define CREDENTIAL_EVENTS_MAX ((size_t)1024)
int credential_load_alp_events(const struct config *config, char ret_text[CREDENTIAL_EVENTS_MAX]) _must_check_;
/* alp.key_file or the credential; NULL if neither was given, or without alp.url. Call secret_setup() before. */
int credential_load_alp(const struct config *config, struct secret **ret_secret) _must_check_;
/* http.tls_key_file or the credential, PEM as it stands there; "" if there is none. */
#define CREDENTIAL_TLS_KEY     "tls-key"
#define CREDENTIAL_TLS_KEY_MAX ((size_t)32 * 1024)
int credential_load_tls_key(const struct config *config, char ret_text[CREDENTIAL_TLS_KEY_MAX]) _must_check_;

#endif
