/* SPDX-License-Identifier: Apache-2.0 */
#include "http/guard.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <strings.h>

#include "base/alloc.h"
#include "http/words.h"

static char **
copy_list(const char *const *list)
{
	size_t n = 0;
	char **copy;

	while (list != NULL && list[n] != NULL)
		n++;
	copy = xcalloc(n + 1, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = xstrdup(list[i]);
	return copy;
}

static void
free_list(char **list)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

void
guard_set(struct guard *g, const char *const *hosts, const char *const *origins)
{
	struct guard old = *g;

	g->hosts = copy_list(hosts);
	g->origins = copy_list(origins);
	guard_release(&old);
}

void
guard_release(struct guard *g)
{
	free_list(g->hosts);
	free_list(g->origins);
	*g = (struct guard){0};
}

static bool
listed(char *const *list, struct str s)
{
	for (size_t i = 0; list != NULL && list[i] != NULL; i++)
		if (words_same(s, list[i]))
			return true;
	return false;
}

static bool
is_port(struct str s)
{
	int64_t port;

	return str_to_i64(s, 0, 65535, &port) == 0;
}

/* Takes ":8080" off the end. False if what follows the name is no port. */
static bool
without_port(struct str host, struct str *ret_name)
{
	const char *end;
	size_t len;

	if (host.len > 0 && host.p[0] == '[') {
		end = memchr(host.p, ']', host.len);
		if (end == NULL)
			return false;
		len = (size_t)(end - host.p) + 1;
	} else {
		end = host.len > 0 ? memchr(host.p, ':', host.len) : NULL;
		len = end != NULL ? (size_t)(end - host.p) : host.len;
	}
	*ret_name = (struct str){.p = host.p, .len = len};
	return len == host.len || (host.p[len] == ':' && is_port((struct str){host.p + len + 1, host.len - len - 1}));
}

static bool
is_loopback_address(struct str name)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (str_eq(name, STR("[::1]")))
		return true;
	if (name.len == 0 || name.len >= sizeof text)
		return false;
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	return inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

bool
guard_host_allowed(const struct guard *g, struct str host)
{
	struct str name;

	if (!without_port(host, &name))
		return false;
	return words_same(name, "localhost") || is_loopback_address(name) || listed(g->hosts, name) ||
	       listed(g->hosts, host);
}

bool
guard_origin_allowed(const struct guard *g, struct str origin)
{
	static const struct str schemes[] = {{"http://", 7}, {"https://", 8}};
	const struct guard none = {0};

	if (listed(g->origins, origin))
		return true;
	for (size_t i = 0; i < 2; i++) {
		struct str host = {origin.p + schemes[i].len, origin.len - schemes[i].len};

		if (str_starts(origin, schemes[i]) && guard_host_allowed(&none, host))
			return true;
	}
	return false;
}

bool
guard_origin_listed(const struct guard *g, struct str origin)
{
	return listed(g->origins, origin);
}

bool
guard_lists_origins(const struct guard *g)
{
	return g->origins != NULL && g->origins[0] != NULL;
}
