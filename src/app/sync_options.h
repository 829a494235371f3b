/* SPDX-License-Identifier: Apache-2.0 */
/* sync_options.h - how often ALP is asked what became of what was posted, from the configuration. A plain value. */
#ifndef RTALP_APP_SYNC_OPTIONS_H
#define RTALP_APP_SYNC_OPTIONS_H

#include <stdint.h>

struct sync_options {
	int64_t fresh_ms;    /* so often in the two days after it was posted; then every hour up to two weeks, then every day */
	int64_t keep_ms;     /* so long; then never again by itself */
	int64_t missing_ms;  /* between the two complete listings without an entry that say it is deleted, at least */
	int64_t proof_days;  /* that the nightly proof looks back */
	int64_t proof_hour;  /* from which on it may run, in the default zone; -1: not by itself */
};

#endif
