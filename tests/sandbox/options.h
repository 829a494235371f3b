/* SPDX-License-Identifier: Apache-2.0 */
/* options.h - the command line. Texts are borrowed from argv. */
#ifndef SANDBOX_OPTIONS_H
#define SANDBOX_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "alp_config.h"
#include "render.h"

#define OPTIONS_FAULTS_MAX 32

enum long_range {
	LONG_RANGE_EMPTY,
	LONG_RANGE_ERROR,
	LONG_RANGE_SERVE,
};

struct options {
	const char *listen, *cert, *key, *make_cert, *zone, *now;
	const char *faults[OPTIONS_FAULTS_MAX];
	unsigned n_faults;
	struct alp_config alp;
	uint16_t port, tls_port;
	uint32_t users, rows_per_day;
	uint64_t seed;
	int64_t latency_ms, sync_seconds;
	int ready_fd; /* -1: none */
	int bad_key_status, query_error_status;
	enum escaping escaping;
	enum long_range long_range;
	bool quiet;
};

/* 0 to go on; 1 when --help or --version has been answered; -EINVAL after saying on stderr what is wrong. */
int options_parse(struct options *o, int argc, char **argv);

#endif
