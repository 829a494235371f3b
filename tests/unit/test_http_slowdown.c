/* SPDX-License-Identifier: Apache-2.0 */
/* Wrong tokens: who pays, how long, and who does not; and which address is whose. */
#include "unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "base/macro.h"
#include "http/peer.h"

#define NOW 1000000

static struct slowdown_key
key(unsigned number)
{
	struct slowdown_key k = {{1}};

	memcpy(&k.bytes[1], &number, sizeof number);
	return k;
}

static void
spend_all(struct slowdown *s, const struct slowdown_key *k, int64_t now_ms)
{
	for (int i = 0; i < SLOWDOWN_FREE; i++) {
		assert_int_equal(slowdown_wait_ms(s, k, now_ms), 0);
		assert_int_equal(slowdown_wrong(s, k, now_ms), i == SLOWDOWN_FREE - 1);
	}
}

static void
a_few_mistakes_cost_nothing_and_more_cost_one_interval_each(void **state)
{
	struct slowdown *s = slowdown_new();
	struct slowdown_key k = key(1), other = key(2);

	(void)state;
	assert_int_equal(slowdown_wait_ms(s, &k, NOW), 0);
	spend_all(s, &k, NOW);
	assert_int_equal(slowdown_wait_ms(s, &k, NOW), SLOWDOWN_INTERVAL_MS);
	assert_int_equal(slowdown_wait_ms(s, &k, NOW + 500), SLOWDOWN_INTERVAL_MS - 500);
	assert_int_equal(slowdown_wait_ms(s, &other, NOW), 0);
	assert_int_equal(slowdown_wait_ms(s, &k, NOW + SLOWDOWN_INTERVAL_MS), 0);
	/* Told once, not again for each. */
	assert_false(slowdown_wrong(s, &k, NOW + SLOWDOWN_INTERVAL_MS));
	assert_int_equal(slowdown_wait_ms(s, &k, NOW + SLOWDOWN_INTERVAL_MS), SLOWDOWN_INTERVAL_MS);
	slowdown_free(s);
}

/* Looking while it waits makes nobody wait longer. */
static void
asking_too_early_does_not_prolong_the_wait(void **state)
{
	struct slowdown *s = slowdown_new();
	struct slowdown_key k = key(1);

	(void)state;
	spend_all(s, &k, NOW);
	for (int64_t t = 0; t < SLOWDOWN_INTERVAL_MS; t++)
		assert_int_equal(slowdown_wait_ms(s, &k, NOW + t), SLOWDOWN_INTERVAL_MS - t);
	assert_int_equal(slowdown_wait_ms(s, &k, NOW + SLOWDOWN_INTERVAL_MS), 0);
	slowdown_free(s);
}

static void
after_a_pause_all_is_forgotten(void **state)
{
	struct slowdown *s = slowdown_new();
	struct slowdown_key k = key(1);
	int64_t later = NOW + (int64_t)SLOWDOWN_FREE * SLOWDOWN_INTERVAL_MS;

	(void)state;
	spend_all(s, &k, NOW);
	spend_all(s, &k, later);
	assert_int_equal(slowdown_wait_ms(s, &k, later), SLOWDOWN_INTERVAL_MS);
	slowdown_free(s);
}

/* Memory does not grow with the addresses, and who keeps coming is not the one that is forgotten. */
static void
the_address_wrong_longest_ago_is_forgotten_first(void **state)
{
	struct slowdown *s = slowdown_new();
	struct slowdown_key first = key(0), second = key(1);

	(void)state;
	spend_all(s, &first, NOW);
	spend_all(s, &second, NOW);
	for (unsigned i = 2; i < SLOWDOWN_ADDRESSES; i++) {
		struct slowdown_key k = key(i);

		slowdown_wrong(s, &k, NOW);
	}
	slowdown_wrong(s, &first, NOW);
	for (unsigned i = 0; i < SLOWDOWN_ADDRESSES - 1; i++) {
		struct slowdown_key k = key(SLOWDOWN_ADDRESSES + i);

		slowdown_wrong(s, &k, NOW);
		assert_true(slowdown_wait_ms(s, &first, NOW) > 0);
		assert_int_equal(slowdown_wait_ms(s, &second, NOW), 0);
	}
	second = key(5 * SLOWDOWN_ADDRESSES);
	slowdown_wrong(s, &second, NOW);
	assert_int_equal(slowdown_wait_ms(s, &first, NOW), 0);
	slowdown_free(s);
}

