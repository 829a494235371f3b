/* SPDX-License-Identifier: Apache-2.0 */
/* alp_unit.h - an ALP client against a server of the test's own, and what was called back last. */
#ifndef RTALP_TESTS_ALP_UNIT_H
#define RTALP_TESTS_ALP_UNIT_H

#include "unit.h"

#include <event2/event.h>
#include <string.h>

#include "alp/alp.h"
#include "alp/alp_options.h"
#include "base/alloc.h"
#include "base/macro.h"
#include "test_alp_server.h"

static struct event_base *base;
static struct alp_server server;
static struct alp *alp;
static struct secret *key;

static inline struct alp_options
usual(void)
{
	return (struct alp_options){
	    .user_agent = "test/1",
	    .key = key,
	    .max_connections = 4,
	    .queue_timeout_ms = 30000,
	    .connect_timeout_ms = 30000,
	    .answer_timeout_ms = 30000,
	    .read_timeout_ms = 30000,
	    .read_tries = 3,
	    .retry_base_ms = 1,
	    .list_max_bytes = 65536,
	    .pages_max = 10,
	    .breaker_failures = 100,
	    .breaker_open_ms = 60000,
	    .breaker_open_max_ms = 60000,
	    .paths = {"/matters", "/matters/{id}/outcomes", "/outcomes/{id}/components", "/users", "/gst_types"},
	    .entries_path = "/time_entries",
	    .user_parameter = "user_id",
	    .from_parameter = "from",
	    .to_parameter = "to",
	    .page_parameter = "page",
	    .offset_parameter = "offset",
	    .size_parameter = "per_page",
	    .first_page = 1,
	    .id_field = "id",
	    .reference_field = "reference",
	    .status_field = "status",
	    .date_field = "date",
	    .user_field = "user_id",
	    .component_field = "matter_component_id",
	    .units_field = "units",
	    .rate_field = "rate",
	    .billable_type_field = "billable_type",
	    .gst_type_field = "gst_type",
	    .description_field = "description",
	    .notes_field = "notes",
	    .open_words = "open",
	    .invoiced_words = "invoiced billed",
	    .written_off_words = "written_off",
	    .deleted_words = "deleted",
	    .can = {.lists_entries = true},
	};
}

static inline void
begin_with(alp_answer_fn answer, struct alp_options o)
{
	char url[64];

	alp_server_start(&server, answer);
	snprintf(url, sizeof url, "http://127.0.0.1:%d/api/", server.port);
	o.url = url;
	base = event_base_new();
	assert_int_equal(alp_new(base, &o, &alp), 0);
}

static inline void
begin(alp_answer_fn answer)
{
	begin_with(answer, usual());
}

static inline void
finish(void)
{
	alp = alp_free(alp);
	event_base_free(base);
	alp_server_stop(&server);
}

/* --- what was called back ---------------------------------------------------------------------------------------------------------- */

static int done_count;
static struct alp_list_answer list;
static struct alp_entries_answer entries;
static struct alp_post_answer posted;

static inline void
forget(void)
{
	free(list.items);
	list = (struct alp_list_answer){0};
	alp_entries_release(&entries.entries);
	entries = (struct alp_entries_answer){0};
	alp_entry_release(&posted.entry);
	free(posted.text);
	posted = (struct alp_post_answer){0};
}

static inline void
list_done(struct alp_list_answer *a, void *arg)
{
	(void)arg;
	list = *a;
	a->items = NULL;
	done_count++;
}

static inline void
entries_done(struct alp_entries_answer *a, void *arg)
{
	(void)arg;
	entries = *a;
	a->entries = (struct alp_entries){0};
	done_count++;
}

static inline void
post_done(struct alp_post_answer *a, void *arg)
{
	(void)arg;
	posted = *a;
	a->text = NULL;
	a->entry = (struct alp_entry){0};
	done_count++;
}

static inline void
wait_done(void)
{
	int before = done_count;

	while (done_count == before)
		assert_int_equal(event_base_loop(base, EVLOOP_ONCE), 0);
}

static inline void
get_list(enum alp_list which, const char *id, const char *etag)
{
	forget();
	assert_non_null(alp_list(alp, which, id, etag, list_done, NULL));
	wait_done();
}

static inline void
get_entries(void)
{
	forget();
	/* 2026-11-22 to 24 */
	assert_non_null(alp_entries(alp, 7, 20779, 20781, entries_done, NULL));
	wait_done();
}

static inline void
post(void)
{
	static const char body[] = "{\"units\":3}";

	forget();
	assert_non_null(alp_post(alp, body, sizeof body - 1, "key-1", post_done, NULL));
	wait_done();
}

static inline const char *
query(const struct seen_request *r)
{
	const char *q = strchr(r->target, '?');

	return q != NULL ? q + 1 : "";
}

static inline int
alp_setup(void **state)
{
	(void)state;
	return secret_setup() < 0 || secret_new(STR("TEST-KEY"), &key) < 0 ? -1 : 0;
}

static inline int
alp_teardown(void **state)
{
	(void)state;
	forget();
	key = secret_free(key);
	return 0;
}

#endif
