/* SPDX-License-Identifier: Apache-2.0 */
/* fake_app - the front end with verbs that only pretend: a program for trying what a real store cannot be made to do on demand.
 *
 *     fake_app [port]     prints "port N", serves until SIGTERM, then drains
 *
 * What a verb answers depends on the user or id it is asked for:
 *     900  -ENOSPC      901  -EIO      902  -EDQUOT      903  an unexpected error      904  -EINVAL with a fault
 *     job or entry 404  -ENOENT;  job or entry 409  over, submitted;  entry 412 with revision 7
 *     job 500           stays running; waiting for it times out
 *     user 77           single-user mode, when FAKE_SINGLE_USER is set
 * FAKE_DELAY_MS: every verb takes that long. FAKE_*: options of the server, see main().
 */
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "app/events.h"
#include "app/explain.h"
#include "app/matters.h"
#include "app/suggest.h"
#include "app/report.h"
#include "app/token.h"
#include "app/watch.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/macro.h"
#include "http/server.h"
#include "fake_app.h"

struct app {
	struct event_base *base;
	int64_t delay_ms, single_user;
	struct hub *hub;
};

struct call {
	struct app *app;
	int r;
	app_done_fn done;
	void *arg;
};

static int64_t
setting(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoll(text, NULL, 10) : otherwise;
}

static void
on_call(evutil_socket_t fd, short what, void *arg)
{
	struct call *c = arg;

	(void)fd;
	(void)what;
	c->done(c->r, c->arg);
	free(c);
}

void
fake_answer(struct app *app, int r, app_done_fn done, void *arg)
{
	struct timeval tv = {.tv_sec = app->delay_ms / 1000, .tv_usec = app->delay_ms % 1000 * 1000};
	struct call *c = xcalloc(1, sizeof *c);

	*c = (struct call){app, r, done, arg};
	event_base_once(app->base, -1, EV_TIMEOUT, on_call, c, &tv);
}

int
fake_verdict(int64_t id, struct app_fault *fault)
{
	switch (id) {
	case 404:
		return -ENOENT;
	case 900:
		return -ENOSPC;
	case 901:
		return -EIO;
	case 902:
		return -EDQUOT;
	case 903:
		return -EXDEV;
	case 904:
		if (fault != NULL)
			*fault = (struct app_fault){"target_date", "date_in_future", "must not be in the future"};
		return -EINVAL;
	default:
		return 0;
	}
}

/* --- rows --------------------------------------------------------------------------------------------------------------- */

const char *
job_state_name(enum job_state state)
{
	static const char *const names[] = {"", "queued", "running", "succeeded", "failed", "cancelled", "key_lost"};

	return names[state];
}

const char *
entry_status_name(enum entry_status status)
{
	static const char *const names[] = {"", "pending", "submitted", "ignored", "withdrawn"};

	return names[status];
}

static struct job_row
job(int64_t id, int64_t user, enum job_kind kind, enum job_state state)
{
	return (struct job_row){.job_id = id, .alp_user_id = user, .kind = kind, .state = state, .priority = 5, .run_at_ms = 1700000000000,
	    .created_ms = 1700000000000, .updated_ms = 1700000000000, .from_day = 20000, .to_day = 20003, .days_done = 1};
}

void
job_row_release(struct job_row *row)
{
	free(row->error_code);
	free(row->error_detail);
}

static struct entry_row
entry(int64_t id, int64_t user)
{
	struct entry_row e = ENTRY_ROW_INIT;

	e.entry_id = id;
	e.alp_user_id = user;
	e.day = 20000;
	e.status = ENTRY_PENDING;
	e.revision = 7;
	snprintf(e.source_hash, sizeof e.source_hash, "hash%lld", (long long)id);
	e.application = xstrdup("Word");
	e.task_description = xstrdup("Lease \"draft\"\n\x01 caf\xc3\xa9");
	e.total_seconds = 1001;
	e.units_tenths = 28;
	e.created_ms = e.updated_ms = 1700000000000;
	return e;
}

