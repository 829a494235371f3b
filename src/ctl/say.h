/* SPDX-License-Identifier: Apache-2.0 */
/* say.h - what rtalpctl tells people on standard error: one line, "rtalpctl: ...", nothing in it that a terminal would obey. */
#ifndef RTALP_CTL_SAY_H
#define RTALP_CTL_SAY_H

#include "base/macro.h"

enum exit_status {
	EXIT_STATUS_OK = 0,
	EXIT_STATUS_FAILED = 1,      /* the request was refused, or the job failed */
	EXIT_STATUS_USAGE = 2,
	EXIT_STATUS_NOT_FOUND = 3,
	EXIT_STATUS_NOT_ALLOWED = 4, /* 401, 403; or a key that must not go that way */
	EXIT_STATUS_UNREACHABLE = 5,
	EXIT_STATUS_LATER = 6        /* timed out, 429, 503 */
};

void say(const char *format, ...) _printf_(1, 2);

#endif
