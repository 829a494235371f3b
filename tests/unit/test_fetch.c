/* SPDX-License-Identifier: Apache-2.0 */
/* A whole fetch worker, confined as in production, against a server of the test's own. */
#include "test_workers.h"

#include <netinet/in.h>
#include <zlib.h>

#include "base/day.h"
#include "test_upstream_server.h"

#define NEWEST ((day_t)20454) /* 2026-01-01 */
#define KEY    "B63test_key-+/=&x"
#define TABLE                                                                                                          \
	"{\"row_headers\":[\"Date\",\"Time Spent (seconds)\",\"Number of People\",\"Activity\",\"Document\",\"Category\","    \
	"\"Productivity\"],\"rows\":[[\"%sT09:00:00\",%d,1,\"winword\",\"Lease.docx\",\"Writing\",2]]}"

/* ---- the job's side ---- */

struct run {
	struct rig rig;
	struct worker worker;
	int port;         /* where its sockets lead */
	int sockets;      /* it got */
	int days;
	day_t last_day;
	int64_t seconds;
	bool done;
	bool failed;
	struct msg_worker_fail failure;
	char code[64], detail[256];
	struct msg_exited exited;
};

static void
note_failure(struct run *run, const struct message *m)
{
	assert_int_equal(msg_worker_fail_decode(m, &run->failure), 0);
	snprintf(run->code, sizeof run->code, "%.*s", STR_ARG(run->failure.code));
	snprintf(run->detail, sizeof run->detail, "%.*s", STR_ARG(run->failure.detail));
	run->failed = true;
}

static void
note_day(struct run *run, struct message *m)
{
	struct msg_fetch_day day;
	struct rowset *rows = NULL;

	assert_int_equal(msg_fetch_day_decode(m, &day), 0);
	assert_int_equal(rowset_receive(m->fd, &rows), 0);
	message_release(m);
	run->days++;
	run->last_day = day.day;
	run->seconds += rowset_seconds(rows);
	rowset_free(rows);
}

static int
connected_socket(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
		return fd;
	close(fd);
	return -errno;
}

static void
give_socket(struct run *run, uint32_t number)
{
	const struct msg_socket given = {.number = number};
	_cleanup_close_ int fd = connected_socket(run->port);
	const struct msg_no_socket none = {.number = number, .error = ECONNREFUSED};

	if (fd >= 0)
		assert_int_equal(msg_socket_send(run->worker.channel, &given, fd), 0);
	else
		assert_int_equal(msg_no_socket_send(run->worker.channel, &none, -1), 0);
	run->sockets++;
}

static void
note_want(struct run *run, const struct message *m)
{
	struct msg_want_socket want;

	assert_int_equal(msg_want_socket_decode(m, &want), 0);
	assert_int_equal(want.number, run->sockets + 1);
	give_socket(run, want.number);
}

static void
hear_out(struct run *run)
{
	struct message m;

	while (!run->done && !run->failed && next_message(run->worker.channel, W2M, W_FETCHING, run->rig.buffer, &m) > 0) {
		if (m.type == MSG_FETCH_DAY)
			note_day(run, &m);
		else if (m.type == MSG_WANT_SOCKET)
			note_want(run, &m);
		else if (m.type == MSG_FETCH_DONE)
			run->done = true;
		else
			note_failure(run, &m);
	}
}

static void
send_job(struct run *run, int days, uint32_t gap_ms)
{
	const struct msg_fetch_job job = {
		.job_id = 1,
		.run = 1,
		.newest_day = NEWEST,
		.oldest_day = NEWEST - days + 1,
		.gap_ms = gap_ms,
	};

	assert_int_equal(msg_fetch_job_send(run->worker.channel, &job, -1), 0);
	assert_int_equal(msg_key_send(run->rig.key_fd, &(struct msg_key){.secret = STR(KEY)}, -1), 0);
}

