/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _noreturn_ void
out_of_memory(void)
{
	static const char line[] = "<2>out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);

	(void)ignored;
	abort();
}

static bool may_fail;

void
alloc_may_fail(void)
{
	may_fail = true;
}

void
alloc_failed(void)
{
	if (!may_fail)
		out_of_memory();
}

static const struct plain_memory *plain;

void
alloc_set_plain(const struct plain_memory *m)
{
	plain = m;
}

const struct plain_memory *
alloc_plain(void)
{
	return plain;
}

void *
xcalloc(size_t count, size_t size_bytes)
{
	void *p = calloc(count ? count : 1, size_bytes ? size_bytes : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xreallocarray(void *old, size_t count, size_t size_bytes)
{
	void *p = reallocarray(old, count ? count : 1, size_bytes ? size_bytes : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xmemdup(const void *from, size_t count, size_t size_bytes)
{
	void *p = xreallocarray(NULL, count, size_bytes);

	if (count > 0)
		memcpy(p, from, count * size_bytes);
	return p;
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t len)
{
	char *p = strndup(s, len);

	if (p == NULL)
		out_of_memory();
	return p;
}

char *
xasprintf(const char *format, ...)
{
	va_list ap;
	char *p = NULL;
	int n;

	va_start(ap, format);
	n = vasprintf(&p, format, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return p;
}
