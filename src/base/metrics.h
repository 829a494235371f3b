/* SPDX-License-Identifier: Apache-2.0 */
/* metrics.h - what the daemon counts of itself, and its text for Prometheus (OpenMetrics 1.0, or the older form).
 *
 *     metric_add(rtalp_http_requests, route, METRIC_STATUS(status), 1);
 *     metric_set(rtalp_queue_jobs, kind, LIVE_QUEUED, 12);
 *     metric_observe(rtalp_store_commit_duration_seconds, 0, 0, us);
 *
 * Every number is a slot of one struct made from metrics.def, zero at the start of the process. A slot is written by one thread, always the same, so
 * that counting is a load and a store without a lock prefix; it may be read by any. A label's number beyond its set is counted under 0.
 * Seconds are microseconds here. Threads: as said.
 */
#ifndef RTALP_BASE_METRICS_H
#define RTALP_BASE_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define METRIC_COUNT_OF(type, ...) (sizeof((const type[]){__VA_ARGS__}) / sizeof(type))

/* A histogram has a slot for each bucket, one for what is above, and one for the sum. */
enum metric_sizes {
#define BUCKETS(name, ...) METRIC_BUCKETS_##name = METRIC_COUNT_OF(int64_t, __VA_ARGS__),
#define SET(name, label, ...) METRIC_SET_##name##_SIZE = METRIC_COUNT_OF(char *, __VA_ARGS__),
#define METRIC(name, type, unit, first, second, buckets, help)
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC
};

enum metric_set {
#define BUCKETS(name, ...)
#define SET(name, label, ...) METRIC_SET_##name,
#define METRIC(name, type, unit, first, second, buckets, help)
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC
	METRIC_SETS
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_INFO, METRIC_HISTOGRAM };
#define METRIC_WIDTH_COUNTER(buckets)   1
#define METRIC_WIDTH_GAUGE(buckets)     1
#define METRIC_WIDTH_INFO(buckets)      1
#define METRIC_WIDTH_HISTOGRAM(buckets) (METRIC_BUCKETS_##buckets + 2)

struct metrics {
#define BUCKETS(name, ...)
#define SET(name, label, ...)
#define METRIC(name, type, unit, first, second, buckets, help)                                                         \
	_Atomic int64_t name[METRIC_SET_##first##_SIZE][METRIC_SET_##second##_SIZE][METRIC_WIDTH_##type(buckets)];
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC
};
extern struct metrics metrics;

/* The upper bounds of each histogram's buckets. */
#define BUCKETS(name, ...) extern const int64_t metric_buckets_##name[METRIC_BUCKETS_##name];
#define SET(name, label, ...)
#define METRIC(name, type, unit, first, second, buckets, help)                                                         \
	static inline const int64_t *metric_buckets_of_##name(void)                                                    \
	{                                                                                                              \
		return metric_buckets_##buckets;                                                                       \
	}
#include "base/metrics.def"
#undef BUCKETS
#undef SET
#undef METRIC

#define METRIC_INDEX(i, array) ((size_t)(i) < ELEMENTSOF(array) ? (size_t)(i) : 0)
#define METRIC_SLOT(name, i, j) (&metrics.name[METRIC_INDEX(i, metrics.name)][METRIC_INDEX(j, metrics.name[0])][0])

static inline void
metric_add_to(_Atomic int64_t *slot, int64_t n)
{
	atomic_store_explicit(slot, atomic_load_explicit(slot, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void
metric_observe_in(_Atomic int64_t *slots, const int64_t *bounds, size_t count, int64_t value)
{
	size_t i = 0;

	while (i < count && value > bounds[i])
		i++;
	metric_add_to(&slots[i], 1);
	metric_add_to(&slots[count + 1], value);
}

/* i, j: the labels' numbers; 0 where there is none. */
#define metric_add(name, i, j, n) metric_add_to(METRIC_SLOT(name, i, j), (n))
#define metric_set(name, i, j, value) atomic_store_explicit(METRIC_SLOT(name, i, j), (value), memory_order_relaxed)
#define metric_get(name, i, j) atomic_load_explicit(METRIC_SLOT(name, i, j), memory_order_relaxed)
#define metric_observe(name, i, j, value)                                                                              \
	metric_observe_in(METRIC_SLOT(name, i, j), metric_buckets_of_##name(), ELEMENTSOF(metrics.name[0][0]) - 2, (value))

/* Values of labels that metrics.def has under other numbers than those who count. */
#define METRIC_STATUS(http_status) ((http_status) / 100)
enum { METRIC_QUEUED = 1, METRIC_RUNNING };
enum { METRIC_SPAWNER, METRIC_KEEPER };
enum { METRIC_SHAKEN, METRIC_RESUMED, METRIC_UNSHAKEN };
enum { METRIC_HIT, METRIC_MISS, METRIC_OUTDATED };
enum { METRIC_LIST_FRESH, METRIC_LIST_STALE, METRIC_LIST_FETCHED, METRIC_LIST_FAILED };
enum { METRIC_MADE, METRIC_NOT_MADE };
enum { METRIC_CLEAN, METRIC_CRASHED, METRIC_DEADLINE, METRIC_LOST };
enum { METRIC_RESCUETIME, METRIC_ALP_READ, METRIC_ALP_POST };
enum { METRIC_OK, METRIC_UNREACHABLE, METRIC_TIMEOUT, METRIC_BROKEN, METRIC_UNREADABLE, METRIC_REFUSED, METRIC_REJECTED, METRIC_BUSY, METRIC_FAILED };

/* Names a value of a set that is told at the start: its label's value, or name="value",name="value" of labels that go together, valid as it stands. The
 * text must be static or never change. Beyond the set's room: false. To be called before anything is counted under it. */
bool metrics_name(enum metric_set set, size_t i, const char *text);

/* Of what is not known here (there is no ALP), nothing is told. */
#define METRIC_ABSENT INT64_MIN

enum metrics_form { METRICS_OPEN, METRICS_OLD };
extern const char *const metrics_media[]; /* by form, with their parameters */
/* All of them; the buffer's maximum is the caller's. */
void metrics_render(struct buf *b, enum metrics_form form);

/* The table, for tests and documents. */
struct metric_info {
	const char *name;
	enum metric_type type;
	const char *unit, *help; /* "": none */
	enum metric_set sets[2];
	size_t sizes[2];
	const _Atomic int64_t *slots;
	size_t width;
	const int64_t *bounds;
};
const struct metric_info *metric_info(size_t i); /* NULL past the end */
struct metric_set_info {
	const char *label; /* "": none */
	const char **values;
	size_t count;
	bool sparse; /* a value that nothing was counted under is left out */
};
const struct metric_set_info *metric_set_info(enum metric_set set);

#endif
