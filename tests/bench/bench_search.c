/* SPDX-License-Identifier: Apache-2.0 */
/* bench_search - how long a search of matters takes, in this thread's processor time, for queries that a person types letter by letter and for such as
 * nothing is spared in.
 *
 *     bench_search [MATTERS]     (50000)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alp/matter_search.h"
#include "base/alloc.h"

#define ROUNDS 15
#define LIMIT  100

static const char *const first[] = {"Smith", "Jones", "Müller", "Nguyen", "O'Brien", "Taylor", "Papadopoulos", "Chen", "Williams", "de Souza", "Kowalski", "Singh"};
static const char *const second[] = {"Holdings Pty Ltd", "& Sons", "Family Trust", "Superannuation Fund", "Constructions", "Properties No 2", "Estate", "(in liquidation)"};
static const char *const what[] = {"Lease of premises at", "Sale of land in", "Dispute with", "Contract review for", "Estate planning with", "Employment advice to", "Appeal against"};
static const char *const places[] = {"Parramatta", "Newcastle", "Wollongong", "Bathurst", "Broken Hill", "Dubbo", "Tamworth", "Orange", "Lismore"};

static int64_t
thread_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static uint32_t
draw(uint32_t *state, size_t count)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8) % (uint32_t)count;
}

static void
fill(struct matter_search *s, long matters)
{
	uint32_t seed = 1;

	for (long i = 0; i < matters; i++) {
		char code[32], name[200], client[100];

		snprintf(code, sizeof code, "%" PRIu32 "%04ld", 10 + draw(&seed, 90), i % 10000);
		snprintf(name, sizeof name, "%s %s, %s", what[draw(&seed, ELEMENTSOF(what))], places[draw(&seed, ELEMENTSOF(places))], first[draw(&seed, ELEMENTSOF(first))]);
		snprintf(client, sizeof client, "%s %s %ld", first[draw(&seed, ELEMENTSOF(first))], second[draw(&seed, ELEMENTSOF(second))], i);
		matter_search_add(s, code, name, client, draw(&seed, 4) != 0);
	}
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void
measure(const struct matter_search *s, const char *query)
{
	uint32_t found[LIMIT];
	int64_t ns[ROUNDS];
	size_t n = 0;

	for (size_t i = 0; i < ROUNDS; i++) {
		int64_t from = thread_ns();

		n = matter_search(s, str_of(query), found, LIMIT);
		ns[i] = thread_ns() - from;
	}
	qsort(ns, ROUNDS, sizeof ns[0], by_value);
	printf("%-40s %3zu found  median %6.2f ms  most %6.2f ms\n", query, n, (double)ns[ROUNDS / 2] / 1e6, (double)ns[ROUNDS - 1] / 1e6);
}

int
main(int argc, char **argv)
{
	static const char *const queries[] = {"s", "sm", "smi", "smith", "smith l", "smith lea", "smith lease par", "12", "120", "123456", "müller", "o'brien trust", "zzzz",
	    "a", "e", "e a i o n t r s", "er an in re on st", "ma ri ia es in an", "lease of premises at parramatta, smith", "49999", "(in"};
	_cleanup_(matter_search_freep) struct matter_search *s = matter_search_new();
	long matters = argc > 1 ? strtol(argv[1], NULL, 10) : 50000;
	int64_t from = thread_ns();

	fill(s, matters);
	printf("%ld matters, %.1f MB, indexed in %.0f ms\n", matters, (double)matter_search_size(s) / 1e6, (double)(thread_ns() - from) / 1e6);
	for (size_t i = 0; i < ELEMENTSOF(queries); i++)
		measure(s, queries[i]);
	return 0;
}
