/* SPDX-License-Identifier: Apache-2.0 */
/* regex_sample.h - texts that a regular expression may well match, made from itself: for lint.c, which asks PCRE2 whether it does.
 *
 * Only what is plainly understood is followed; what looks ahead or behind is left out. Deterministic, bounded in work. Pure; any thread.
 */
#ifndef RTALP_RULES_REGEX_SAMPLE_H
#define RTALP_RULES_REGEX_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Adds the sample of that seed: another seed takes other alternatives and repeats. False if the regex is not understood; what was added until
 * then stays. */
bool regex_sample(const char *regex, uint32_t seed, struct buf *out);

#endif
