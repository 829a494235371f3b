/* SPDX-License-Identifier: Apache-2.0 */
/* daemon.h - the master process: every part, started in order and stopped in reverse.
 *
 * Threads: the main one.
 */
#ifndef RTALP_DAEMON_DAEMON_H
#define RTALP_DAEMON_DAEMON_H

#include "daemon/config.h"
#include "daemon/rules_source.h"

/* Serves until it is told to stop; returns the exit status (sysexits.h). takes over what it is given. `config_path` and the rules file that it
 * names are read again on SIGHUP. */
int daemon_run(struct config *config, const char *config_path, struct rules_source *rules);

#endif