static void
entry_free(struct entry_row *e)
{
	free(e->application);
	free(e->task_description);
	free(e->person_description);
	free(e->person_matter);
	free(e->notes);
}

/* --- jobs --------------------------------------------------------------------------------------------------------------- */

void
app_fetch_submit(struct app *app, struct fetch_submit *v, app_done_fn done, void *arg)
{
	int r = v->key == NULL && app->single_user == 0 ? -ENOKEY : fake_verdict(v->alp_user_id, &v->fault);

	v->key = secret_free(v->key);
	v->job = job(v->alp_user_id == 500 ? 500 : 1, v->alp_user_id, KIND_FETCH, JOB_QUEUED);
	v->job.priority = v->priority;
	v->job.process = v->process;
	v->job.to_day = v->from_day >= 0 ? v->to_day : v->target_day >= 0 ? v->target_day : 20003;
	v->job.from_day = v->from_day >= 0 ? v->from_day : v->job.to_day - v->days + 1;
	fake_answer(app, r, done, arg);
}

void
fetch_submit_release(struct fetch_submit *v)
{
	job_row_release(&v->job);
}

void
app_process_submit(struct app *app, struct process_submit *v, app_done_fn done, void *arg)
{
	v->job = job(2, v->alp_user_id, KIND_PROCESS, JOB_QUEUED);
	v->coalesced = v->all_unprocessed;
	fake_answer(app, fake_verdict(v->alp_user_id, &v->fault), done, arg);
}

void
process_submit_release(struct process_submit *v)
{
	job_row_release(&v->job);
}

void
app_job_get(struct app *app, struct job_get *v, app_done_fn done, void *arg)
{
	v->job = job(v->job_id, 5, KIND_FETCH, v->job_id == 500 ? JOB_RUNNING : JOB_SUCCEEDED);
	v->history.rows = xcalloc(1, sizeof *v->history.rows);
	v->history.rows[0] = (struct job_history_row){.at_ms = 1700000000000, .to_state = JOB_QUEUED};
	v->history.count = 1;
	fake_answer(app, fake_verdict(v->job_id, NULL), done, arg);
}

void
job_get_release(struct job_get *v)
{
	job_row_release(&v->job);
	free(v->history.rows);
}

void
app_job_query(struct app *app, struct job_query *v, app_done_fn done, void *arg)
{
	int64_t newest = v->filter.below_id > 0 ? v->filter.below_id - 1 : 10;
	int64_t count = v->filter.limit > 0 ? MIN_OF(newest, v->filter.limit) : newest;

	v->total = 10;
	v->list.rows = xcalloc((size_t)count + 1, sizeof *v->list.rows);
	for (int64_t i = 0; i < count; i++)
		v->list.rows[v->list.count++] = job(newest - i, 5, KIND_FETCH, JOB_FAILED);
	fake_answer(app, fake_verdict(v->filter.alp_user_id, NULL), done, arg);
}

void
job_query_release(struct job_query *v)
{
	free(v->list.rows);
}

void
app_job_cancel(struct app *app, struct job_cancel *v, app_done_fn done, void *arg)
{
	v->job = job(v->job_id, 5, KIND_FETCH, v->job_id == 500 ? JOB_RUNNING : JOB_CANCELLED);
	v->job.cancel_requested = true;
	fake_answer(app, v->job_id == 409 ? -EALREADY : fake_verdict(v->job_id, NULL), done, arg);
}

void
job_cancel_release(struct job_cancel *v)
{
	job_row_release(&v->job);
}

void
app_job_retry(struct app *app, struct job_retry *v, app_done_fn done, void *arg)
{
	int r = v->job_id == 409 ? -EALREADY : v->key == NULL ? -ENOKEY : fake_verdict(v->job_id, NULL);

	v->key = secret_free(v->key);
	v->job = job(v->job_id, 5, KIND_FETCH, JOB_QUEUED);
	fake_answer(app, r, done, arg);
}

