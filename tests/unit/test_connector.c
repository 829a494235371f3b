/* SPDX-License-Identifier: Apache-2.0 */
/* Connections made for workers: to whom, to whom not, and how many. All of 127/8 is this machine. */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "daemon/connector.h"
#include "daemon/socket_giver.h"

#define NEVER_MS    60000
#define PATIENCE_MS 20000
#define NOTHING     INT32_MIN

static struct event_base *base;

static struct sockaddr_in
address_of(const char *text, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	assert_int_equal(inet_pton(AF_INET, text, &a.sin_addr), 1);
	return a;
}

/* `*port` 0: any, which is told. */
static int
listener(const char *text, uint16_t *port, int backlog)
{
	struct sockaddr_in a = address_of(text, *port);
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

/* Nobody can be connected any more, and nobody is told so. */
static void
fill_up(const char *text, uint16_t port, int fill[8])
{
	const struct sockaddr_in a = address_of(text, port);

	for (int i = 0; i < 8; i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (const struct sockaddr *)&a, sizeof a);
	}
}

static void
keep(void *arg, int fd)
{
	*(int *)arg = fd;
	event_base_loopbreak(base);
}

static void
too_long(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	event_base_loopbreak(base);
}

static void
run_loop(void)
{
	const struct timeval tv = {.tv_sec = PATIENCE_MS / 1000};
	struct event *end = event_new(base, -1, 0, too_long, NULL);

	event_add(end, &tv);
	event_base_dispatch(base);
	event_free(end);
}

static int
connect_to(const char *addresses, uint16_t port, bool public_only, uint32_t timeout_ms)
{
	const struct connector_target target = {.addresses = addresses, .port = port, .public_only = public_only, .timeout_ms = timeout_ms};
	struct connector *c = NULL;
	int result = NOTHING, r = connector_new(base, &target, keep, &result, &c);

	if (r < 0)
		return r;
	assert_int_equal(result, NOTHING); /* never from inside */
	run_loop();
	connector_free(c);
	return result;
}

static void
assert_leads_to(int fd, const char *text)
{
	struct sockaddr_in a;
	socklen_t len = sizeof a;
	int on = 0;

	assert_true(fd >= 0);
	assert_int_equal(getpeername(fd, (struct sockaddr *)&a, &len), 0);
	assert_int_equal(a.sin_addr.s_addr, address_of(text, 0).sin_addr.s_addr);
	len = sizeof on;
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &len), 0);
	assert_true(on);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
}

static void
the_next_address_is_tried_when_one_refuses(void **state)
{
	uint16_t port = 0;
	_cleanup_close_ _unused_ int l = listener("127.0.0.3", &port, 8);
	_cleanup_close_ int fd = connect_to("127.0.0.2,127.0.0.3,127.0.0.4", port, false, NEVER_MS);

	(void)state;
	assert_leads_to(fd, "127.0.0.3");
}

static void
one_that_says_nothing_holds_nobody_up(void **state)
{
	uint16_t port = 0;
	int fill[8];
	_cleanup_close_ _unused_ int silent = listener("127.0.0.2", &port, 0);
	_cleanup_close_ _unused_ int l = listener("127.0.0.3", &port, 8);
	_cleanup_close_ int fd = -1;

	(void)state;
	fill_up("127.0.0.2", port, fill);
	fd = connect_to("127.0.0.2,127.0.0.3", port, false, NEVER_MS);
	assert_leads_to(fd, "127.0.0.3");
	for (int i = 0; i < 8; i++)
		close(fill[i]);
}

static void
what_went_wrong_is_told(void **state)
{
	uint16_t port = 0;
	int fill[8];
	_cleanup_close_ _unused_ int silent = listener("127.0.0.2", &port, 0);

	(void)state;
	fill_up("127.0.0.2", port, fill);
	assert_int_equal(connect_to("127.0.0.3,127.0.0.4", port, false, NEVER_MS), -ECONNREFUSED);
	assert_int_equal(connect_to("127.0.0.2", port, false, 300), -ETIMEDOUT);
	assert_int_equal(connect_to("127.0.0.3,127.0.0.2", port, false, 300), -ETIMEDOUT);
	for (int i = 0; i < 8; i++)
		close(fill[i]);
}

