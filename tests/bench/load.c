/* SPDX-License-Identifier: Apache-2.0 */
/* bench_load - asks one thing of an HTTP server again and again, over connections that stay, and says how long the answers took.
 *
 *     bench_load [options] ADDRESS:PORT PATH
 *         -c N         connections, each with one request under way (16)
 *         -s SECONDS   how long (3);   -n N  or how many requests
 *         -w SECONDS   first for so long without counting (0)
 *         -r N         so many a second instead of as fast as answers come; latency then counts from when a request was due
 *         -m METHOD    (GET, or POST with a body);   -b BODY   a JSON body;   -H "Name: value"  a header, up to 8 times
 *         -e STATUS    what every answer must be (any)
 *         -T           by TLS, believing any certificate
 *         -i N         "{n}" in PATH and BODY is a running number; the first is this (1);   -o N   and it turns round after N of them
 *                      "{d}" is a day, one earlier at each turn
 *
 * Prints one line of JSON; latencies are in microseconds, at most 1.6 % too high. Exit 1 if an answer was not the expected one or a
 * connection broke. All but the first bytes of a large body is thrown away in the kernel, so that this program takes less of the
 * processors than what it measures. Answers must have a Content-Length.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/day.h"
#include "base/str.h"

#define HEADERS_MAX     8
#define CONNECTIONS_MAX 20000
#define HEAD_MAX        16384
#define REQUEST_MAX     ((size_t)1024 * 1024)
#define STATUSES        600
#define TICK_NS         ((int64_t)20000000)
#define DAY_FIRST       20454 /* 2026-01-01 */
#define SUB_BITS        6 /* buckets a power of two: 64 */
#define BUCKETS         (64 << SUB_BITS)

struct options {
	struct sockaddr_in address;
	const char *path, *method, *body;
	const char *headers[HEADERS_MAX];
	size_t header_count;
	int connections, expected;
	double seconds, warmup_s;
	uint64_t requests; /* 0: by time */
	double rate;       /* 0: as fast as answers come */
	uint64_t first, numbers; /* 0: no end of numbers */
	SSL_CTX *tls;      /* NULL: none */
};

struct client {
	int fd;
	SSL *ssl; /* NULL: plain */
	struct buf out;
	size_t sent;
	int64_t due_ns;   /* latency counts from here */
	bool busy;        /* a request is under way */
	char head[HEAD_MAX];
	size_t head_len;
	size_t body_left;
	bool in_body;
	int status;
};