/* Fetches so many days by a worker of a fresh spawner. `host` stands in the URL, `ca_file` overrides the server's. */
static void
fetch(struct run *run, const struct upstream_server *s, const char *host, const char *ca_file, int days, uint32_t gap_ms)
{
	char url[128];

	memset(run, 0, sizeof *run);
	snprintf(url, sizeof url, "%s://%s:%d/anapi/data", s->tls ? "https" : "http", host, s->port);
	rig_start(&run->rig, url, ca_file != NULL ? ca_file : s->ca_file);
	run->worker = rig_spawn(&run->rig, ROLE_FETCH, 30000);
	run->port = s->port;
	send_job(run, days, gap_ms);
	give_socket(run, 1);
	hear_out(run);
	close(run->worker.channel);
	run->exited = rig_expect_exited(&run->rig, &run->worker);
	rig_stop(&run->rig);
	/* Whatever came of it, it was not a breach of confinement. */
	assert_int_equal(run->exited.term_signal, 0);
	assert_int_equal(run->exited.exit_code, 0);
}

static void
expect_failure(const struct run *run, const char *code, bool permanent)
{
	assert_true(run->failed);
	if (strcmp(run->code, code) != 0)
		fail_msg("%s (%s) instead of %s", run->code, run->detail, code);
	assert_int_equal(run->failure.permanent, permanent);
	assert_null(strstr(run->detail, "B63"));
	assert_null(strstr(run->detail, "://"));
}

/* ---- answers ---- */

static bool
send_table(struct connection *c, const char *date, int seconds)
{
	char body[1024];
	int len = snprintf(body, sizeof body, TABLE, date, seconds);

	connection_answer(c, "200 OK", "Content-Type: application/json\r\n", body, (size_t)len);
	return true;
}

static bool
good(struct connection *c, int n, const char *date)
{
	return send_table(c, date, n);
}

static bool
slam(struct connection *c, int n, const char *date)
{
	(void)c;
	(void)n;
	(void)date;
	return false;
}

static bool
silence(struct connection *c, int n, const char *date)
{
	(void)c;
	(void)n;
	(void)date;
	sleep(60);
	return false;
}

static bool
refuse_key(struct connection *c, int n, const char *date)
{
	static const char body[] = "{\"error\":\"# key not found\",\"messages\":\"key not found " KEY "\"}";

	(void)n;
	(void)date;
	connection_answer(c, "200 OK", "", body, sizeof body - 1);
	return true;
}

static bool
slow_down(struct connection *c, int n, const char *date)
{
	if (n < 3)
		return send_table(c, date, n);
	connection_answer(c, "429 Too Many Requests", "Retry-After: 77\r\n", "<html>", 6);
	return true;
}

static bool
slow_down_until_a_date(struct connection *c, int n, const char *date)
{
	(void)n;
	(void)date;
	connection_answer(c, "503 Service Unavailable", "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", "", 0);
	return true;
}

static bool
redirect(struct connection *c, int n, const char *date)
{
	(void)n;
	(void)date;
	connection_answer(c, "302 Found", "Location: /login\r\n", "", 0);
	return true;
}

static bool
cut_short(struct connection *c, int n, const char *date)
{
	static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"row_headers\":[";

	(void)n;
	(void)date;
	connection_send(c, answer, sizeof answer - 1);
	return false;
}

static bool
too_large_and_says_so(struct connection *c, int n, const char *date)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{";

	(void)n;
	(void)date;
	connection_send(c, head, sizeof head - 1);
	return true;
}

static bool
too_large_without_a_length(struct connection *c, int n, const char *date)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
	static char piece[65536];

	(void)n;
	(void)date;
	memset(piece, ' ', sizeof piece);
	connection_send(c, head, sizeof head - 1);
	for (int i = 0; i < 64; i++)
		connection_send(c, piece, sizeof piece);
	return false;
}

