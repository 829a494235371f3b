/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "proto/message.h"

static uint8_t buffer[MESSAGE_MAX_BYTES];
static int pair[2];

static int
setup(void **state)
{
	(void)state;
	return message_pair(pair);
}

static int
teardown(void **state)
{
	(void)state;
	closep(&pair[0]);
	closep(&pair[1]);
	return 0;
}

static int
receive(enum message_direction direction, unsigned state, struct message *m)
{
	m->fd = -1;
	return message_recv(pair[1], direction, state, buffer, m);
}

static void
fields_arrive_as_they_were_sent(void **state)
{
	struct msg_worker_fail in = {.permanent = 1, .retry_after_ms = 7, .day = -1, .code = STR("key_refused"), .detail = STR("")}, out;
	struct message m;

	(void)state;
	assert_int_equal(msg_worker_fail_send(pair[0], &in, -1), 0);
	assert_int_equal(receive(W2M, W_FETCHING, &m), 1);
	assert_int_equal(m.type, MSG_WORKER_FAIL);
	assert_int_equal(msg_worker_fail_decode(&m, &out), 0);
	assert_int_equal(out.day, -1);
	assert_int_equal(out.retry_after_ms, 7);
	assert_true(str_eq(out.code, STR("key_refused")));
	assert_int_equal(out.detail.len, 0);
}

static void
a_message_out_of_its_state_or_direction_ends_the_peer(void **state)
{
	struct msg_ping ping = {.sequence = 1};
	struct message m;

	(void)state;
	assert_int_equal(msg_ping_send(pair[0], &ping, -1), 0);
	assert_int_equal(receive(M2S, S_STARTING, &m), -EBADMSG);
	assert_int_equal(msg_ping_send(pair[0], &ping, -1), 0);
	assert_int_equal(receive(S2M, S_SERVING, &m), -EBADMSG);
	assert_int_equal(msg_ping_send(pair[0], &ping, -1), 0);
	assert_int_equal(receive(M2S, S_SERVING, &m), 1);
}

static int
open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
a_descriptor_too_many_or_too_few_is_refused_and_not_leaked(void **state)
{
	struct msg_ping ping = {.sequence = 1};
	struct msg_spawn spawn = {.worker_id = 1};
	struct message m;
	int before = open_descriptors();

	(void)state;
	assert_int_equal(msg_ping_send(pair[0], &ping, STDERR_FILENO), 0);
	assert_int_equal(receive(M2S, S_SERVING, &m), -EBADMSG);
	assert_int_equal(msg_spawn_send(pair[0], &spawn, -1), 0);
	assert_int_equal(receive(M2S, S_SERVING, &m), -EBADMSG);
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(msg_spawn_send(pair[0], &spawn, STDERR_FILENO), 0);
	assert_int_equal(receive(M2S, S_SERVING, &m), 1);
	assert_true(m.fd >= 0);
	message_release(&m);
	assert_int_equal(open_descriptors(), before);
}

static void
leftover_and_missing_bytes_are_refused_by_the_decoder(void **state)
{
	struct msg_ping out;
	uint8_t body[9] = {0};

	(void)state;
	for (size_t len = 0; len <= sizeof body; len++) {
		struct message m = {.type = MSG_PING, .body = body, .len = len, .fd = -1};

		assert_int_equal(msg_ping_decode(&m, &out), len == 8 ? 0 : -EBADMSG);
	}
}

static void
a_string_that_claims_more_than_there_is_is_refused(void **state)
{
	uint8_t body[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 'x'};
	struct message m = {.type = MSG_WORKER_FAIL, .body = body, .len = sizeof body, .fd = -1};
	struct msg_worker_fail out;

	(void)state;
	assert_int_equal(msg_worker_fail_decode(&m, &out), -EBADMSG);
}

static void
noise_on_the_socket_is_refused(void **state)
{
	static const char noise[] = "GET / HTTP/1.1\r\n";
	struct message m;

	(void)state;
	for (size_t len = 1; len < sizeof noise; len++) {
		assert_int_equal(send(pair[0], noise, len, 0), (ssize_t)len);
		assert_int_equal(receive(M2S, S_SERVING, &m), -EBADMSG);
	}
}

static void
the_end_of_the_peer_is_told_from_an_empty_socket(void **state)
{
	struct message m;

	(void)state;
	assert_int_equal(fd_set_nonblock(pair[1]), 0);
	assert_int_equal(receive(M2S, S_SERVING, &m), -EAGAIN);
	closep(&pair[0]);
	assert_int_equal(receive(M2S, S_SERVING, &m), 0);
}

static void
what_does_not_fit_is_not_sent(void **state)
{
	static char big[WIRE_MAX_BYTES];
	struct msg_worker_fail in = {.code = STR("c"), .detail = {big, sizeof big}};

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(msg_worker_fail_send(pair[0], &in, -1), -EMSGSIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    TEST(fields_arrive_as_they_were_sent),
	    TEST(a_message_out_of_its_state_or_direction_ends_the_peer),
	    TEST(a_descriptor_too_many_or_too_few_is_refused_and_not_leaked),
	    TEST(leftover_and_missing_bytes_are_refused_by_the_decoder),
	    TEST(a_string_that_claims_more_than_there_is_is_refused),
	    TEST(noise_on_the_socket_is_refused),
	    TEST(the_end_of_the_peer_is_told_from_an_empty_socket),
	    TEST(what_does_not_fit_is_not_sent),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
