/* SPDX-License-Identifier: Apache-2.0 */
/* readiness.h - what keeps the service from taking and running work, and what it does without for a while. Plain values; pure. */
#ifndef RTALP_HTTP_READINESS_H
#define RTALP_HTTP_READINESS_H

#include <stdbool.h>
#include <stddef.h>

#define LACKS_MAX 12

struct lack {
	const char *what;   /* one of lack_choices, static as the next */
	const char *detail; /* for people */
	bool needed;        /* without it there is no readiness */
};

struct readiness {
	struct lack rows[LACKS_MAX];
	size_t count;
};

extern const char *const lack_choices[]; /* NULL-ended */
/* One more than there is room for is not recorded. */
void readiness_lacks(struct readiness *r, bool needed, const char *what, const char *detail);
bool readiness_is_ready(const struct readiness *r);

#endif
