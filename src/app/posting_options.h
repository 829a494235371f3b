/* SPDX-License-Identifier: Apache-2.0 */
/* posting_options.h - how the outbox works, from the configuration. A plain value. */
#ifndef RTALP_APP_POSTING_OPTIONS_H
#define RTALP_APP_POSTING_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alp/alp_entry.h"

#define POSTING_LOOKS_MAX 8
#define POSTING_FIELD_MAX 64
#define POSTING_VAGUE_MAX 1024

struct posting_options {
	bool configured;                    /* there is an ALP */
	char vague[POSTING_VAGUE_MAX];      /* descriptions that say nothing, separated by commas */
	bool refuse_vague;
	int64_t wait_ms;                    /* for which an answer waits for ALP's */
	struct alp_can can;
	char reference_field[POSTING_FIELD_MAX]; /* "": ALP has none */
	bool reference_in_notes;
	int64_t look_ms[POSTING_LOOKS_MAX]; /* when to look, each since the one before; the first since it became unknown */
	size_t looks;                       /* of those */
	int64_t unlisted_ms;                /* so long after it was sent a person is asked, if it cannot be looked for */
	int64_t retry_ms, retry_max_ms;     /* pauses before it is sent again, where nothing can have arrived */
	int64_t sends_max;                  /* attempts of which ALP may have made an entry, before a person is asked */
};

#endif
