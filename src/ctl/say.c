/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/say.h"

#include <stdarg.h>
#include <stdio.h>

#include "ctl/text.h"

void
say(const char *format, ...)
{
	_cleanup_(buf_release) struct buf safe = BUF_INIT(16 * 1024);
	char line[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	text_add_safe(&safe, str_of(line));
	fprintf(stderr, "rtalpctl: %s\n", safe.len > 0 ? safe.p : "");
}
