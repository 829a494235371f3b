/* SPDX-License-Identifier: Apache-2.0 */
#include "control.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "alp.h"
#include "alp_control.h"
#include "calendar.h"
#include "control_internal.h"
#include "day_text.h"
#include "forms.h"
#include "generate.h"
#include "titles.h"

void
control_refuse(struct order *o, int status, const char *why)
{
	o->status = status;
	o->out.len = 0;
	buf_printf(&o->out, "%s\n", why);
}

/* user= and date=, both needed. */
static bool
take_day(struct order *o, uint32_t *ret_user, int32_t *ret_date)
{
	const char *date = params_get(&o->params, "date");
	int64_t user;

	if (params_int(&o->params, "user", 1, users_count(o->sb->users), &user) < 0) {
		control_refuse(o, 400, "user: the number of an account is needed");
		return false;
	}
	if (!date || date_parse(date, ret_date) < 0) {
		control_refuse(o, 400, "date: YYYY-MM-DD is needed");
		return false;
	}
	*ret_user = (uint32_t)user;
	return true;
}

static void
faults_post(struct order *o)
{
	const char *why;
	uint32_t id;

	if (faults_set(o->sb->faults, &o->params, &id, &why) < 0)
		control_refuse(o, 400, why);
	else
		buf_printf(&o->out, "id\t%u\n", id);
	cache_forget(o->sb->cache);
}

static void
faults_get(struct order *o)
{
	faults_list(o->sb->faults, &o->out);
}

static void
faults_delete(struct order *o)
{
	int64_t id = 0;

	if (params_int(&o->params, "id", 1, UINT32_MAX, &id) == -EINVAL) {
		control_refuse(o, 400, "id: a number");
		return;
	}
	buf_printf(&o->out, "cleared\t%zu\n", faults_clear(o->sb->faults, (uint32_t)id));
	cache_forget(o->sb->cache);
}

static void
day_get(struct order *o)
{
	struct day *d;
	uint32_t user;
	int32_t date;

	if (!take_day(o, &user, &date))
		return;
	d = archive_day(o->sb->archive, user, date);
	day_write(d, &o->out);
	day_free(d);
}

static void
day_put(struct order *o)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(exchange_request(o->x));
	size_t n = evbuffer_get_length(body);
	unsigned line = 0;
	struct day *d;
	uint32_t user;
	int32_t date;

	if (!take_day(o, &user, &date))
		return;
	if (day_read(n ? (const char *)evbuffer_pullup(body, -1) : "", n, &d, &line) < 0) {
		o->status = 400;
		buf_printf(&o->out, "line %u: HH:MM, seconds, activity, document, category, productivity, tab-separated\n", line);
		return;
	}
	buf_printf(&o->out, "rows\t%zu\n", d->count);
	archive_define(o->sb->archive, user, date, d);
	cache_forget(o->sb->cache);
}

static void
day_delete(struct order *o)
{
	uint32_t user;
	int32_t date;

	if (!params_get(&o->params, "user") && !params_get(&o->params, "date")) {
		archive_reset(o->sb->archive);
	} else {
		if (!take_day(o, &user, &date))
			return;
		if (archive_undefine(o->sb->archive, user, date) < 0)
			control_refuse(o, 404, "no such day was defined");
	}
	cache_forget(o->sb->cache);
}

static void
requests_get(struct order *o)
{
	int64_t since = 0;

	if (params_int(&o->params, "since", 0, INT64_MAX, &since) == -EINVAL)
		control_refuse(o, 400, "since: a sequence number");
	else
		reqlog_dump(o->sb->log, (uint64_t)since, &o->out);
}

static void
stats_get(struct order *o)
{
	const struct stats *s = &o->sb->stats;

	buf_printf(&o->out, "requests\t%" PRIu64 "\nconnections\t%" PRIu64 "\ntls_handshakes\t%" PRIu64 "\n", s->requests,
	           s->connections, s->tls_handshakes);
	buf_printf(&o->out, "logins\t%" PRIu64 "\ncontrol_requests\t%" PRIu64 "\naborted\t%" PRIu64 "\n", s->logins,
	           s->control_requests, s->aborted);
	buf_printf(&o->out, "alp_requests\t%" PRIu64 "\nalp_posts\t%" PRIu64 "\nalp_in_flight\t%u\nmax_alp_in_flight\t%u\n", s->alp_requests,
	           s->alp_posts, s->alp_in_flight, s->max_alp_in_flight);
	buf_printf(&o->out, "in_flight\t%u\nmax_in_flight\t%u\nmax_in_flight_user\t%u\n", s->in_flight, s->max_in_flight,
	           s->max_in_flight_user);
}

static void
stats_delete(struct order *o)
{
	uint32_t in_flight = o->sb->stats.in_flight, alp = o->sb->stats.alp_in_flight;

	o->sb->stats = (struct stats){ .in_flight = in_flight, .max_in_flight = in_flight, .alp_in_flight = alp, .max_alp_in_flight = alp };
}

static void
clock_get(struct order *o)
{
	buf_printf(&o->out, "now\t%" PRId64 "\nfrozen\t%d\n", clock_now(&o->sb->clock), o->sb->clock.frozen);
}

