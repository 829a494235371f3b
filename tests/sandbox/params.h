/* SPDX-License-Identifier: Apache-2.0 */
/* params.h - name=value pairs from a query string or a form body.
 *
 * Keeps the order given; of a repeated name the last one counts, as the imitated service has it. Ownership: owns copies of
 * everything; zero-initialise, params_release() when done.
 */
#ifndef SANDBOX_PARAMS_H
#define SANDBOX_PARAMS_H

#include <stddef.h>
#include <stdint.h>

#define PARAMS_MAX 64

struct param {
	char *name, *value;
};

struct params {
	struct param list[PARAMS_MAX];
	size_t count;
};

/* Adds what `s` (may be NULL) holds. Pairs past PARAMS_MAX are dropped. A byte of value 0 ends a value. */
void params_parse(struct params *p, const char *s, size_t n);

/* The last value of that name, or NULL. Borrowed. */
const char *params_get(const struct params *p, const char *name);

/* A whole decimal number in lo..hi. -ENOENT when absent (ret untouched), -EINVAL when it is something else. */
int params_int(const struct params *p, const char *name, int64_t lo, int64_t hi, int64_t *ret);

void params_release(struct params *p);

/* Reads a whole decimal number in lo..hi; -EINVAL otherwise. */
int parse_int(const char *s, int64_t lo, int64_t hi, int64_t *ret);

#endif
