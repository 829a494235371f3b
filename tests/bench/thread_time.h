/* SPDX-License-Identifier: Apache-2.0 */
/* thread_time.h - the processor time of a thread of this process, for the benchmarks: it says more than a rate while others use the machine. */
#ifndef RTALP_TESTS_THREAD_TIME_H
#define RTALP_TESTS_THREAD_TIME_H

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

/* In nanoseconds so far, of all threads of that name. */
static inline int64_t
thread_ns(const char *thread)
{
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *entry;
	int64_t sum = 0, ns;

	while (tasks != NULL && (entry = readdir(tasks)) != NULL) {
		_cleanup_free_ char *name_path = xasprintf("/proc/self/task/%s/comm", entry->d_name);
		_cleanup_free_ char *time_path = xasprintf("/proc/self/task/%s/schedstat", entry->d_name);
		FILE *name = fopen(name_path, "re"), *time = fopen(time_path, "re");
		char text[32] = "";

		if (name != NULL && time != NULL && fgets(text, sizeof text, name) != NULL) {
			text[strcspn(text, "\n")] = '\0';
			sum += strcmp(text, thread) == 0 && fscanf(time, "%" SCNd64, &ns) == 1 ? ns : 0;
		}
		if (name != NULL)
			fclose(name);
		if (time != NULL)
			fclose(time);
	}
	if (tasks != NULL)
		closedir(tasks);
	return sum;
}

#endif
