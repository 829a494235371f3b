/* SPDX-License-Identifier: Apache-2.0 */
#include "base/process_sample.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/metrics.h"

static void
sample_memory(void)
{
	unsigned long all = 0, resident = 0;
	int64_t page = sysconf(_SC_PAGESIZE);
	FILE *f = fopen("/proc/self/statm", "re");
	int got = f != NULL ? fscanf(f, "%lu %lu", &all, &resident) : 0;

	if (f != NULL)
		(void)fclose(f);
	metric_set(process_virtual_memory_bytes, 0, 0, got == 2 ? (int64_t)all * page : METRIC_ABSENT);
	metric_set(process_resident_memory_bytes, 0, 0, got == 2 ? (int64_t)resident * page : METRIC_ABSENT);
}

static void
sample_descriptors(void)
{
	int64_t count = METRIC_ABSENT;
	struct rlimit limit;
	DIR *d = opendir("/proc/self/fd");

	if (d != NULL) {
		/* Not itself, nor the two that lead upwards. */
		for (count = -3; readdir(d) != NULL; count++)
			;
		(void)closedir(d);
	}
	metric_set(process_open_fds, 0, 0, count);
	metric_set(process_max_fds, 0, 0, getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY ? (int64_t)limit.rlim_cur : METRIC_ABSENT);
}

static int64_t
us_of(clockid_t clock)
{
	struct timespec t = {0};

	(void)clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* In clock ticks since the boot, as the kernel says it. */
static int64_t
start_ticks(void)
{
	long long ticks = -1;
	FILE *f = fopen("/proc/self/stat", "re");

	if (f == NULL)
		return -1;
	/* The name may hold anything but ends at the last parenthesis; ours has none. */
	if (fscanf(f, "%*d (%*[^)]) %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lld", &ticks) != 1)
		ticks = -1;
	(void)fclose(f);
	return ticks;
}

static void
sample_start(void)
{
	int64_t ticks, hz = sysconf(_SC_CLK_TCK);

	if (metric_get(process_start_time_seconds, 0, 0) != 0)
		return;
	ticks = start_ticks();
	metric_set(process_start_time_seconds, 0, 0,
	    ticks >= 0 && hz > 0 ? us_of(CLOCK_REALTIME) - us_of(CLOCK_BOOTTIME) + ticks * 1000000 / hz : METRIC_ABSENT);
}

void
process_sample(void)
{
	sample_memory();
	sample_descriptors();
	sample_start();
	metric_set(process_cpu_seconds, 0, 0, us_of(CLOCK_PROCESS_CPUTIME_ID));
}