void
job_retry_release(struct job_retry *v)
{
	job_row_release(&v->job);
}

struct app_wait {
	struct event *timer;
	app_done_fn done;
	void *arg;
};

static void
on_wait(evutil_socket_t fd, short what, void *arg)
{
	struct app_wait *w = arg;

	(void)fd;
	(void)what;
	w->done(-ETIMEDOUT, w->arg);
	event_free(w->timer);
	free(w);
}

struct app_wait *
app_wait(struct app *app, int64_t job_id, int64_t alp_user_id, int64_t timeout_ms, app_done_fn done, void *arg)
{
	int64_t ms = job_id == 500 ? timeout_ms : MIN_OF(timeout_ms, 300);
	struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
	struct app_wait *w = xcalloc(1, sizeof *w);

	(void)alp_user_id;
	*w = (struct app_wait){evtimer_new(app->base, on_wait, w), done, arg};
	event_add(w->timer, &tv);
	return w;
}

void
app_wait_cancel(struct app *app, struct app_wait *w)
{
	(void)app;
	event_free(w->timer);
	free(w);
}

void
app_queue_control(struct app *app, struct queue_control *v, app_done_fn done, void *arg)
{
	v->counts = (struct kind_counts){.kind = v->kind, .paused = v->set_paused && v->paused, .queued = 3, .running = 1};
	fake_answer(app, 0, done, arg);
}

/* --- entries ------------------------------------------------------------------------------------------------------------ */

void
app_entry_query(struct app *app, struct entry_query *v, app_done_fn done, void *arg)
{
	int64_t total = v->filter.alp_user_id == 9000 ? 20000 : 5;
	int64_t count = v->filter.limit > 0 ? MIN_OF(total - v->filter.after_id, v->filter.limit) : total;

	v->list.rows = xcalloc((size_t)count + 1, sizeof *v->list.rows);
	for (int64_t i = 0; i < count; i++)
		v->list.rows[v->list.count++] = entry(v->filter.after_id + i + 1, v->filter.alp_user_id);
	if (v->render != NULL)
		v->render(arg);
	fake_answer(app, fake_verdict(v->filter.alp_user_id, NULL), done, arg);
}

void
entry_query_release(struct entry_query *v)
{
	for (size_t i = 0; i < v->list.count; i++)
		entry_free(&v->list.rows[i]);
	free(v->list.rows);
}

void
app_entry_get(struct app *app, struct entry_get *v, app_done_fn done, void *arg)
{
	v->entry = entry(v->entry_id, 5);
	fake_answer(app, fake_verdict(v->entry_id, NULL), done, arg);
}

void
entry_get_release(struct entry_get *v)
{
	entry_free(&v->entry);
}

void
app_entry_edit(struct app *app, struct entry_edit *v, app_done_fn done, void *arg)
{
	int r = v->entry_id == 409 ? -EPERM : v->if_revision != 0 && v->if_revision != 7 ? -ESTALE : fake_verdict(v->entry_id, NULL);

	v->entry = entry(v->entry_id, 5);
	v->entry.revision = 8;
	if (v->description == EDIT_SET)
		v->entry.person_description = xstrdup(v->description_value);
	if (v->units == EDIT_SET)
		v->entry.person_units_tenths = v->units_tenths_value;
	if (v->matter == EDIT_SET)
		v->entry.person_matter = xstrdup(v->matter_value);
	if (v->notes == EDIT_SET)
		v->entry.notes = xstrdup(v->notes_value);
	if (v->status != 0)
		v->entry.status = v->status;
	fake_answer(app, r, done, arg);
}

void
entry_edit_release(struct entry_edit *v)
{
	entry_free(&v->entry);
}

void
app_entry_explain(struct app *app, struct entry_explain *v, app_done_fn done, void *arg)
{
	v->told.entry = entry(v->entry_id, 5);
	if (v->render != NULL)
		v->render(arg);
	fake_answer(app, fake_verdict(v->entry_id, NULL), done, arg);
}

