/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/web.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alp/web_internal.h"
#include "base/alloc.h"
#include "base/clock.h"

#define HEAD_MAX_BYTES ((size_t)64 * 1024)
#define IDLE_S         30 /* a connection that idled for longer is not trusted with a post, so nothing is */

enum turn { READS, POSTS, TURNS };

struct web {
	struct event_base *base;
	CURLM *multi;
	struct event *timer, *queue_timer;
	struct web_options options;
	char *ca_file, *user_agent;
	struct web_calls waiting[TURNS], under_way;
	size_t under_way_count;
	enum turn turn; /* whose it is, if both wait */
};

static void pump(struct web *web);

/* --- one transfer ------------------------------------------------------------------------------------------------------------ */

/* Asked before each sending. The second one of a post is libcurl's own idea. */
static int
before_request(void *arg, char *address, char *local, int port, int local_port)
{
	struct web_call *call = arg;

	(void)address;
	(void)local;
	(void)port;
	(void)local_port;
	if (call->post && call->begun)
		return CURL_PREREQFUNC_ABORT;
	call->begun = true;
	return CURL_PREREQFUNC_OK;
}

static size_t
give_body(char *to, size_t size, size_t count, void *arg)
{
	struct web_call *call = arg;
	size_t n = MIN_OF(size * count, call->body_bytes - call->body_given);

	/* All of it was given: whoever asks for more has begun again. */
	if (n == 0)
		return CURL_READFUNC_ABORT;
	memcpy(to, call->body + call->body_given, n);
	call->body_given += n;
	return n;
}

static int
refuse_rewind(void *arg, curl_off_t offset, int origin)
{
	(void)arg;
	(void)offset;
	(void)origin;
	return CURL_SEEKFUNC_FAIL;
}

static size_t
take_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct web_call *call = arg;

	(void)size; /* always 1 */
	if (buf_add(&call->answer, bytes, count) == 0)
		return count;
	call->too_large = true;
	return 0;
}

static size_t
count_head(char *bytes, size_t size, size_t count, void *arg)
{
	struct web_call *call = arg;

	(void)bytes;
	call->head_bytes += size * count;
	if (call->head_bytes <= HEAD_MAX_BYTES)
		return size * count;
	call->too_large = true;
	return 0;
}

static void
set_post(struct web_call *call)
{
	/* By a callback, because libcurl rewinds a body that it holds itself, and sends it again. */
	curl_easy_setopt(call->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_bytes);
	curl_easy_setopt(call->easy, CURLOPT_READFUNCTION, give_body);
	curl_easy_setopt(call->easy, CURLOPT_READDATA, call);
	curl_easy_setopt(call->easy, CURLOPT_SEEKFUNCTION, refuse_rewind);
}

static void
set_exchange(struct web_call *call)
{
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_head);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	if (call->post)
		set_post(call);
}

static void
set_manners(struct web_call *call)
{
	const struct web_options *o = &call->web->options;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A name server that does not answer must not hold up the loop when the call is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, call->web->user_agent);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)o->answer_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_S);
	curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)o->body_max_bytes);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (call->web->ca_file != NULL) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, call->web->ca_file);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
}

static void
add_header(struct web_call *call, const char *name, struct str value)
{
	char *line = xasprintf("%s: %.*s", name, STR_ARG(value));

	call->headers = curl_slist_append(call->headers, line);
	secret_wipe(line, strlen(line));
	free(line);
}

static void
add_headers(struct web_call *call, const struct web_request *request)
{
	const struct secret *bearer = call->web->options.bearer;
	char *token;

	add_header(call, "Accept", STR("application/json"));
	if (bearer != NULL) {
		/* The interface takes it in a header. */
		token = xasprintf("Bearer %.*s", STR_ARG(secret_expose(bearer)));
		add_header(call, "Authorization", str_of(token));
		secret_wipe(token, strlen(token));
		free(token);
	}
	if (request->if_none_match != NULL)
		add_header(call, "If-None-Match", str_of(request->if_none_match));
	if (!request->post)
		return;
	add_header(call, "Content-Type", STR("application/json"));
	if (request->idempotency_key != NULL)
		add_header(call, "Idempotency-Key", str_of(request->idempotency_key));
	/* Not to be asked for: half of it would be sent, and then waited. */
	call->headers = curl_slist_append(call->headers, "Expect:");
}