static size_t
gzip(const void *in, size_t in_len, void *out, size_t room)
{
	z_stream z = {.next_in = (Bytef *)(uintptr_t)in, .avail_in = (uInt)in_len, .next_out = out, .avail_out = (uInt)room};

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static bool
zipped(struct connection *c, int n, const char *date)
{
	char body[1024], packed[1024];
	int len = snprintf(body, sizeof body, TABLE, date, n);
	size_t size = gzip(body, (size_t)len, packed, sizeof packed);

	connection_answer(c, "200 OK", "Content-Encoding: gzip\r\n", packed, size);
	return true;
}

/* 64 MB of space in 64 KB. */
static bool
bomb(struct connection *c, int n, const char *date)
{
	enum { UNPACKED = 64 * 1024 * 1024 };
	char *zeroes = calloc(1, UNPACKED), *packed = malloc(UNPACKED / 100);
	size_t size;

	(void)n;
	(void)date;
	memset(zeroes, ' ', UNPACKED);
	size = gzip(zeroes, UNPACKED, packed, UNPACKED / 100);
	connection_answer(c, "200 OK", "Content-Encoding: gzip\r\n", packed, size);
	free(zeroes);
	free(packed);
	return true;
}

static bool
drip(struct connection *c, int n, const char *date)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{";

	(void)n;
	(void)date;
	connection_send(c, head, sizeof head - 1);
	for (int i = 0; i < 600; i++) {
		connection_send(c, " ", 1);
		usleep(100000);
	}
	return false;
}

/* ---- the tests ---- */

static void
days_come_newest_first_over_one_connection(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, good);
	fetch(&run, &s, "upstream.test", NULL, 5, 0);
	assert_true(run.done);
	assert_int_equal(run.days, 5);
	assert_int_equal(run.last_day, NEWEST - 4);
	assert_int_equal(run.seconds, 1 + 2 + 3 + 4 + 5);
	assert_int_equal(s.seen->connections, 1);
	server_stop(&s);
}

static void
the_question_is_the_documented_one(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, good);
	fetch(&run, &s, "upstream.test", NULL, 1, 0);
	assert_non_null(strstr(s.seen->last_request,
	    "GET /anapi/data?key=B63test_key-%2B%2F%3D%26x&format=json&perspective=interval&resolution_time=minute"
	    "&restrict_kind=document&restrict_begin=2026-01-01&restrict_end=2026-01-01 HTTP/1.1\r\n"));
	assert_non_null(strstr(s.seen->last_request, "Host: upstream.test:"));
	assert_non_null(strstr(s.seen->last_request, "User-Agent: rescuetime-alp/test\r\n"));
	assert_non_null(strstr(s.seen->last_request, "Accept-Encoding: gzip\r\n"));
	server_stop(&s);
}

static void
an_address_in_the_url_needs_no_look_up(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, good);
	fetch(&run, &s, "127.0.0.1", NULL, 1, 0);
	assert_true(run.done);
	server_stop(&s);
}

static void
tls_works_inside_the_sandbox(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, "upstream.test", good);
	fetch(&run, &s, "upstream.test", NULL, 3, 0);
	if (run.failed)
		fail_msg("%s", run.detail);
	assert_int_equal(run.rig.ready.ca_count, 1);
	assert_int_equal(run.days, 3);
	assert_int_equal(s.seen->connections, 1);
	server_stop(&s);
}

/* The system's bundle must not find its way into a store that trusts one root, and ours is not in that bundle. */
static void
a_certificate_of_an_unknown_root_gets_no_key(void **state)
{
	struct upstream_server s, other;
	struct run run;

	(void)state;
	server_start(&s, "upstream.test", good);
	server_start(&other, "upstream.test", good);
	fetch(&run, &s, "upstream.test", other.ca_file, 1, 0);
	expect_failure(&run, "upstream_tls", false);
	assert_null(strstr(run.detail, "another name"));
	assert_int_equal(s.seen->requests, 0);
	server_stop(&s);
	server_stop(&other);
}

static void
a_certificate_for_another_host_gets_no_key(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, "somebody-else.test", good);
	fetch(&run, &s, "upstream.test", NULL, 1, 0);
	expect_failure(&run, "upstream_tls", false);
	assert_non_null(strstr(run.detail, "another name"));
	assert_int_equal(s.seen->requests, 0);
	server_stop(&s);
}

static void
a_plain_server_where_tls_is_expected_gets_no_key(void **state)
{
	struct upstream_server s, tls;
	struct run run;

	(void)state;
	server_start(&s, NULL, slam);
	server_start(&tls, "upstream.test", good);
	s.tls = true;
	fetch(&run, &s, "upstream.test", tls.ca_file, 1, 0);
	assert_true(run.failed);
	assert_null(strstr(s.seen->last_request, "B63"));
	s.tls = false;
	server_stop(&s);
	server_stop(&tls);
}

static void
the_gap_between_two_requests_is_kept(void **state)
{
	struct upstream_server s;
	struct run run;
	int64_t started_ms;

	(void)state;
	server_start(&s, NULL, good);
	started_ms = clock_mono_ms();
	fetch(&run, &s, "upstream.test", NULL, 4, 150);
	assert_true(run.done);
	assert_in_range(clock_mono_ms() - started_ms, 450, ANSWER_MS + 1000);
	server_stop(&s);
}

