/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "daemon/notify.h"

static int
take_sockets(struct listen_plan *plan)
{
	struct notify_socket *sockets = NULL;
	int n = notify_take_sockets(&sockets);

	if (n <= 0)
		return n;
	plan->fds = xcalloc((size_t)n, sizeof *plan->fds);
	for (int i = 0; i < n; i++) {
		plan->fds[plan->fd_count++] = sockets[i].fd;
		free(sockets[i].name);
	}
	free(sockets);
	return n;
}

/* "127.0.0.1:8080" or "[::1]:8080"; its form was checked when the file was read. */
static int
split(const char *text, char **ret_address, uint16_t *ret_port)
{
	const char *colon = strrchr(text, ':');
	int64_t port;

	if (colon == NULL || str_to_i64(str_of(colon + 1), 0, 65535, &port) < 0)
		return -EINVAL;
	if (text[0] == '[' && colon > text + 1)
		*ret_address = xstrndup(text + 1, (size_t)(colon - text) - 2);
	else
		*ret_address = xstrndup(text, (size_t)(colon - text));
	*ret_port = (uint16_t)port;
	return 0;
}

int
listen_plan_make(const struct config *config, struct listen_plan *ret_plan)
{
	const struct string_list *list = &config->http.listen;
	_cleanup_(listen_plan_release) struct listen_plan plan = {0};
	int r = take_sockets(&plan);

	if (r < 0)
		return r;
	plan.addresses = xcalloc(list->count + 1, sizeof *plan.addresses);
	for (size_t i = 0; r == 0 && i < list->count; i++) {
		uint16_t port = 0;
		int split_r = split(list->items[i], &plan.addresses[i], &port);

		if (split_r < 0 || (i > 0 && port != plan.port))
			return -EINVAL;
		plan.port = port;
	}
	*ret_plan = plan;
	plan = (struct listen_plan){0};
	return 0;
}

void
listen_plan_release(struct listen_plan *plan)
{
	for (size_t i = 0; plan->addresses != NULL && plan->addresses[i] != NULL; i++)
		free(plan->addresses[i]);
	free(plan->addresses);
	free(plan->fds);
	*plan = (struct listen_plan){0};
}

const char *
listen_plan_text(const struct listen_plan *plan)
{
	return plan->fd_count == 0 && plan->addresses != NULL && plan->addresses[0] != NULL ? plan->addresses[0] : "socket";
}
