/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"
#include "generate.h"
#include "params.h"
#include "users.h"
#include "zone.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unreleased"
#endif

/* OPTION(letter, name, takes an argument, its name, help) */
#define OPTIONS(OPTION) \
	OPTION('l', "listen", required_argument, "ADDR", "loopback address to listen on (127.0.0.1)") \
	OPTION('p', "port", required_argument, "N", "HTTP port; 0 takes any free one (0)") \
	OPTION('P', "tls-port", required_argument, "N", "HTTPS port (0); needs a certificate") \
	OPTION('c', "cert", required_argument, "FILE", "certificate chain for HTTPS, PEM") \
	OPTION('k', "key", required_argument, "FILE", "its private key, PEM") \
	OPTION('m', "make-cert", required_argument, "DIR", "make ca.pem, server.pem and server.key in DIR unless they are there") \
	OPTION('u', "users", required_argument, "N", "number of accounts (1000)") \
	OPTION('z', "zone", required_argument, "IANA", "zone of every account (Australia/Sydney)") \
	OPTION('L', "latency-ms", required_argument, "N", "wait before every answer (0)") \
	OPTION('s', "seed", required_argument, "N", "seed of the made-up data (1)") \
	OPTION('r', "rows-per-day", required_argument, "N", "about how many rows a weekday has (400)") \
	OPTION('S', "sync-seconds", required_argument, "N", "devices upload this often, e.g. 180; 0 is at once (0)") \
	OPTION('n', "now", required_argument, "RFC3339", "freeze the clock at this instant") \
	OPTION('f', "fault", required_argument, "SPEC", "set a fault, e.g. 'user=7&fault=http-429&count=3'; may be repeated") \
	OPTION('b', "bad-key-status", required_argument, "N", "status of the key-not-found envelope: 200, 400, 401 or 403 (400)") \
	OPTION('q', "query-error-status", required_argument, "N", "status of the query-error envelope: 200 or 400 (400)") \
	OPTION('e', "escape", required_argument, "HOW", "rails: & < > as \\u0026..., raw, or ascii: all beyond ASCII (rails)") \
	OPTION('g', "long-range", required_argument, "HOW", "minute rows of more than 31 days: empty, error or serve (empty)") \
	OPTION('a', "alp", required_argument, "SPEC", "how ALP is made, e.g. 'paging=link&page_size=50&matters=2000'; may be repeated") \
	OPTION('R', "ready-fd", required_argument, "N", "write the ready line here too, then close it") \
	OPTION('Q', "quiet", no_argument, NULL, "no line on stderr for each request") \
	OPTION('h', "help", no_argument, NULL, "this text") \
	OPTION('V', "version", no_argument, NULL, "the version")

struct option_info {
	int letter;
	const char *name, *argument, *help;
};

static const struct option_info infos[] = {
#define OPTION(letter, name, takes, argument, help) { letter, name, argument, help },
	OPTIONS(OPTION)
#undef OPTION
};

static const struct option longs[] = {
#define OPTION(letter, name, takes, argument, help) { name, takes, NULL, letter },
	OPTIONS(OPTION)
#undef OPTION
	{ NULL, 0, NULL, 0 },
};

static void
print_help(void)
{
	struct buf faults = { 0 };
	char name[40];
	size_t i;

	puts("usage: rtalp-sandbox [OPTION]...\n\nA stand-in for RescueTime's Analytic Data API, and for ALP under /alp, with made-up data and faults to order.\n");
	for (i = 0; i < sizeof(infos) / sizeof(infos[0]); i++) {
		snprintf(name, sizeof(name), "--%s %s", infos[i].name, infos[i].argument ? infos[i].argument : "");
		printf("  %-26s %s\n", name, infos[i].help);
	}
	faults_describe(&faults);
	printf("\nFaults (user=N|*, date=YYYY-MM-DD|*, count=N|-1, and their own parameters):\n%.*s", (int)faults.len, faults.data);
	buf_release(&faults);
}

static int
choice(const char *s, const char *a, const char *b, const char *c)
{
	return strcmp(s, a) == 0 ? 0 : strcmp(s, b) == 0 ? 1 : strcmp(s, c) == 0 ? 2 : -1;
}

