/* SPDX-License-Identifier: Apache-2.0 */
#include "http/ahead.h"

#include <event2/event.h>

bool
ahead_next(struct ahead *a, bool kept)
{
	if (!kept) {
		a->paid += a->paid < AHEAD_PRICE * AHEAD_SAVED;
		return false;
	}
	if (a->paid < AHEAD_PRICE)
		return false;
	a->paid -= AHEAD_PRICE;
	return true;
}

/* What a connection's events go through from one wait to the next (off while its request is worked on, on again, ..) mostly ends where it
 * began: told to the kernel once, before it waits, it is one system call or none instead of six. No descriptor of an event is a dup()
 * of another's, which is what the list of changes asks for. One that was closed meanwhile is taken out late: its number is free then, or of a
 * file that another thread opened, which is in no set and not touched. */
static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config != NULL && event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST) == 0 &&
	    event_config_set_max_dispatch_interval(config, NULL, LOOP_PIECE, LOOP_OTHERS) == 0)
		base = event_base_new_with_config(config);
	if (config != NULL)
		event_config_free(config);
	return base;
}

struct event_base *
loop_new(void)
{
	struct event_base *base = base_new();

	/* What says nothing has the one in the middle, which of two is LOOP_OTHERS. */
	if (base == NULL || event_base_priority_init(base, LOOP_PRIORITIES) == 0)
		return base;
	event_base_free(base);
	return NULL;
}