static void
call_free(struct web_call *call)
{
	if (call->easy != NULL) {
		curl_multi_remove_handle(call->web->multi, call->easy);
		curl_easy_cleanup(call->easy);
	}
	for (struct curl_slist *h = call->headers; h != NULL; h = h->next)
		secret_wipe(h->data, strlen(h->data));
	curl_slist_free_all(call->headers);
	buf_release(&call->answer);
	free(call->url);
	free(call->body);
	free(call);
}

static void
unlink_call(struct web_call *call)
{
	struct web *web = call->web;

	if (call->easy == NULL) {
		TAILQ_REMOVE(&web->waiting[call->post ? POSTS : READS], call, link);
		return;
	}
	TAILQ_REMOVE(&web->under_way, call, link);
	web->under_way_count--;
}

static void
finish(struct web_call *call, CURLcode result)
{
	struct web_answer answer = {0};
	web_done_fn done = call->done;
	void *arg = call->arg;

	web_answer_fill(call, result, clock_real_ms(), &answer);
	web_answer_count(&answer, call->post, clock_mono_us() - call->began_us);
	unlink_call(call);
	call_free(call);
	done(&answer, arg);
	web_answer_release(&answer);
}

/* --- the queue --------------------------------------------------------------------------------------------------------------- */

static struct web_call *
next_waiting(struct web *web)
{
	enum turn other = web->turn == READS ? POSTS : READS;
	enum turn whose = TAILQ_EMPTY(&web->waiting[web->turn]) ? other : web->turn;
	struct web_call *call = TAILQ_FIRST(&web->waiting[whose]);

	if (call != NULL)
		web->turn = whose == READS ? POSTS : READS;
	return call;
}

static void
start(struct web *web, struct web_call *call)
{
	unlink_call(call);
	call->easy = curl_easy_init();
	if (call->easy == NULL)
		abort(); /* as without memory */
	set_manners(call);
	set_exchange(call);
	TAILQ_INSERT_TAIL(&web->under_way, call, link);
	web->under_way_count++;
	call->began_us = clock_mono_us();
	curl_multi_add_handle(web->multi, call->easy);
}

static void
arm_queue_timer(struct web *web)
{
	int64_t first = INT64_MAX, wait_ms;
	struct timeval tv;

	for (size_t i = 0; i < TURNS; i++)
		if (!TAILQ_EMPTY(&web->waiting[i]))
			first = MIN_OF(first, TAILQ_FIRST(&web->waiting[i])->queued_until_ms);
	if (first == INT64_MAX) {
		event_del(web->queue_timer);
		return;
	}
	wait_ms = MAX_OF(first - clock_mono_ms(), (int64_t)0);
	tv = (struct timeval){.tv_sec = wait_ms / 1000, .tv_usec = (wait_ms % 1000) * 1000};
	event_add(web->queue_timer, &tv);
}

static void
pump(struct web *web)
{
	struct web_call *call;

	while (web->under_way_count < web->options.max_under_way && (call = next_waiting(web)) != NULL)
		start(web, call);
	arm_queue_timer(web);
}

static void
end_waiting(struct web_call *call)
{
	struct web_answer answer = {.outcome = WEB_NOT_SENT, .trouble = WEB_TIMEOUT, .queued_out = true, .detail = "too many requests waited before it"};
	web_done_fn done = call->done;
	void *arg = call->arg;

	unlink_call(call);
	call_free(call);
	done(&answer, arg);
}

static void
on_queue_timer(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;
	int64_t now_ms = clock_mono_ms();

	(void)fd;
	(void)what;
	for (size_t i = 0; i < TURNS; i++) {
		struct web_call *call;

		while ((call = TAILQ_FIRST(&web->waiting[i])) != NULL && call->queued_until_ms <= now_ms)
			end_waiting(call);
	}
	arm_queue_timer(web);
}

