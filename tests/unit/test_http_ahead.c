/* SPDX-License-Identifier: Apache-2.0 */
/* The loop under more than it can do: who waits for whom, counted in turns. */
#include "unit.h"

#include <event2/event.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/macro.h"
#include "http/ahead.h"

#define CLIENTS_MAX 200
#define TURNS       20000

/* A client that asks again as soon as it is answered: its descriptor is always readable. */
struct client {
	struct crowd *crowd;
	struct event *event;
	int fd;
	bool kept, ahead;
	unsigned answered;
	unsigned long last, longest; /* answers to anybody, until its own came round again */
};

struct crowd {
	struct event_base *base;
	struct ahead ahead;
	struct client clients[CLIENTS_MAX];
	size_t count;
	unsigned long answered, others, went_ahead;
};

static void
on_request(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;
	struct crowd *crowd = c->crowd;

	(void)fd;
	(void)what;
	crowd->answered++;
	crowd->others += !c->kept;
	crowd->went_ahead += c->ahead;
	if (c->answered++ > 0)
		c->longest = MAX_OF(c->longest, crowd->answered - c->last);
	c->last = crowd->answered;
	c->ahead = ahead_next(&crowd->ahead, c->kept);
	assert_int_equal(event_priority_set(c->event, c->ahead ? LOOP_AHEAD : LOOP_OTHERS), 0);
	/* At every moment, not only in the end. */
	assert_true(crowd->went_ahead <= crowd->others / AHEAD_PRICE + AHEAD_SAVED + crowd->count);
	if (crowd->answered == TURNS)
		event_base_loopbreak(crowd->base);
}

static void
come(struct crowd *crowd, size_t count, bool kept)
{
	for (size_t i = 0; i < count; i++) {
		struct client *c = &crowd->clients[crowd->count++];

		*c = (struct client){.crowd = crowd, .kept = kept, .fd = eventfd(1, EFD_CLOEXEC)};
		c->event = event_new(crowd->base, c->fd, EV_READ | EV_PERSIST, on_request, c);
		event_add(c->event, NULL);
	}
}

static void
crowd_run(struct crowd *crowd, size_t reads, size_t writes)
{
	*crowd = (struct crowd){.base = loop_new()};
	assert_non_null(crowd->base);
	come(crowd, reads, true);
	come(crowd, writes, false);
	event_base_dispatch(crowd->base);
}

static void
crowd_go(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		event_free(crowd->clients[i].event);
		close(crowd->clients[i].fd);
	}
	event_base_free(crowd->base);
}

static void
a_read_waits_for_a_piece_of_what_many_write(void **state)
{
	static struct crowd crowd;

	(void)state;
	crowd_run(&crowd, 1, 64);
	/* Only the first, which nobody had paid for yet, waited for all of them. */
	assert_in_range(crowd.clients[0].longest, 1, 2 * 64);
	assert_true(crowd.clients[0].answered >= (TURNS - 2 * 64) / (LOOP_PIECE + 1));
	crowd_go(&crowd);
}

static void
a_flood_of_kept_reads_leaves_writes_their_turn(void **state)
{
	static struct crowd crowd;

	(void)state;
	crowd_run(&crowd, 150, 4);
	for (size_t i = 150; i < 154; i++) {
		assert_true(crowd.clients[i].answered > TURNS / 154 / 2);
		/* Everybody once, and who went ahead meanwhile. */
		assert_true(crowd.clients[i].longest <= 2 * 154 + AHEAD_SAVED);
	}
	crowd_go(&crowd);
}

static void
a_flood_of_writes_leaves_reads_that_wait_their_turn(void **state)
{
	static struct crowd crowd;

	(void)state;
	crowd_run(&crowd, 20, 150);
	for (size_t i = 0; i < 170; i++)
		assert_in_range(crowd.clients[i].longest, 1, 2 * 170 + AHEAD_SAVED);
	crowd_go(&crowd);
}

static void
among_reads_alone_all_take_turns(void **state)
{
	static struct crowd crowd;

	(void)state;
	crowd_run(&crowd, 50, 0);
	assert_int_equal(crowd.went_ahead, 0);
	for (size_t i = 0; i < 50; i++)
		assert_in_range(crowd.clients[i].longest, 1, 2 * 50);
	crowd_go(&crowd);
}

static void
what_is_saved_up_is_little(void **state)
{
	struct ahead a = {0};
	int ahead = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_false(ahead_next(&a, false));
	for (int i = 0; i < 1000; i++)
		ahead += ahead_next(&a, true);
	assert_int_equal(ahead, AHEAD_SAVED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_read_waits_for_a_piece_of_what_many_write),
	    cmocka_unit_test(a_flood_of_kept_reads_leaves_writes_their_turn),
	    cmocka_unit_test(a_flood_of_writes_leaves_reads_that_wait_their_turn),
	    cmocka_unit_test(among_reads_alone_all_take_turns),
	    cmocka_unit_test(what_is_saved_up_is_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
