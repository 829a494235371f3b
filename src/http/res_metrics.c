/* SPDX-License-Identifier: Apache-2.0 */
/* res_metrics.c - what the service counts of itself, for Prometheus. */
#include <stdlib.h>

#include "app/watch.h"
#include "base/alloc.h"
#include "base/metrics.h"
#include "http/answer.h"
#include "http/answer_cache.h"
#include "http/resources.h"
#include "http/server_internal.h"

#define TEXT_MAX ((size_t)4 * 1024 * 1024)

void
metrics_name_routes(void)
{
	static bool named;

	if (named)
		return;
	named = true;
	metrics_name(METRIC_SET_ROUTE, 0, "method=\"\",route=\"\"");
	for (size_t i = 0; i < route_count; i++)
		metrics_name(METRIC_SET_ROUTE, i + 1, xasprintf("method=\"%s\",route=\"%s\"", http_method_name(routes[i].method), routes[i].pattern));
}

static void
tell_server(struct http_server *s)
{
	struct answer_cache_stats stats;

	answer_cache_get_stats(s->answers, &stats);
	metric_set(rtalp_http_connections, 0, 0, s->conn_count);
	metric_set(rtalp_http_watchers, 0, 0, s->streams.count);
	metric_set(rtalp_tls_certificate_expiry_seconds, 0, 0, s->tls != NULL ? tls_expires_ms(s->tls) * 1000 : 0);
	metric_set(rtalp_http_kept_answers, 0, 0, (int64_t)stats.count);
	metric_set(rtalp_http_kept_bytes, 0, 0, (int64_t)stats.bytes);
	metric_set(rtalp_http_kept_lookups, METRIC_HIT, 0, (int64_t)stats.hits);
	metric_set(rtalp_http_kept_lookups, METRIC_MISS, 0, (int64_t)(stats.misses - stats.outdated));
	metric_set(rtalp_http_kept_lookups, METRIC_OUTDATED, 0, (int64_t)stats.outdated);
	if (s->tell != NULL)
		s->tell(s->ready_arg);
}

struct scrape {
	struct watch_sample verb;
	struct http_request *request;
	enum metrics_form form;
	struct buf text;
};

static void
scrape_release(void *p)
{
	struct scrape *s = p;

	buf_release(&s->text);
}

static void
render(void *arg)
{
	struct scrape *s = arg;

	metrics_render(&s->text, s->form);
}

static void
on_sampled(int error, void *arg)
{
	_cleanup_(answer_unrefp) struct ready_answer *a = NULL;
	struct scrape *s = arg;
	size_t len = 0;
	char *text;

	/* Without the store there is the more to watch. */
	if (error < 0) {
		buf_clear(&s->text);
		render(s);
	}
	if (s->text.error < 0) {
		reply_too_large(s->request);
		return;
	}
	text = buf_take(&s->text, &len);
	a = answer_new(200, metrics_media[s->form], text, len);
	reply_answer(s->request, a);
}

void
metrics_get(struct http_request *r)
{
	struct scrape *s = request_attach(r, sizeof *s, scrape_release);

	s->request = r;
	s->form = r->form == FORM_METRICS ? METRICS_OLD : METRICS_OPEN;
	s->text = BUF_INIT(TEXT_MAX);
	s->verb.render = render;
	tell_server(r->server);
	app_watch_sample(r->app, &s->verb, on_sampled, s);
}