/* However it is spelt. */
static void
an_address_inside_is_never_connected_to(void **state)
{
	static const char *const inside[] = {"127.0.0.1", "127.0.0.1,127.0.0.1", "::ffff:127.0.0.1", "::1,127.0.0.1", "10.0.0.1,127.0.0.1", "0.0.0.0"};
	uint16_t port = 0;
	_cleanup_close_ _unused_ int l = listener("127.0.0.1", &port, 8);

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(inside); i++)
		assert_int_equal(connect_to(inside[i], port, true, NEVER_MS), -EACCES);
	assert_int_equal(accept(l, NULL, NULL), -1);
	assert_int_equal(errno, EAGAIN);
}

static void
what_is_no_address_is_not_looked_up(void **state)
{
	static const char *const bad[] = {"", "localhost", "127.0.0.1,", ",127.0.0.1", "127.0.0.1;127.0.0.2", "127.1", "[::1]", "1.2.3.4 "};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(connect_to(bad[i], 443, false, NEVER_MS), -EINVAL);
}

static void
one_that_is_given_up_leaves_nothing(void **state)
{
	uint16_t port = 0;
	_cleanup_close_ _unused_ int l = listener("127.0.0.1", &port, 64);
	const struct connector_target target = {.addresses = "127.0.0.1,127.0.0.2", .port = port, .timeout_ms = NEVER_MS};
	int before = dup(0), after, result = NOTHING;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct connector *c = NULL;

		assert_int_equal(connector_new(base, &target, keep, &result, &c), 0);
		connector_free(c);
	}
	after = dup(0);
	assert_int_equal(after, before + 1);
	assert_int_equal(result, NOTHING);
	close(before);
	close(after);
}

/* --- for one worker ---------------------------------------------------------------------------------------------------- */

struct given {
	int pair[2];
	uint8_t buffer[MESSAGE_MAX_BYTES];
	struct message m;
};

static void
channel_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	event_base_loopbreak(base);
}

/* Runs the loop until the worker has a message. */
static void
expect(struct given *g, uint32_t type)
{
	struct event *e = event_new(base, g->pair[1], EV_READ, channel_readable, NULL);

	event_add(e, NULL);
	run_loop();
	event_free(e);
	assert_int_equal(message_recv(g->pair[1], M2W, W_FETCHING, g->buffer, &g->m), 1);
	assert_int_equal(g->m.type, type);
}

static void
expect_socket(struct given *g, uint32_t number)
{
	struct msg_socket s;

	expect(g, MSG_SOCKET);
	assert_int_equal(msg_socket_decode(&g->m, &s), 0);
	assert_int_equal(s.number, number);
	assert_leads_to(g->m.fd, "127.0.0.1");
	message_release(&g->m);
}

static void
expect_none(struct given *g, uint32_t number, uint32_t error)
{
	struct msg_no_socket s;

	expect(g, MSG_NO_SOCKET);
	assert_int_equal(msg_no_socket_decode(&g->m, &s), 0);
	assert_int_equal(s.number, number);
	assert_int_equal(s.error, error);
}

static int
want(struct given *g, struct socket_giver *giver, uint32_t number)
{
	const struct msg_want_socket ask = {.number = number};
	struct message m;

	assert_int_equal(msg_want_socket_send(g->pair[1], &ask, -1), 0);
	assert_int_equal(message_recv(g->pair[0], W2M, W_FETCHING, g->buffer, &m), 1);
	return socket_giver_want(giver, &m);
}