struct run {
	struct options o;
	struct client *clients;
	int epoll;
	uint64_t next_number, begun, finished, broken, unexpected, bytes;
	int under_way; /* clients that are busy */
	uint64_t statuses[STATUSES];
	uint64_t buckets[BUCKETS];
	int64_t max_us, sum_us;
	int64_t start_ns, count_from_ns, end_ns;
	int64_t next_due_ns, step_ns;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

_noreturn_ static void
die(const char *what)
{
	fprintf(stderr, "bench_load: %s\n", what);
	exit(2);
}

/* --- latencies ------------------------------------------------------------------------------------------------------------ */

static size_t
bucket_of(uint64_t us)
{
	int shift = us >> SUB_BITS == 0 ? 0 : 64 - __builtin_clzll(us) - SUB_BITS;

	return shift == 0 ? (size_t)us : ((size_t)shift << SUB_BITS) + (size_t)(us >> shift);
}

/* The most a latency in that bucket can be. */
static uint64_t
bucket_end(size_t bucket)
{
	size_t shift = bucket >> SUB_BITS;

	if (shift == 0)
		return bucket;
	return (((bucket & ((1u << SUB_BITS) - 1)) + 1) << shift) - 1;
}

static uint64_t
quantile(const struct run *run, double q)
{
	uint64_t all = 0, seen = 0, want;

	for (size_t i = 0; i < BUCKETS; i++)
		all += run->buckets[i];
	want = (uint64_t)(q * (double)all);
	for (size_t i = 0; i < BUCKETS; i++)
		if ((seen += run->buckets[i]) > want)
			return bucket_end(i);
	return (uint64_t)run->max_us;
}

/* --- requests ------------------------------------------------------------------------------------------------------------- */

static void
add_numbered(struct buf *out, const char *text, uint64_t number, day_t day)
{
	char day_text[DAY_TEXT_MAX];
	const char *mark;

	for (mark = strchr(text, '{'); mark != NULL; mark = strchr(mark, '{')) {
		bool is_day = strncmp(mark, "{d}", 3) == 0;

		if (!is_day && strncmp(mark, "{n}", 3) != 0) {
			mark++;
			continue;
		}
		buf_add(out, text, (size_t)(mark - text));
		if (is_day) {
			day_format(day, day_text);
			buf_addz(out, day_text);
		} else {
			buf_addf(out, "%" PRIu64, number);
		}
		text = mark += 3;
	}
	buf_addz(out, text);
}

static void
write_request(struct run *run, struct client *c)
{
	const struct options *o = &run->o;
	uint64_t number = o->first + (o->numbers > 0 ? run->next_number % o->numbers : run->next_number);
	day_t day = (day_t)(DAY_FIRST - (int64_t)(o->numbers > 0 ? run->next_number / o->numbers % DAY_FIRST : 0));
	struct buf body = BUF_INIT(REQUEST_MAX);

	run->next_number++;
	buf_clear(&c->out);
	buf_addf(&c->out, "%s ", o->method);
	add_numbered(&c->out, o->path, number, day);
	buf_addz(&c->out, " HTTP/1.1\r\nHost: localhost\r\n");
	for (size_t i = 0; i < o->header_count; i++)
		buf_addf(&c->out, "%s\r\n", o->headers[i]);
	if (o->body != NULL) {
		add_numbered(&body, o->body, number, day);
		buf_addf(&c->out, "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n", body.len);
		buf_add_str(&c->out, buf_str(&body));
		buf_release(&body);
	} else {
		buf_addz(&c->out, "\r\n");
	}
	if (c->out.error < 0)
		die("the request is too large");
}

static void
want(struct run *run, struct client *c, uint32_t events, int op)
{
	struct epoll_event e = {.events = events, .data.ptr = c};

	if (epoll_ctl(run->epoll, op, c->fd, &e) < 0)
		die("epoll_ctl failed");
}

static void
client_shake_hands(struct run *run, struct client *c)
{
	if (c->ssl != NULL)
		SSL_free(c->ssl);
	c->ssl = NULL;
	if (run->o.tls == NULL)
		return;
	c->ssl = SSL_new(run->o.tls);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1 || SSL_connect(c->ssl) != 1)
		die("no hands were shaken");
}

/* As send() and recv() are: -1 with EAGAIN when there is no room or nothing came. */
static ssize_t
tls_result(const struct client *c, int r)
{
	int error = SSL_get_error(c->ssl, r);

	if (r > 0)
		return r;
	errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static ssize_t
client_put(const struct client *c)
{
	const char *p = c->out.p + c->sent;
	size_t len = c->out.len - c->sent;

	return c->ssl != NULL ? tls_result(c, SSL_write(c->ssl, p, (int)len)) : send(c->fd, p, len, MSG_NOSIGNAL);
}

static ssize_t
client_get(struct client *c)
{
	static char rest[65536];
	char *p = c->in_body ? rest : c->head + c->head_len;
	size_t len = c->in_body ? c->body_left : sizeof c->head - 1 - c->head_len;

	if (c->ssl != NULL)
		return tls_result(c, SSL_read(c->ssl, p, (int)(c->in_body ? MIN_OF(len, sizeof rest) : len)));
	return c->in_body ? recv(c->fd, NULL, len, MSG_TRUNC) : recv(c->fd, p, len, 0);
}

static void
client_open(struct run *run, struct client *c)
{
	int one = 1;

	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&run->o.address, sizeof run->o.address) < 0)
		die("cannot connect");
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	client_shake_hands(run, c);
	fcntl(c->fd, F_SETFL, O_NONBLOCK);
	c->busy = c->in_body = false;
	c->head_len = 0;
	want(run, c, EPOLLIN, EPOLL_CTL_ADD);
}

static void
client_broke(struct run *run, struct client *c)
{
	run->broken++;
	run->under_way -= c->busy;
	close(c->fd);
	client_open(run, c);
}

