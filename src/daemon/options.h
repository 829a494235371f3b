/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - rtalpd's command line. */
#ifndef RTALP_DAEMON_OPTIONS_H
#define RTALP_DAEMON_OPTIONS_H

#include <stdio.h>

#include "base/macro.h"

enum options_action {
	OPTIONS_RUN,
	OPTIONS_CHECK_STORE, /* the next two in offline.h */
	OPTIONS_RESTORE,
	OPTIONS_CHECK_CONFIG, /* exit 0, or EX_CONFIG (78) with every error on standard error */
	OPTIONS_PRINT_CONFIG,
	OPTIONS_VERSION,
	OPTIONS_HELP
};

struct options {
	enum options_action action;
	const char *config_path; /* borrowed from argv or a literal, as the next */
	const char *file; /* of OPTIONS_RESTORE: the backup; of OPTIONS_CHECK_STORE: what to check, NULL: the store */
};

/* -EINVAL: what is wrong and how to ask for help stand on standard error; exit with EX_USAGE (64). */
int options_parse(int argc, char **argv, struct options *ret_options) _must_check_;
void options_print_help(FILE *out);

#endif