static void
a_refused_key_is_permanent_and_not_repeated(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, refuse_key);
	fetch(&run, &s, "upstream.test", NULL, 5, 0);
	expect_failure(&run, "key_refused", true);
	assert_int_equal(run.failure.day, NEWEST);
	assert_int_equal(s.seen->requests, 1);
	server_stop(&s);
}

static void
days_before_a_failure_stay_good(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, slow_down);
	fetch(&run, &s, "upstream.test", NULL, 5, 0);
	assert_int_equal(run.days, 2);
	expect_failure(&run, "upstream_rate_limited", false);
	assert_int_equal(run.failure.day, NEWEST - 2);
	assert_int_equal(run.failure.retry_after_ms, 77000);
	server_stop(&s);
}

struct bad_server {
	const char *name;
	answer_function answer;
	const char *code;
	bool permanent;
	uint32_t retry_after_ms;
};

static void
what_goes_wrong_is_told_apart(void **state)
{
	static const struct bad_server cases[] = {
		{"retry after a date", slow_down_until_a_date, "upstream_error", false, 24 * 3600 * 1000},
		{"redirect", redirect, "upstream_redirect", false, 0},
		{"cut short", cut_short, "upstream_truncated", false, 0},
		{"too large, announced", too_large_and_says_so, "upstream_too_large", true, 0},
		{"too large, not announced", too_large_without_a_length, "upstream_too_large", true, 0},
		{"bomb", bomb, "upstream_too_large", true, 0},
		{"slammed", slam, "upstream_unreachable", false, 0},
		{"dripping", drip, "upstream_timeout", false, 0},
		{"silent", silence, "upstream_timeout", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct upstream_server s;
		struct run run;

		server_start(&s, NULL, cases[i].answer);
		fetch(&run, &s, "upstream.test", NULL, 1, 0);
		if (!run.failed || strcmp(run.code, cases[i].code) != 0)
			fail_msg("%s gave %s (%s)", cases[i].name, run.code, run.detail);
		expect_failure(&run, cases[i].code, cases[i].permanent);
		assert_int_equal(run.failure.retry_after_ms, cases[i].retry_after_ms);
		server_stop(&s);
	}
}

static void
a_packed_answer_is_unpacked(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, zipped);
	fetch(&run, &s, "upstream.test", NULL, 2, 0);
	assert_true(run.done);
	assert_int_equal(run.seconds, 1 + 2);
	server_stop(&s);
}

static void
a_refused_connection_is_unreachable(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, good);
	server_stop(&s);
	fetch(&run, &s, "upstream.test", NULL, 1, 0);
	expect_failure(&run, "upstream_unreachable", false);
}

static bool
good_and_over(struct connection *c, int n, const char *date)
{
	send_table(c, date, n);
	return false;
}

static void
a_lost_connection_is_asked_for_again(void **state)
{
	struct upstream_server s;
	struct run run;

	(void)state;
	server_start(&s, NULL, good_and_over);
	fetch(&run, &s, "upstream.test", NULL, 3, 20);
	assert_true(run.done);
	assert_int_equal(run.days, 3);
	assert_in_range(run.sockets, 3, 6);
	assert_int_equal(s.seen->requests, 3);
	server_stop(&s);
}

static void
fetch_without_a_socket(struct run *run, const struct msg_no_socket *answer)
{
	memset(run, 0, sizeof *run);
	rig_start(&run->rig, "http://upstream.test:9/", "");
	run->worker = rig_spawn(&run->rig, ROLE_FETCH, 30000);
	send_job(run, 1, 0);
	if (answer != NULL)
		assert_int_equal(msg_no_socket_send(run->worker.channel, answer, -1), 0);
	hear_out(run);
	close(run->worker.channel);
	assert_int_equal(rig_expect_exited(&run->rig, &run->worker).exit_code, 0);
	rig_stop(&run->rig);
}

static void
a_master_that_could_not_connect_in_time_is_a_timeout(void **state)
{
	const struct msg_no_socket late = {.number = 1, .error = ETIMEDOUT};
	struct run run;

	(void)state;
	fetch_without_a_socket(&run, &late);
	expect_failure(&run, "upstream_timeout", false);
}