static void
clock_put(struct order *o)
{
	const char *now = params_get(&o->params, "now");
	int64_t at = clock_now(&o->sb->clock), by = 0;

	if (now && instant_parse(now, &at) < 0) {
		control_refuse(o, 400, "now: an RFC 3339 instant");
		return;
	}
	if (params_int(&o->params, "advance", -INT32_MAX, INT32_MAX, &by) == -EINVAL) {
		control_refuse(o, 400, "advance: seconds");
		return;
	}
	o->sb->clock.frozen = !params_get(&o->params, "live");
	o->sb->clock.at = at + by;
	cache_forget(o->sb->cache);
	clock_get(o);
}

static void
user_get(struct order *o)
{
	char key[KEY_LEN + 1], date[DATE_LEN + 1];
	uint32_t matters[MATTERS_OF_AN_ACCOUNT];
	int64_t user;
	size_t i;

	if (params_int(&o->params, "user", 1, users_count(o->sb->users), &user) < 0) {
		control_refuse(o, 404, "user: the number of an account is needed");
		return;
	}
	user_key((uint32_t)user, key);
	date_format(archive_today(o->sb->archive, (uint32_t)user), date);
	buf_printf(&o->out, "user\t%" PRId64 "\nkey\t%s\nzone\t%s\ntoday\t%s\nmatters\t", user, key,
	           users_zone(o->sb->users, (uint32_t)user), date);
	matters_of(account_seed(o->sb->options->seed, (uint32_t)user), matters);
	for (i = 0; i < MATTERS_OF_AN_ACCOUNT; i++)
		buf_printf(&o->out, "%s%u", i ? " " : "", matters[i]);
	buf_putc(&o->out, '\n');
}

static void
user_put(struct order *o)
{
	const char *zone = params_get(&o->params, "zone");
	int64_t user;

	if (params_int(&o->params, "user", 1, users_count(o->sb->users), &user) < 0 || !zone ||
	    users_set_zone(o->sb->users, (uint32_t)user, zone) < 0) {
		control_refuse(o, 400, "user: an account's number, and zone: an IANA name, are needed");
		return;
	}
	cache_forget(o->sb->cache);
	user_get(o);
}

/* Back to how the program started, but for zones, clock and the log. */
static void
reset_post(struct order *o)
{
	faults_clear(o->sb->faults, 0);
	faults_reseed(o->sb->faults, o->sb->options->seed);
	archive_reset(o->sb->archive);
	cache_forget(o->sb->cache);
	alp_reset(o->sb->alp, o->sb->options);
}

static const struct route {
	const char *name;
	enum evhttp_cmd_type method;
	void (*handle)(struct order *o);
} routes[] = {
	{ "faults", EVHTTP_REQ_POST, faults_post },
	{ "faults", EVHTTP_REQ_GET, faults_get },
	{ "faults", EVHTTP_REQ_DELETE, faults_delete },
	{ "day", EVHTTP_REQ_GET, day_get },
	{ "day", EVHTTP_REQ_PUT, day_put },
	{ "day", EVHTTP_REQ_DELETE, day_delete },
	{ "requests", EVHTTP_REQ_GET, requests_get },
	{ "stats", EVHTTP_REQ_GET, stats_get },
	{ "stats", EVHTTP_REQ_DELETE, stats_delete },
	{ "clock", EVHTTP_REQ_GET, clock_get },
	{ "clock", EVHTTP_REQ_PUT, clock_put },
	{ "user", EVHTTP_REQ_GET, user_get },
	{ "user", EVHTTP_REQ_PUT, user_put },
	{ "alp", EVHTTP_REQ_GET, alp_control_get },
	{ "alp", EVHTTP_REQ_PUT, alp_control_put },
	{ "alp-entries", EVHTTP_REQ_GET, alp_entries_get },
	{ "alp-entries", EVHTTP_REQ_DELETE, alp_entries_delete },
	{ "alp-entry", EVHTTP_REQ_PUT, alp_entry_put },
	{ "alp-entry", EVHTTP_REQ_POST, alp_entry_post },
	{ "alp-log", EVHTTP_REQ_GET, alp_log_get },
	{ "reset", EVHTTP_REQ_POST, reset_post },
};

static void
dispatch(struct order *o, const char *name)
{
	enum evhttp_cmd_type method = evhttp_request_get_command(exchange_request(o->x));
	bool known = false;
	size_t i;

	for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if (strcmp(routes[i].name, name) != 0)
			continue;
		known = true;
		if (routes[i].method == method) {
			routes[i].handle(o);
			return;
		}
	}
	control_refuse(o, known ? 405 : 404, known ? "wrong method" : "no such control");
}

void
control_answer(struct exchange *x, const char *name)
{
	struct order o = { .x = x, .sb = exchange_sandbox(x), .status = 200 };
	struct reply *r = exchange_reply(x);

	o.sb->stats.control_requests++;
	forms_read(exchange_request(x), &o.params);
	dispatch(&o, name);
	r->status = o.status;
	r->type = "text/plain; charset=utf-8";
	evbuffer_add(r->body, o.out.data, o.out.len);
	buf_release(&o.out);
	params_release(&o.params);
	exchange_send(x);
}
