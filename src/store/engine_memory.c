/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's memory: what stands behind the program's allocator, if there is one in front. */
#include <malloc.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "store/engine.h"

static void *
memory_get(int size)
{
	return alloc_plain()->get((size_t)size);
}

static void *
memory_resize(void *p, int size)
{
	return alloc_plain()->resize(p, (size_t)size);
}

static void
memory_give_back(void *p)
{
	alloc_plain()->give_back(p);
}

static int
memory_size(void *p)
{
	return (int)malloc_usable_size(p);
}

static int
memory_round_up(int size)
{
	return (size + 7) & ~7;
}

static int
memory_start(void *arg)
{
	(void)arg;
	return SQLITE_OK;
}

static void
memory_stop(void *arg)
{
	(void)arg;
}

void
engine_memory_set(void)
{
	static const sqlite3_mem_methods methods = {
	    .xMalloc = memory_get, .xFree = memory_give_back, .xRealloc = memory_resize, .xSize = memory_size, .xRoundup = memory_round_up,
	    .xInit = memory_start, .xShutdown = memory_stop,
	};

	if (alloc_plain() != NULL)
		sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