static bool
set_number(struct options *o, int letter, const char *s)
{
	static const struct {
		int letter;
		int64_t lo, hi;
	} ranges[] = {
		{ 'p', 0, 65535 }, { 'P', 0, 65535 }, { 'u', 1, USERS_MAX }, { 'L', 0, 600000 }, { 's', 0, INT64_MAX },
		{ 'S', 0, 86400 },
		{ 'r', 1, GENERATE_MAX_ROWS }, { 'b', 200, 499 }, { 'q', 200, 499 }, { 'R', 0, 1023 },
	};
	int64_t n = -1;
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ranges[i].letter == letter && parse_int(s, ranges[i].lo, ranges[i].hi, &n) < 0)
			return false;
	if (letter == 'p')
		o->port = (uint16_t)n;
	else if (letter == 'P')
		o->tls_port = (uint16_t)n;
	else if (letter == 'u')
		o->users = (uint32_t)n;
	else if (letter == 'L')
		o->latency_ms = n;
	else if (letter == 'S')
		o->sync_seconds = n;
	else if (letter == 's')
		o->seed = (uint64_t)n;
	else if (letter == 'r')
		o->rows_per_day = (uint32_t)n;
	else if (letter == 'b')
		o->bad_key_status = (int)n;
	else if (letter == 'q')
		o->query_error_status = (int)n;
	else
		o->ready_fd = (int)n;
	return true;
}

static bool
set_text(struct options *o, int letter, const char *s)
{
	const char *why;
	int n = 0;

	switch (letter) {
	case 'l':
		o->listen = s;
		return true;
	case 'c':
		o->cert = s;
		return true;
	case 'k':
		o->key = s;
		return true;
	case 'm':
		o->make_cert = s;
		return true;
	case 'n':
		o->now = s;
		return true;
	case 'a':
		return alp_config_set_line(&o->alp, s, &why) == 0;
	case 'z':
		o->zone = s;
		return zone_exists(s);
	case 'f':
		if (o->n_faults == OPTIONS_FAULTS_MAX)
			return false;
		o->faults[o->n_faults++] = s;
		return true;
	case 'e':
		n = choice(s, "rails", "raw", "ascii");
		o->escaping = n < 0 ? ESCAPE_RAILS : (enum escaping)n;
		return n >= 0;
	case 'g':
		n = choice(s, "empty", "error", "serve");
		o->long_range = n < 0 ? LONG_RANGE_EMPTY : (enum long_range)n;
		return n >= 0;
	default:
		return set_number(o, letter, s);
	}
}

static int
check(const struct options *o)
{
	if ((o->cert == NULL) != (o->key == NULL) || (o->cert && o->make_cert)) {
		fputs("rtalp-sandbox: give --cert with --key, or --make-cert\n", stderr);
		return -EINVAL;
	}
	if (o->tls_port && !o->cert && !o->make_cert) {
		fputs("rtalp-sandbox: --tls-port needs --make-cert, or --cert and --key\n", stderr);
		return -EINVAL;
	}
	return 0;
}

int
options_parse(struct options *o, int argc, char **argv)
{
	int letter, index = 0;

	*o = (struct options){ .listen = "127.0.0.1", .zone = "Australia/Sydney", .users = 1000, .rows_per_day = 400,
		.seed = 1, .ready_fd = -1, .bad_key_status = 400, .query_error_status = 400 };
	alp_config_default(&o->alp);
	while ((letter = getopt_long(argc, argv, "", longs, &index)) != -1) {
		if (letter == '?')
			return -EINVAL;
		if (letter == 'Q') {
			o->quiet = true;
		} else if (letter == 'h') {
			print_help();
			return 1;
		} else if (letter == 'V') {
			puts("rtalp-sandbox " PACKAGE_VERSION);
			return 1;
		} else if (!set_text(o, letter, optarg)) {
			fprintf(stderr, "rtalp-sandbox: --%s: cannot use '%s'\n", longs[index].name, optarg);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "rtalp-sandbox: what is '%s'?\n", argv[optind]);
		return -EINVAL;
	}
	return check(o);
}