static void
a_worker_gets_one_unasked_and_others_up_to_a_bound(void **state)
{
	uint16_t port = 0;
	_cleanup_close_ _unused_ int l = listener("127.0.0.1", &port, 64);
	const struct connector_target target = {.addresses = "127.0.0.1", .port = port, .timeout_ms = NEVER_MS};
	struct socket_giver *giver = NULL;
	struct given g;

	(void)state;
	assert_int_equal(message_pair(g.pair), 0);
	assert_int_equal(socket_giver_new(base, &target, 3, &giver), 0);
	socket_giver_open(giver, g.pair[0]);
	expect_socket(&g, 1);
	for (uint32_t i = 2; i <= 3; i++) {
		assert_int_equal(want(&g, giver, i), 0);
		expect_socket(&g, i);
	}
	assert_int_equal(want(&g, giver, 4), 0);
	expect_none(&g, 4, EDQUOT);
	assert_int_equal(want(&g, giver, 5), -EBADMSG);
	socket_giver_free(giver);
	close(g.pair[0]);
	close(g.pair[1]);
}

static void
a_number_out_of_turn_breaks_the_protocol(void **state)
{
	uint16_t port = 0;
	_cleanup_close_ _unused_ int l = listener("127.0.0.1", &port, 64);
	const struct connector_target target = {.addresses = "127.0.0.1", .port = port, .timeout_ms = NEVER_MS};
	struct socket_giver *giver = NULL;
	struct given g;

	(void)state;
	assert_int_equal(message_pair(g.pair), 0);
	assert_int_equal(socket_giver_new(base, &target, 9, &giver), 0);
	socket_giver_open(giver, g.pair[0]);
	assert_int_equal(want(&g, giver, 1), -EBADMSG);
	assert_int_equal(want(&g, giver, 7), -EBADMSG);
	/* It did not wait for the first: that one is given up. */
	assert_int_equal(want(&g, giver, 2), 0);
	expect_socket(&g, 2);
	socket_giver_free(giver);
	close(g.pair[0]);
	close(g.pair[1]);
}

static void
a_worker_is_told_why_there_is_none(void **state)
{
	uint16_t port = 0;
	int l = listener("127.0.0.1", &port, 8);
	const struct connector_target target = {.addresses = "127.0.0.1", .port = port, .timeout_ms = NEVER_MS};
	struct connector_target inside = target;
	struct socket_giver *giver = NULL, *judging = NULL;
	struct given g;

	(void)state;
	close(l);
	inside.public_only = true;
	assert_int_equal(message_pair(g.pair), 0);
	assert_int_equal(socket_giver_new(base, &target, 3, &giver), 0);
	socket_giver_open(giver, g.pair[0]);
	expect_none(&g, 1, ECONNREFUSED);
	assert_int_equal(socket_giver_new(base, &inside, 3, &judging), 0);
	socket_giver_open(judging, g.pair[0]);
	expect_none(&g, 1, EACCES);
	socket_giver_free(giver);
	socket_giver_free(judging);
	close(g.pair[0]);
	close(g.pair[1]);
}

static int
make_base(void **state)
{
	(void)state;
	base = event_base_new();
	return base == NULL ? -1 : 0;
}

static int
free_base(void **state)
{
	(void)state;
	event_base_free(base);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_address_is_tried_when_one_refuses),
		cmocka_unit_test(one_that_says_nothing_holds_nobody_up),
		cmocka_unit_test(what_went_wrong_is_told),
		cmocka_unit_test(an_address_inside_is_never_connected_to),
		cmocka_unit_test(what_is_no_address_is_not_looked_up),
		cmocka_unit_test(one_that_is_given_up_leaves_nothing),
		cmocka_unit_test(a_worker_gets_one_unasked_and_others_up_to_a_bound),
		cmocka_unit_test(a_number_out_of_turn_breaks_the_protocol),
		cmocka_unit_test(a_worker_is_told_why_there_is_none),
	};

	return cmocka_run_group_tests(tests, make_base, free_base);
}
