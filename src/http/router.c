/* SPDX-License-Identifier: Apache-2.0 */
#include "http/router.h"

#include <stdio.h>
#include <string.h>

#include "base/macro.h"

static struct str
segment(struct str *rest)
{
	const char *slash = rest->len > 0 ? memchr(rest->p, '/', rest->len) : NULL;
	size_t len = slash != NULL ? (size_t)(slash - rest->p) : rest->len;
	struct str s = {.p = rest->p, .len = len};

	rest->p += len;
	rest->len -= len;
	return s;
}

static bool
matches(struct str pattern, struct str path, struct str params[ROUTE_PARAMS_MAX])
{
	size_t n = 0;

	while (pattern.len > 0 && path.len > 0) {
		struct str want, have;

		if (pattern.p[0] != '/' || path.p[0] != '/')
			return false;
		pattern.p++, pattern.len--;
		path.p++, path.len--;
		want = segment(&pattern);
		have = segment(&path);
		if (want.len > 0 && want.p[0] == '{' && have.len > 0 && n < ROUTE_PARAMS_MAX)
			params[n++] = have;
		else if (!str_eq(want, have))
			return false;
	}
	return pattern.len == 0 && path.len == 0;
}

static bool
is_literal(const struct route *route)
{
	return strchr(route->pattern, '{') == NULL;
}

/* A path that is spelt out in the table is never another path's parameter: /api/jobs/fetch is no job. */
static const struct route *
find_among(bool literal, enum http_method wanted, struct str path, struct str ret_params[ROUTE_PARAMS_MAX], unsigned *allowed)
{
	const struct route *found = NULL;

	for (size_t i = 0; i < route_count; i++) {
		struct str params[ROUTE_PARAMS_MAX] = {0};

		if (is_literal(&routes[i]) != literal || !matches(str_of(routes[i].pattern), path, params))
			continue;
		*allowed |= (unsigned)routes[i].method;
		if (routes[i].method != wanted)
			continue;
		found = &routes[i];
		memcpy(ret_params, params, sizeof params);
	}
	return found;
}

const struct route *
route_find(enum http_method method, struct str path, struct str ret_params[ROUTE_PARAMS_MAX], unsigned *ret_allowed)
{
	enum http_method wanted = method == METHOD_HEAD ? METHOD_GET : method;
	const struct route *found;

	*ret_allowed = 0;
	found = find_among(true, wanted, path, ret_params, ret_allowed);
	if (*ret_allowed == 0)
		found = find_among(false, wanted, path, ret_params, ret_allowed);
	return found;
}

void
route_allow_text(unsigned allowed, char *ret_text, size_t size)
{
	static const enum http_method order[] = {METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT,
	    METHOD_PATCH, METHOD_DELETE, METHOD_OPTIONS};
	size_t n = 0;

	if (allowed & METHOD_GET)
		allowed |= METHOD_HEAD;
	allowed |= METHOD_OPTIONS;
	ret_text[0] = '\0';
	for (size_t i = 0; i < ELEMENTSOF(order); i++)
		if ((allowed & (unsigned)order[i]) && n < size)
			n += (size_t)snprintf(ret_text + n, size - n, "%s%s", n > 0 ? ", " : "",
			    http_method_name(order[i]));
}