void
entry_explain_release(struct entry_explain *v)
{
	entry_free(&v->told.entry);
}

void
app_entry_confirm(struct app *app, struct entry_confirm *v, app_done_fn done, void *arg)
{
	int r = v->entry_id == 409 ? -EPERM : v->if_revision != 0 && v->if_revision != 7 ? -ESTALE : fake_verdict(v->entry_id, NULL);

	v->refusal = r == -EPERM ? CONFIRM_IGNORED : 0;
	v->created = true;
	v->entry = entry(v->entry_id, 5);
	v->entry.status = ENTRY_SUBMITTED;
	v->entry.frozen_seconds = v->entry.total_seconds;
	v->entry.revision = 8;
	fake_answer(app, r, done, arg);
}

void
entry_confirm_release(struct entry_confirm *v)
{
	entry_free(&v->entry);
}

void
app_entry_revert(struct app *app, struct entry_revert *v, app_done_fn done, void *arg)
{
	v->entry = entry(v->entry_id, 5);
	fake_answer(app, v->entry_id == 409 ? -EPERM : fake_verdict(v->entry_id, NULL), done, arg);
}

void
entry_revert_release(struct entry_revert *v)
{
	entry_free(&v->entry);
}

/* --- the rest ----------------------------------------------------------------------------------------------------------- */

