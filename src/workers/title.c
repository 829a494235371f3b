/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/title.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "workers/keeper.h"
#include "workers/spawner.h"

#define TITLE_MAX 64

static bool ready;

/* libbsd writes over the memory of arguments and environment and has to move the latter away first, so it needs all three vectors
 * before anybody holds a pointer into them; only a constructor gets them without main() passing them down. */
__attribute__((constructor)) static void
title_setup(int argc, char **argv, char **environment)
{
	if (argc < 2 || (strcmp(argv[1], SPAWNER_ARGUMENT) != 0 && strcmp(argv[1], KEEPER_ARGUMENT) != 0))
		return;
	setproctitle_init(argc, argv, environment);
	ready = true;
}

void
title_set(const char *format, ...)
{
	char text[TITLE_MAX];
	va_list ap;

	if (!ready)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	/* The dash: without the program's name in front, which the text has already. */
	setproctitle("-%s", text);
}