static void
client_send(struct run *run, struct client *c)
{
	ssize_t n = client_put(c);

	if (n < 0 && errno != EAGAIN) {
		client_broke(run, c);
		return;
	}
	c->sent += n > 0 ? (size_t)n : 0;
	if (c->sent < c->out.len)
		want(run, c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

static bool
no_more(const struct run *run, int64_t now)
{
	return run->o.requests > 0 ? run->begun >= run->o.requests : now >= run->end_ns;
}

/* False: none is due yet, or none is wanted any more. */
static bool
client_begin(struct run *run, struct client *c, int64_t now)
{
	if (c->busy || no_more(run, now) || (run->step_ns > 0 && run->next_due_ns > now))
		return false;
	c->due_ns = run->step_ns > 0 ? run->next_due_ns : now;
	run->next_due_ns += run->step_ns;
	run->begun++;
	c->busy = true;
	run->under_way++;
	c->sent = 0;
	write_request(run, c);
	client_send(run, c);
	return true;
}

/* --- answers -------------------------------------------------------------------------------------------------------------- */

static void
client_done(struct run *run, struct client *c)
{
	int64_t now = now_ns(), us = (now - c->due_ns) / 1000;

	c->busy = c->in_body = false;
	run->under_way--;
	c->head_len = 0;
	if (run->o.expected != 0 && c->status != run->o.expected)
		run->unexpected++;
	if (c->due_ns >= run->count_from_ns) {
		run->finished++;
		run->statuses[c->status]++;
		run->buckets[bucket_of((uint64_t)us)]++;
		run->sum_us += us;
		run->max_us = MAX_OF(run->max_us, us);
	}
	client_begin(run, c, now);
}

static size_t
content_length(const char *head)
{
	const char *line = strcasestr(head, "\r\ncontent-length:");

	return line != NULL ? (size_t)strtoull(line + 17, NULL, 10) : 0;
}

/* What came of the head; true when it is complete. */
static bool
read_head(struct client *c)
{
	char *end;
	size_t head_len, extra;
	int64_t status;

	c->head[c->head_len] = '\0';
	end = strstr(c->head, "\r\n\r\n");
	if (end == NULL)
		return false;
	head_len = (size_t)(end - c->head) + 4;
	extra = c->head_len - head_len;
	end[2] = '\0';
	/* "HTTP/1.1 200" */
	if (head_len < 12 + 4 || str_to_i64((struct str){.p = c->head + 9, .len = 3}, 100, STATUSES - 1, &status) < 0)
		die("an answer has no status");
	c->status = (int)status;
	c->body_left = content_length(c->head) - extra;
	if (c->body_left > SIZE_MAX / 2)
		die("more came than an answer");
	c->in_body = true;
	return true;
}

/* 1: go on reading; 0: nothing there; -1: broken. */
static int
client_read(struct run *run, struct client *c)
{
	ssize_t n = client_get(c);

	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	run->bytes += c->due_ns >= run->count_from_ns ? (uint64_t)n : 0;
	if (c->in_body)
		c->body_left -= (size_t)n;
	else
		c->head_len += (size_t)n;
	if ((c->in_body || read_head(c)) && c->body_left == 0) {
		client_done(run, c);
		return 0;
	}
	return 1;
}

static void
on_event(struct run *run, struct client *c, uint32_t events)
{
	int r = 1;

	if (events & EPOLLOUT) {
		want(run, c, EPOLLIN, EPOLL_CTL_MOD);
		client_send(run, c);
	}
	while (r > 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		r = client_read(run, c);
	if (r < 0)
		client_broke(run, c);
}

/* --- the run -------------------------------------------------------------------------------------------------------------- */

/* What is due while every connection waits for an answer is begun by the answer: to look at the clock until then would only take the processor
 * from who answers. */
static int64_t
wait_ns(const struct run *run)
{
	int64_t now = now_ns();

	if (run->step_ns == 0 || run->under_way == run->o.connections || no_more(run, now))
		return TICK_NS;
	return MIN_OF(MAX_OF(run->next_due_ns - now, 0), TICK_NS);
}

static void
begin_what_is_due(struct run *run)
{
	int64_t now = now_ns();
	/* Which client is free is found by trying: with a rate there are few connections. */
	for (int i = 0; i < run->o.connections; i++)
		client_begin(run, &run->clients[i], now);
}

static void
go(struct run *run)
{
	struct epoll_event events[256];
	int64_t give_up;

	begin_what_is_due(run);
	for (give_up = run->end_ns + 10000000000; !no_more(run, now_ns()) || run->under_way > 0;) {
		struct timespec tick = {.tv_nsec = wait_ns(run)};
		int n;

		n = epoll_pwait2(run->epoll, events, ELEMENTSOF(events), &tick, NULL);
		for (int i = 0; i < n; i++)
			on_event(run, events[i].data.ptr, events[i].events);
		if (run->step_ns > 0 || n <= 0)
			begin_what_is_due(run);
		if (run->o.requests == 0 && now_ns() > give_up)
			die("some answers never came");
	}
}

static void
report(const struct run *run, double seconds)
{
	bool first = true;

	printf("{\"requests\": %" PRIu64 ", \"seconds\": %.3f, \"per_second\": %.1f, ", run->finished, seconds,
	    (double)run->finished / seconds);
	printf("\"mean_us\": %" PRId64 ", \"p50_us\": %" PRIu64 ", \"p90_us\": %" PRIu64 ", \"p99_us\": %" PRIu64
	       ", \"p999_us\": %" PRIu64 ", \"max_us\": %" PRId64 ", ",
	    run->finished > 0 ? run->sum_us / (int64_t)run->finished : 0, quantile(run, 0.5), quantile(run, 0.9),
	    quantile(run, 0.99), quantile(run, 0.999), run->max_us);
	printf("\"bytes\": %" PRIu64 ", \"broken\": %" PRIu64 ", \"unexpected\": %" PRIu64 ", \"statuses\": {", run->bytes,
	    run->broken, run->unexpected);
	for (int i = 0; i < STATUSES; i++) {
		if (run->statuses[i] == 0)
			continue;
		printf("%s\"%d\": %" PRIu64, first ? "" : ", ", i, run->statuses[i]);
		first = false;
	}
	printf("}}\n");
}

/* A typo must not measure something else. */
static int
whole_number(const char *text, int max)
{
	int64_t value;

	if (str_to_i64(str_of(text), 1, max, &value) < 0)
		die("a number is wrong or out of bounds");
	return (int)value;
}

static void
parse_address(struct options *o, char *text)
{
	char *colon = strrchr(text, ':');

	if (colon == NULL)
		die("ADDRESS:PORT, such as 127.0.0.1:8000");
	*colon = '\0';
	o->address.sin_family = AF_INET;
	o->address.sin_port = htons((uint16_t)whole_number(colon + 1, UINT16_MAX));
	if (inet_pton(AF_INET, text, &o->address.sin_addr) != 1)
		die("the address must be a numeric IPv4 one");
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){.connections = 16, .seconds = 3, .first = 1};
	while ((c = getopt(argc, argv, "c:s:n:w:r:m:b:H:e:i:o:T")) != -1)
		switch (c) {
		case 'c': o->connections = whole_number(optarg, CONNECTIONS_MAX); break;
		case 's': o->seconds = atof(optarg); break;
		case 'n': o->requests = strtoull(optarg, NULL, 10); break;
		case 'w': o->warmup_s = atof(optarg); break;
		case 'r': o->rate = atof(optarg); break;
		case 'm': o->method = optarg; break;
		case 'b': o->body = optarg; break;
		case 'e': o->expected = whole_number(optarg, STATUSES - 1); break;
		case 'i': o->first = strtoull(optarg, NULL, 10); break;
		case 'o': o->numbers = strtoull(optarg, NULL, 10); break;
		case 'T':
			if ((o->tls = SSL_CTX_new(TLS_client_method())) == NULL)
				die("there is no TLS");
			break;
		case 'H':
			if (o->header_count == HEADERS_MAX)
				die("too many headers");
			o->headers[o->header_count++] = optarg;
			break;
		default: die("unknown option; the head of load.c has them all");
		}
	if (argc - optind != 2)
		die("usage: bench_load [options] ADDRESS:PORT PATH");
	parse_address(o, argv[optind]);
	o->path = argv[optind + 1];
	if (o->method == NULL)
		o->method = o->body != NULL ? "POST" : "GET";
}

int
main(int argc, char **argv)
{
	struct run *run = xcalloc(1, sizeof *run);
	double seconds;

	parse_options(&run->o, argc, argv);
	run->epoll = epoll_create1(EPOLL_CLOEXEC);
	run->clients = xcalloc((size_t)run->o.connections, sizeof *run->clients);
	for (int i = 0; i < run->o.connections; i++) {
		run->clients[i].out = BUF_INIT(REQUEST_MAX);
		client_open(run, &run->clients[i]);
	}
	run->start_ns = run->next_due_ns = now_ns();
	run->step_ns = run->o.rate > 0 ? (int64_t)(1e9 / run->o.rate) : 0;
	run->count_from_ns = run->start_ns + (int64_t)(run->o.warmup_s * 1e9);
	run->end_ns = run->count_from_ns + (int64_t)(run->o.seconds * 1e9);
	go(run);
	seconds = (double)(now_ns() - run->count_from_ns) / 1e9;
	report(run, seconds);
	return run->broken > 0 || run->unexpected > 0 ? 1 : 0;
}