static void
a_master_that_says_nothing_is_a_timeout_and_so_is_a_wrong_number(void **state)
{
	const struct msg_no_socket other = {.number = 7, .error = ECONNREFUSED};
	struct run run;

	(void)state;
	fetch_without_a_socket(&run, NULL);
	expect_failure(&run, "upstream_timeout", false);
	fetch_without_a_socket(&run, &other);
	expect_failure(&run, "upstream_timeout", false);
}

/* A job is cancelled by hanging up; the worker must not go on asking in the user's name. */
static void
a_worker_whose_master_hangs_up_asks_no_more(void **state)
{
	struct upstream_server s;
	struct message m;
	struct run run;
	char url[128];

	(void)state;
	server_start(&s, NULL, good);
	memset(&run, 0, sizeof run);
	snprintf(url, sizeof url, "http://upstream.test:%d/", s.port);
	rig_start(&run.rig, url, "");
	run.worker = rig_spawn(&run.rig, ROLE_FETCH, 30000);
	run.port = s.port;
	send_job(&run, 30, 300);
	give_socket(&run, 1);
	expect_message(run.worker.channel, W2M, W_FETCHING, MSG_FETCH_DAY, run.rig.buffer, &m);
	message_release(&m);
	close(run.worker.channel);
	assert_int_equal(rig_expect_exited(&run.rig, &run.worker).exit_code, 0);
	assert_in_range(s.seen->requests, 1, 2);
	rig_stop(&run.rig);
	server_stop(&s);
}

static void
a_job_that_makes_no_sense_ends_the_worker(void **state)
{
	static const struct {
		day_t newest, oldest;
		const char *key;
	} cases[] = {
		{NEWEST, NEWEST + 1, KEY},
		{NEWEST, NEWEST - 1000, KEY},
		{NEWEST, -1, KEY},
		{NEWEST, NEWEST, ""},
		{NEWEST, NEWEST, "two words"},
	};
	struct run run;

	(void)state;
	memset(&run, 0, sizeof run);
	rig_start(&run.rig, "http://upstream.test:9/", "");
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		struct msg_fetch_job job = {
			.newest_day = cases[i].newest,
			.oldest_day = cases[i].oldest,
		};
		const struct msg_key key = {.secret = str_of(cases[i].key)};
		int sent;

		run.worker = rig_spawn(&run.rig, ROLE_FETCH, 30000);
		assert_int_equal(msg_fetch_job_send(run.worker.channel, &job, -1), 0);
		/* Who got a job that is none does not wait for its key. */
		sent = msg_key_send(run.rig.key_fd, &key, -1);
		assert_true(sent == 0 || sent == -EPIPE);
		run.exited = rig_expect_exited(&run.rig, &run.worker);
		if (run.exited.exit_code != 76)
			fail_msg("case %zu: exit %d, signal %d", i, run.exited.exit_code, run.exited.term_signal);
		close(run.worker.channel);
	}
	rig_stop(&run.rig);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_come_newest_first_over_one_connection),
		cmocka_unit_test(the_question_is_the_documented_one),
		cmocka_unit_test(an_address_in_the_url_needs_no_look_up),
		cmocka_unit_test(tls_works_inside_the_sandbox),
		cmocka_unit_test(a_certificate_of_an_unknown_root_gets_no_key),
		cmocka_unit_test(a_certificate_for_another_host_gets_no_key),
		cmocka_unit_test(a_plain_server_where_tls_is_expected_gets_no_key),
		cmocka_unit_test(the_gap_between_two_requests_is_kept),
		cmocka_unit_test(a_refused_key_is_permanent_and_not_repeated),
		cmocka_unit_test(days_before_a_failure_stay_good),
		cmocka_unit_test(what_goes_wrong_is_told_apart),
		cmocka_unit_test(a_packed_answer_is_unpacked),
		cmocka_unit_test(a_refused_connection_is_unreachable),
		cmocka_unit_test(a_lost_connection_is_asked_for_again),
		cmocka_unit_test(a_master_that_could_not_connect_in_time_is_a_timeout),
		cmocka_unit_test(a_master_that_says_nothing_is_a_timeout_and_so_is_a_wrong_number),
		cmocka_unit_test(a_worker_whose_master_hangs_up_asks_no_more),
		cmocka_unit_test(a_job_that_makes_no_sense_ends_the_worker),
	};

	SPAWNER_OR_TESTS(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