void
app_report_day(struct app *app, struct report_day *v, app_done_fn done, void *arg)
{
	v->sums.captured_seconds = 3600;
	v->sums.pending_seconds = 3000;
	v->sums.filtered_seconds = v->alp_user_id == 6 ? 599 : 600;
	v->state.generation = 2;
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
report_day_release(struct report_day *v)
{
	free(v->filtered.rows);
}

void
app_report_range(struct app *app, struct report_range *v, app_done_fn done, void *arg)
{
	v->sums.captured_seconds = v->sums.pending_seconds = 3600;
	if (v->render != NULL)
		v->render(arg);
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
report_range_release(struct report_range *v)
{
	free(v->days);
}

void
app_user_get(struct app *app, struct user_get *v, app_done_fn done, void *arg)
{
	v->user.alp_user_id = v->alp_user_id;
	v->today = 20000;
	v->privacy = xstrdup("exclude=Signal\n");
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
user_get_release(struct user_get *v)
{
	free(v->privacy);
}

void
user_put_release(struct user_put *v)
{
	free(v->privacy_now);
}

void
app_learned_erase(struct app *app, struct learned_erase *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
app_user_put(struct app *app, struct user_put *v, app_done_fn done, void *arg)
{
	v->user = (struct user_row){.alp_user_id = v->alp_user_id, .created_ms = 1700000000000, .updated_ms = 1700000000000};
	if (v->time_zone != NULL)
		snprintf(v->user.time_zone, sizeof v->user.time_zone, "%s", v->time_zone);
	v->today = 20000;
	v->created = true;
	v->privacy_now = xstrdup(v->privacy != NULL ? v->privacy : "");
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

struct matter_row *
matter_page_add(struct matter_page *page)
{
	page->rows = xreallocarray(page->rows, page->count + 1, sizeof *page->rows);
	page->rows[page->count] = (struct matter_row){.is_open = true};
	return &page->rows[page->count++];
}

static void
free_matters(struct matter_page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		struct matter_row *row = &page->rows[i];

		for (size_t k = 0; k < row->alias_count; k++)
			free(row->aliases[k]);
		free(row->aliases);
		free(row->code);
		free(row->name);
		free(row->client);
	}
	free(page->rows);
}

void
matters_put_release(struct matters_put *v)
{
	free_matters(&v->page);
}

void
app_matters_put(struct app *app, struct matters_put *v, app_done_fn done, void *arg)
{
	int r = v->read(&v->page, arg);

	v->listing = (struct matter_import){.listing = 1, .matters = (int64_t)v->page.count, .changed_ms = 1700000000000};
	v->changed = true;
	fake_answer(app, r, done, arg);
}

void
matters_query_release(struct matters_query *v)
{
	free_matters(&v->page);
}

const struct flat_matters *
app_matters(const struct app *app)
{
	static const struct flat_matters none = {.fd = -1};

	(void)app;
	return &none;
}

void
app_matters_query(struct app *app, struct matters_query *v, app_done_fn done, void *arg)
{
	struct matter_row *row = matter_page_add(&v->page);

	row->code = xstrdup("12345");
	row->name = xstrdup("");
	row->client = xstrdup("");
	v->render(arg);
	fake_answer(app, 0, done, arg);
}

void
app_fingerprint(const struct app *app, const struct str *parts, size_t count, unsigned char ret_hash[FINGERPRINT_BYTES])
{
	(void)app;
	memset(ret_hash, 0, FINGERPRINT_BYTES);
	for (size_t i = 0, at = 0; i < count; i++)
		for (size_t k = 0; k < parts[i].len; k++, at++)
			ret_hash[at % FINGERPRINT_BYTES] = (unsigned char)(ret_hash[at % FINGERPRINT_BYTES] * 31 + parts[i].p[k]);
}

/* Nothing ever happens here. */
struct hub *
app_hub(struct app *app)
{
	return app->hub;
}

void
app_hub_driver(struct app *app, void (*behind)(void *arg), void *arg)
{
	(void)app;
	(void)behind;
	(void)arg;
}

void
app_watch_begin(struct app *app, struct watch_begin *v, app_done_fn done, void *arg)
{
	v->job = (struct job_row){.job_id = v->job_id, .alp_user_id = 1, .kind = KIND_FETCH, .state = JOB_RUNNING};
	v->now = (struct event_row){.job_id = v->job_id, .alp_user_id = 1, .kind = KIND_FETCH, .state = JOB_RUNNING, .type = EVENT_JOB};
	fake_answer(app, fake_verdict(v->job_id, NULL), done, arg);
}

void
watch_begin_release(struct watch_begin *v)
{
	(void)v;
}

void
app_probe(struct app *app, app_done_fn done, void *arg)
{
	fake_answer(app, 0, done, arg);
}

void
app_watch_sample(struct app *app, struct watch_sample *v, app_done_fn done, void *arg)
{
	v->render(arg);
	fake_answer(app, 0, done, arg);
}

const char *
app_default_zone(const struct app *app)
{
	(void)app;
	return "Australia/Sydney";
}

uint64_t
app_version(const struct app *app, int64_t alp_user_id)
{
	(void)app;
	(void)alp_user_id;
	return 1;
}

bool
app_keepable(const struct app *app, int64_t alp_user_id)
{
	(void)app;
	(void)alp_user_id;
	return false;
}

int64_t
app_single_user(const struct app *app)
{
	return app->single_user;
}

bool
app_has_key(const struct app *app)
{
	return app->single_user != 0;
}

/* --- tokens: there are none but "1", "2", .. --------------------------------------------------------------------------------------------- */

bool
app_has_tokens(const struct app *app)
{
	(void)app;
	return false;
}

enum token_verdict
app_token_check(struct app *app, struct str text, int64_t now_ms, struct token_holder *ret_holder)
{
	int64_t id;

	(void)app;
	(void)now_ms;
	if (str_to_i64(text, 1, 99, &id) < 0)
		return TOKEN_WRONG;
	*ret_holder = (struct token_holder){.token_id = id, .scope = TOKEN_SERVICE};
	return TOKEN_GOOD;
}

bool
app_token_alive(const struct app *app, int64_t token_id, int64_t now_ms)
{
	(void)app;
	(void)token_id;
	(void)now_ms;
	return false;
}

const char *
token_scope_name(enum token_scope scope)
{
	return scope == TOKEN_USER ? "user" : "service";
}

void
app_token_create(struct app *app, struct token_create *v, app_done_fn done, void *arg)
{
	v->token = (struct token_row){.token_id = 1, .scope = v->scope, .alp_user_id = v->alp_user_id};
	fake_answer(app, fake_verdict(v->alp_user_id, NULL), done, arg);
}

void
token_create_release(struct token_create *v)
{
	v->text[0] = '\0';
}

void
app_token_get(struct app *app, struct token_get *v, app_done_fn done, void *arg)
{
	v->token = (struct token_row){.token_id = v->token_id, .scope = TOKEN_SERVICE};
	fake_answer(app, fake_verdict(v->token_id, NULL), done, arg);
}

void
app_token_query(struct app *app, struct token_query *v, app_done_fn done, void *arg)
{
	(void)v;
	fake_answer(app, 0, done, arg);
}

void
token_query_release(struct token_query *v)
{
	free(v->list.rows);
}

void
app_token_revoke(struct app *app, struct token_revoke *v, app_done_fn done, void *arg)
{
	fake_answer(app, fake_verdict(v->token_id, NULL), done, arg);
}

/* --- the program -------------------------------------------------------------------------------------------------------- */

static void
on_drained(void *arg)
{
	puts("drained");
	fflush(stdout);
	event_base_loopexit(arg, NULL);
}

static struct event_base *loop;

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)what;
	if (number == SIGTERM)
		http_server_drain(arg, on_drained, loop);
	else
		event_base_loopbreak(loop);
}

int
main(int argc, char **argv)
{
	static const char *const addresses[] = {"127.0.0.1", "::1", NULL};
	static const char *const hosts[] = {"alp.example", NULL};
	static const char *const origins[] = {"https://review.example", NULL};
	struct http_options options = {
	    .addresses = getenv("FAKE_IPV6") != NULL ? addresses : NULL,
	    .port = argc > 1 ? (uint16_t)strtoul(argv[1], NULL, 10) : 0,
	    .max_connections = (unsigned)setting("FAKE_CONNECTIONS", 0),
	    .idle_timeout_ms = setting("FAKE_IDLE_MS", 0),
	    .request_timeout_ms = setting("FAKE_REQUEST_MS", 0),
	    .write_timeout_ms = setting("FAKE_WRITE_MS", 0),
	    .allowed_hosts = hosts,
	    .allowed_origins = origins,
	    .version = "0",
	    .database_path = "fake.db",
	};
	struct app app = {.delay_ms = setting("FAKE_DELAY_MS", 0), .single_user = setting("FAKE_SINGLE_USER", 0)};
	struct rlimit files = {.rlim_cur = (rlim_t)setting("FAKE_FILES", 1024), .rlim_max = (rlim_t)setting("FAKE_FILES", 1024)};
	struct event *term, *interrupt;
	struct http_server *server = NULL;
	int r;

	sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	setrlimit(RLIMIT_NOFILE, &files);
	log_setup("fake_app", getenv("FAKE_VERBOSE") != NULL ? 7 : 3);
	app.base = loop = event_base_new();
	app.hub = hub_new(0, &(struct hub_hooks){0});
	if (secret_setup() < 0 || loop == NULL)
		return EXIT_FAILURE;
	r = http_server_new(loop, &app, &options, &server);
	if (r < 0) {
		fprintf(stderr, "cannot listen: %s\n", log_errno_text(r));
		return EXIT_FAILURE;
	}
	term = evsignal_new(loop, SIGTERM, on_signal, server);
	interrupt = evsignal_new(loop, SIGINT, on_signal, server);
	event_add(term, NULL);
	event_add(interrupt, NULL);
	printf("port %d\n", http_server_port(server));
	fflush(stdout);
	event_base_dispatch(loop);
	http_server_free(server);
	event_free(term);
	event_free(interrupt);
	/* Runs what was under way when the server went. */
	while (app.delay_ms > 0 && event_base_loop(loop, EVLOOP_ONCE) == 0)
		;
	event_base_free(loop);
	hub_free(app.hub);
	return EXIT_SUCCESS;
}
