/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/redis_link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <string.h>
#include <sys/un.h>

#include "alp/cache.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/str.h"

#define AWAY_FIRST_MS 500 /* after a failure it is left alone so long, and each time twice as long */
#define AWAY_MAX_MS   30000

/* --- addresses ---------------------------------------------------------------------------------------------------------------- */

/* "127.0.0.1:6379" or "[::1]:6379" into its parts. */
static int
split_address(const char *address, char host[INET6_ADDRSTRLEN], int *ret_port)
{
	unsigned char binary[16];
	const char *colon = strrchr(address, ':');
	bool bracket = address[0] == '[';
	size_t len = colon != NULL ? (size_t)(colon - address) : 0;
	int64_t port;

	if (colon == NULL || len < 3 || str_to_i64(str_of(colon + 1), 1, 65535, &port) < 0 || (bracket && colon[-1] != ']'))
		return -EINVAL;
	len -= bracket ? 2 : 0;
	if (len >= INET6_ADDRSTRLEN)
		return -EINVAL;
	memcpy(host, address + (bracket ? 1 : 0), len);
	host[len] = '\0';
	*ret_port = (int)port;
	return inet_pton(bracket ? AF_INET6 : AF_INET, host, binary) == 1 ? 0 : -EINVAL;
}

bool
cache_redis_address_ok(const char *address)
{
	char host[INET6_ADDRSTRLEN];
	int port;

	if (address[0] == '/')
		return strlen(address) < sizeof((struct sockaddr_un *)NULL)->sun_path;
	return split_address(address, host, &port) == 0;
}

/* --- the connection --------------------------------------------------------------------------------------------------------------- */

static void
become(struct redis_link *l, bool well)
{
	if (l->ill != well)
		return;
	l->ill = !well;
	if (l->health != NULL)
		l->health(well, l->health_arg);
}

static void
stay_away(struct redis_link *l)
{
	l->failures++;
	become(l, false);
	l->away_ms = l->away_ms == 0 ? AWAY_FIRST_MS : MIN_OF(2 * l->away_ms, AWAY_MAX_MS);
	l->away_until_ms = clock_mono_ms() + l->away_ms;
	l->connected = false;
}

/* Ends all that is under way: hiredis calls who waits, without an answer. */
void
redis_link_hang_up(struct redis_link *l)
{
	redisAsyncContext *context = TAKE_PTR(l->context);

	stay_away(l);
	if (context != NULL)
		redisAsyncFree(context);
}

static void
on_connect(const redisAsyncContext *context, int status)
{
	struct redis_link *l = context->data;

	if (l->context != context)
		return;
	if (status == REDIS_OK) {
		l->connected = true;
		return;
	}
	/* hiredis frees it, and calls who waits. */
	l->context = NULL;
	stay_away(l);
}

static void
on_disconnect(const redisAsyncContext *context, int status)
{
	struct redis_link *l = context->data;

	(void)status;
	if (l->context != context)
		return;
	l->context = NULL;
	stay_away(l);
}

static redisAsyncContext *
open_context(const struct redis_link *l)
{
	char host[INET6_ADDRSTRLEN];
	int port = 0;

	if (l->address[0] == '/')
		return redisAsyncConnectUnix(l->address);
	return split_address(l->address, host, &port) == 0 ? redisAsyncConnect(host, port) : NULL;
}

bool
redis_link_open(struct redis_link *l)
{
	redisAsyncContext *context;

	if (l->context != NULL)
		return true;
	if (clock_mono_ms() < l->away_until_ms)
		return false;
	context = open_context(l);
	if (context == NULL || context->err != 0 || redisLibeventAttach(context, l->base) != REDIS_OK) {
		if (context != NULL)
			redisAsyncFree(context);
		stay_away(l);
		return false;
	}
	context->data = l;
	l->context = context;
	l->connected = false;
	l->connect_by_ms = clock_mono_ms() + l->deadline_ms;
	redisAsyncSetConnectCallback(context, on_connect);
	redisAsyncSetDisconnectCallback(context, on_disconnect);
	return true;
}

/* Redis answered, so it works; an error reply (a wrong type, no memory) is an answer that helps nobody. */
void
redis_link_heard(struct redis_link *l, const redisReply *reply)
{
	l->away_ms = 0;
	become(l, true);
	if (reply->type == REDIS_REPLY_ERROR)
		l->failures++;
}

void
redis_link_init(struct redis_link *l, struct event_base *base, const char *address, int64_t deadline_ms)
{
	*l = (struct redis_link){.base = base, .address = xstrdup(address), .deadline_ms = deadline_ms};
}

void
redis_link_release(struct redis_link *l)
{
	redisAsyncContext *context = TAKE_PTR(l->context);

	/* Who is called in there opens no other. */
	l->away_until_ms = INT64_MAX;
	if (context != NULL)
		redisAsyncFree(context);
	free(l->address);
}
