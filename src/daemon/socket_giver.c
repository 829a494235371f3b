/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/socket_giver.h"

#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/fd.h"

struct socket_giver {
	struct event_base *base;
	struct connector_target target;
	char *addresses;
	unsigned most;
	struct connector *connector; /* NULL: none is under way */
	uint32_t number;             /* of the one that is under way, or was last */
	int channel;                 /* borrowed; -1: the worker takes none yet */
	int held;                    /* connected, or a negative errno; 0: nothing to be sent */
};

static void
send_held(struct socket_giver *g)
{
	const struct msg_socket given = {.number = g->number};
	const struct msg_no_socket none = {.number = g->number, .error = (uint32_t)(g->held < 0 ? -g->held : 0)};

	int r;

	if (g->held == 0 || g->channel < 0)
		return;
	if (g->held > 0)
		r = msg_socket_send(g->channel, &given, g->held);
	else
		r = msg_no_socket_send(g->channel, &none, -1);
	/* What did not get through is missed by the worker, which then ends in order: there is a message or two in its channel at most. */
	(void)r;
	if (g->held > 0)
		close(g->held);
	g->held = 0;
}

static void
connected(void *arg, int fd)
{
	struct socket_giver *g = arg;

	g->connector = connector_free(g->connector);
	g->held = fd;
	send_held(g);
}

static int
begin(struct socket_giver *g)
{
	g->number++;
	return connector_new(g->base, &g->target, connected, g, &g->connector);
}

int
socket_giver_new(struct event_base *base, const struct connector_target *target, unsigned most, struct socket_giver **ret_giver)
{
	_cleanup_(socket_giver_freep) struct socket_giver *g = xcalloc(1, sizeof *g);
	int r;

	g->base = base;
	g->addresses = xstrdup(target->addresses);
	g->target = *target;
	g->target.addresses = g->addresses;
	g->most = most;
	g->channel = -1;
	r = begin(g);
	if (r < 0)
		return r;
	*ret_giver = TAKE_PTR(g);
	return 0;
}

struct socket_giver *
socket_giver_free(struct socket_giver *g)
{
	if (g == NULL)
		return NULL;
	connector_free(g->connector);
	if (g->held > 0)
		close(g->held);
	free(g->addresses);
	free(g);
	return NULL;
}

void
socket_giver_open(struct socket_giver *g, int channel)
{
	g->channel = channel;
	send_held(g);
}

int
socket_giver_want(struct socket_giver *g, const struct message *m)
{
	struct msg_want_socket want;

	if (msg_want_socket_decode(m, &want) < 0 || want.number != g->number + 1)
		return -EBADMSG;
	/* It gave the last one up before the answer was there. */
	g->connector = connector_free(g->connector);
	if (want.number > g->most + 1)
		return -EBADMSG;
	if (want.number > g->most) {
		g->number = want.number;
		g->held = -EDQUOT;
		send_held(g);
		return 0;
	}
	return begin(g);
}