struct web_call *
web_send(struct web *web, const struct web_request *request, web_done_fn done, void *arg)
{
	struct web_call *call = xcalloc(1, sizeof *call);

	call->web = web;
	call->done = done;
	call->arg = arg;
	call->post = request->post;
	call->queued_until_ms = clock_mono_ms() + web->options.queue_timeout_ms;
	call->url = xstrdup(request->url);
	call->body = xmemdup(request->body.p, request->body.len, 1);
	call->body_bytes = request->body.len;
	call->answer = BUF_INIT(request->answer_max_bytes > 0 ? MIN_OF(request->answer_max_bytes, web->options.body_max_bytes) : web->options.body_max_bytes);
	add_headers(call, request);
	TAILQ_INSERT_TAIL(&web->waiting[call->post ? POSTS : READS], call, link);
	pump(web);
	return call;
}

void
web_cancel(struct web_call *call)
{
	struct web *web = call->web;

	unlink_call(call);
	call_free(call);
	pump(web);
}

/* --- libcurl on the loop ----------------------------------------------------------------------------------------------------- */

static void
look_for_ended(struct web *web)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(web->multi, &left)) != NULL) {
		struct web_call *call = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &call);
		finish(call, m->data.result);
	}
	pump(web);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;
	int running, action = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);

	curl_multi_socket_action(web->multi, fd, action, &running);
	look_for_ended(web);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct web *web = arg;
	int running;

	(void)fd;
	(void)what;
	curl_multi_socket_action(web->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	look_for_ended(web);
}

static int
watch_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct web *web = arg;
	struct event *event = socket_arg;
	short wanted = (short)(((what & CURL_POLL_IN) != 0 ? EV_READ : 0) | ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0));

	(void)easy;
	if (event != NULL)
		event_free(event);
	event = NULL;
	if (what != CURL_POLL_REMOVE) {
		event = event_new(web->base, fd, (short)(wanted | EV_PERSIST), on_socket, web);
		event_add(event, NULL);
	}
	curl_multi_assign(web->multi, fd, event);
	return 0;
}

static int
set_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct web *web = arg;
	struct timeval tv = {.tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000};

	(void)multi;
	if (timeout_ms < 0)
		event_del(web->timer);
	else
		event_add(web->timer, &tv);
	return 0;
}

static void
set_multi(struct web *web)
{
	curl_multi_setopt(web->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(web->multi, CURLMOPT_SOCKETDATA, web);
	curl_multi_setopt(web->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(web->multi, CURLMOPT_TIMERDATA, web);
	curl_multi_setopt(web->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(web->multi, CURLMOPT_MAXCONNECTS, (long)web->options.max_under_way);
}

int
web_new(struct event_base *base, const struct web_options *options, struct web **ret_web)
{
	struct web *web;
	CURLM *multi;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (multi = curl_multi_init()) == NULL)
		return -ENOMEM;
	web = xcalloc(1, sizeof *web);
	web->base = base;
	web->multi = multi;
	web->options = *options;
	web->ca_file = options->ca_file != NULL && options->ca_file[0] != '\0' ? xstrdup(options->ca_file) : NULL;
	web->user_agent = xstrdup(options->user_agent);
	web->timer = evtimer_new(base, on_timer, web);
	web->queue_timer = evtimer_new(base, on_queue_timer, web);
	for (size_t i = 0; i < TURNS; i++)
		TAILQ_INIT(&web->waiting[i]);
	TAILQ_INIT(&web->under_way);
	set_multi(web);
	*ret_web = web;
	return 0;
}

static void
free_calls(struct web_calls *calls)
{
	struct web_call *call;

	while ((call = TAILQ_FIRST(calls)) != NULL) {
		TAILQ_REMOVE(calls, call, link);
		call_free(call);
	}
}

struct web *
web_free(struct web *web)
{
	if (web == NULL)
		return NULL;
	for (size_t i = 0; i < TURNS; i++)
		free_calls(&web->waiting[i]);
	free_calls(&web->under_way);
	curl_multi_cleanup(web->multi);
	event_free(web->timer);
	event_free(web->queue_timer);
	free(web->ca_file);
	free(web->user_agent);
	free(web);
	curl_global_cleanup();
	return NULL;
}