static void
the_clock_set_back_locks_nobody_out(void **state)
{
	struct slowdown *s = slowdown_new();
	struct slowdown_key k = key(1);

	(void)state;
	spend_all(s, &k, NOW * 100);
	assert_true(slowdown_wait_ms(s, &k, NOW) <= SLOWDOWN_INTERVAL_MS);
	slowdown_free(s);
}

/* --- addresses ---------------------------------------------------------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static union address
address(const char *text)
{
	union address a = {0};

	if (inet_pton(AF_INET, text, &a.v4.sin_addr) == 1)
		a.v4.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a.v6.sin6_addr) == 1)
		a.v6.sin6_family = AF_INET6;
	return a;
}

static struct peer
peer(const char *own, const char *other)
{
	union address a = address(own), b = address(other);

	return peer_of_addresses(&a.any, &b.any);
}

static bool
same_key(const char *a, const char *b)
{
	struct peer of_a = peer("192.0.2.1", a), of_b = peer("192.0.2.1", b);

	return memcmp(of_a.key.bytes, of_b.key.bytes, sizeof of_a.key.bytes) == 0;
}

static void
an_address_is_one_ipv4_host_or_one_ipv6_customer(void **state)
{
	char text[64];
	struct peer p;

	(void)state;
	assert_true(same_key("192.0.2.7", "192.0.2.7"));
	assert_true(same_key("192.0.2.7", "::ffff:192.0.2.7"));
	assert_false(same_key("192.0.2.7", "192.0.2.8"));
	assert_true(same_key("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"));
	assert_false(same_key("2001:db8:1:2::1", "2001:db8:1:3::1"));
	p = peer("192.0.2.1", "2001:db8:1:2:3::1");
	peer_text(&p, text, sizeof text);
	assert_string_equal(text, "2001:db8:1:2::/64");
	p = peer("192.0.2.1", "::ffff:192.0.2.7");
	peer_text(&p, text, sizeof text);
	assert_string_equal(text, "192.0.2.7");
	p = peer_of_user(1000, 5);
	peer_text(&p, text, sizeof text);
	assert_string_equal(text, "uid 1000");
}

/* Being here is a permission while there are no tokens, so nobody may seem to be. */
static void
only_both_ends_on_loopback_are_here(void **state)
{
	static const char *const here[][2] = {{"127.0.0.1", "127.0.0.1"}, {"127.9.9.9", "127.1.1.1"}, {"::1", "::1"},
	    {"::ffff:127.0.0.1", "::ffff:127.0.0.1"}};
	static const char *const elsewhere[][2] = {{"192.0.2.1", "127.0.0.1"}, {"127.0.0.1", "192.0.2.1"}, {"192.0.2.1", "192.0.2.1"},
	    {"::1", "2001:db8::1"}, {"fe80::1", "::1"}, {"::ffff:192.0.2.1", "::1"}, {"x", "127.0.0.1"}, {"127.0.0.1", "x"}};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(here); i++)
		assert_int_equal(peer(here[i][0], here[i][1]).way, PEER_LOOPBACK);
	for (size_t i = 0; i < ELEMENTSOF(elsewhere); i++)
		assert_int_equal(peer(elsewhere[i][0], elsewhere[i][1]).way, PEER_NETWORK);
	for (size_t i = 0; i < ELEMENTSOF(here); i++)
		assert_false(peer(here[i][0], here[i][1]).trusted);
	assert_int_equal(peer_of(-1).way, PEER_NETWORK);
	assert_false(peer_of(-1).trusted);
}

static void
over_the_socket_root_and_our_own_user_are_trusted(void **state)
{
	(void)state;
	assert_true(peer_of_user(0, 990).trusted);
	assert_true(peer_of_user(990, 990).trusted);
	assert_false(peer_of_user(1000, 990).trusted);
	assert_false(peer_of_user(990, 0).trusted);
	/* In a user namespace everybody whom it does not know is this one. */
	assert_false(peer_of_user(65534, 65534).trusted);
	assert_int_equal(peer_of_user(1000, 990).way, PEER_UNIX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_few_mistakes_cost_nothing_and_more_cost_one_interval_each),
	    cmocka_unit_test(asking_too_early_does_not_prolong_the_wait),
	    cmocka_unit_test(after_a_pause_all_is_forgotten),
	    cmocka_unit_test(the_address_wrong_longest_ago_is_forgotten_first),
	    cmocka_unit_test(the_clock_set_back_locks_nobody_out),
	    cmocka_unit_test(an_address_is_one_ipv4_host_or_one_ipv6_customer),
	    cmocka_unit_test(only_both_ends_on_loopback_are_here),
	    cmocka_unit_test(over_the_socket_root_and_our_own_user_are_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
