/* SPDX-License-Identifier: Apache-2.0 */
/* main.c - wires the sandbox together, in order, and takes it apart again. */
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "alloc.h"
#include "alp.h"
#include "calendar.h"
#include "certs.h"
#include "peers.h"
#include "sandbox.h"
#include "server.h"

#define KEEP_BYTES (64 * 1024 * 1024)

struct program {
	struct options options;
	struct sandbox sb;
	struct cert_paths certs;
	struct server *http, *https;
	struct event *on_term, *on_int;
};

static void
complain(const char *what, int r)
{
	fprintf(stderr, "rtalp-sandbox: %s: %s\n", what, strerror(-r));
}

static void
stop(evutil_socket_t sig, short what, void *arg)
{
	(void)sig;
	(void)what;
	event_base_loopbreak(arg);
}

/* A benchmark opens more connections than the usual soft limit lets through. */
static void
allow_many_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
start_state(struct program *p)
{
	struct sandbox *sb = &p->sb;
	const struct options *o = &p->options;
	struct archive_config config = { .seed = o->seed, .rows_per_day = o->rows_per_day,
		.sync_seconds = o->sync_seconds, .clock = &sb->clock };
	const char *why;
	unsigned i;

	sb->options = o;
	sb->users = users_new(o->users, o->zone);
	sb->faults = faults_new();
	sb->cache = cache_new();
	sb->log = reqlog_new();
	sb->peers = peers_new();
	sb->in_flight = xcalloc((size_t)o->users + 1, sizeof(*sb->in_flight));
	faults_reseed(sb->faults, o->seed);
	sb->alp = alp_new(o);
	config.users = sb->users;
	config.faults = sb->faults;
	sb->archive = archive_new(&config);
	sb->clock.frozen = o->now != NULL;
	if (o->now && instant_parse(o->now, &sb->clock.at) < 0) {
		complain("--now", -EINVAL);
		return -EINVAL;
	}
	for (i = 0; i < o->n_faults; i++) {
		if (faults_set_line(sb->faults, o->faults[i], &why) < 0) {
			fprintf(stderr, "rtalp-sandbox: --fault '%s': %s\n", o->faults[i], why);
			return -EINVAL;
		}
	}
	return 0;
}

static int
start_events(struct program *p)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (!config)
		return -ENOMEM;
	/* evhttp turns reading and writing on and off all the time; this way the kernel hears only of what is left of it. */
	event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
	base = event_base_new_with_config(config);
	event_config_free(config);
	if (!base)
		return -ENOMEM;
	p->sb.base = base;
	p->on_term = evsignal_new(base, SIGTERM, stop, base);
	p->on_int = evsignal_new(base, SIGINT, stop, base);
	event_add(p->on_term, NULL);
	event_add(p->on_int, NULL);
	return sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL) < 0 ? -errno : 0;
}

static int
start_servers(struct program *p)
{
	const struct options *o = &p->options;
	const char *cert = o->cert, *key = o->key;
	int r;

	if (o->make_cert) {
		r = certs_make(o->make_cert, &p->certs);
		if (r < 0) {
			complain(o->make_cert, r);
			return r;
		}
		cert = p->certs.cert;
		key = p->certs.key;
	}
	r = server_new(&p->sb, o->listen, o->port, NULL, NULL, &p->http);
	if (r == 0 && cert)
		r = server_new(&p->sb, o->listen, o->tls_port, cert, key, &p->https);
	if (r < 0)
		complain(r == -EBADMSG ? "certificate or key" : o->listen, r);
	return r;
}

static void
say_ready(const struct program *p)
{
	const char *v6 = strchr(p->options.listen, ':');
	char line[1200];
	int n;

	n = snprintf(line, sizeof(line), "ready http=%s%s%s:%u", v6 ? "[" : "", p->options.listen, v6 ? "]" : "",
	             server_port(p->http));
	if (p->https)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " https=%s%s%s:%u", v6 ? "[" : "", p->options.listen,
		              v6 ? "]" : "", server_port(p->https));
	if (p->options.make_cert)
		n += snprintf(line + n, sizeof(line) - (size_t)n, " ca=%s", p->certs.ca);
	n += snprintf(line + n, sizeof(line) - (size_t)n, " control=/_sandbox\n");
	fputs(line, stdout);
	fflush(stdout);
	if (p->options.ready_fd >= 0) {
		if (write(p->options.ready_fd, line, (size_t)n) != n)
			complain("--ready-fd", -errno);
		close(p->options.ready_fd);
	}
}

static void
take_apart(struct program *p)
{
	struct sandbox *sb = &p->sb;

	server_free(p->http);
	server_free(p->https);
	peers_free(sb->peers);
	archive_free(sb->archive);
	cache_free(sb->cache);
	faults_free(sb->faults);
	users_free(sb->users);
	reqlog_free(sb->log);
	alp_free(sb->alp);
	free(sb->in_flight);
	if (p->on_term)
		event_free(p->on_term);
	if (p->on_int)
		event_free(p->on_int);
	if (sb->base)
		event_base_free(sb->base);
	libevent_global_shutdown();
}

int
main(int argc, char **argv)
{
	static struct program p;
	int r = options_parse(&p.options, argc, argv);

	if (r)
		return r < 0 ? 2 : EXIT_SUCCESS;
	allow_many_files();
	/* Bodies come and go; giving their pages back each time costs more than keeping them. */
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	mallopt(M_MMAP_THRESHOLD, KEEP_BYTES / 16);
	r = start_state(&p);
	if (r == 0)
		r = start_events(&p);
	if (r == 0)
		r = start_servers(&p);
	if (r == 0) {
		say_ready(&p);
		event_base_dispatch(p.sb.base);
	}
	take_apart(&p);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
