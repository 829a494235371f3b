/* SPDX-License-Identifier: Apache-2.0 */
#include "params.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static char *
decode(const char *s, size_t n)
{
	char *out = xcalloc(n + 1, 1);
	size_t i, o = 0;

	for (i = 0; i < n; i++) {
		if (s[i] == '+') {
			out[o++] = ' ';
		} else if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
			out[o++] = (char)(hex(s[i + 1]) * 16 + hex(s[i + 2]));
			i += 2;
		} else {
			out[o++] = s[i];
		}
	}
	return out;
}

static void
add_pair(struct params *p, const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n);
	size_t name_len = eq ? (size_t)(eq - s) : n;

	if (!n || p->count == PARAMS_MAX)
		return;
	p->list[p->count].name = decode(s, name_len);
	p->list[p->count].value = eq ? decode(eq + 1, n - name_len - 1) : xstrdup("");
	p->count++;
}

void
params_parse(struct params *p, const char *s, size_t n)
{
	while (s && n) {
		const char *amp = memchr(s, '&', n);
		size_t len = amp ? (size_t)(amp - s) : n;

		add_pair(p, s, len);
		if (!amp)
			break;
		s += len + 1;
		n -= len + 1;
	}
}

const char *
params_get(const struct params *p, const char *name)
{
	size_t i;

	for (i = p->count; i-- > 0;)
		if (strcmp(p->list[i].name, name) == 0)
			return p->list[i].value;
	return NULL;
}

int
parse_int(const char *s, int64_t lo, int64_t hi, int64_t *ret)
{
	char *end;
	long long v;

	if (*s != '-' && (*s < '0' || *s > '9'))
		return -EINVAL;
	errno = 0;
	v = strtoll(s, &end, 10);
	if (errno || *end || v < lo || v > hi)
		return -EINVAL;
	*ret = v;
	return 0;
}

int
params_int(const struct params *p, const char *name, int64_t lo, int64_t hi, int64_t *ret)
{
	const char *s = params_get(p, name);

	return s ? parse_int(s, lo, hi, ret) : -ENOENT;
}

void
params_release(struct params *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		free(p->list[i].name);
		free(p->list[i].value);
	}
	p->count = 0;
}
