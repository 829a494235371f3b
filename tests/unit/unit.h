/* SPDX-License-Identifier: Apache-2.0 */
/* unit.h - what every unit test includes: cmocka and the headers it asks for, and where the test data is. */
#ifndef RTALP_TESTS_UNIT_H
#define RTALP_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Writes the path of a file of vectors to path: from $RTALP_VECTORS, else from ../shared/vectors beside the source, else from the few
 * that the source carries. NULL, if it is nowhere: the test that needs it should skip() and say so. */
static inline const char *
vectors_file(const char *name, char *path, size_t room)
{
	const struct {
		const char *base, *below;
	} places[] = {
	    {getenv("RTALP_VECTORS"), ""},
	    {getenv("top_srcdir"), "/../shared/vectors"},
	    {getenv("top_srcdir"), "/tests/vectors"},
	};

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (places[i].base == NULL || places[i].base[0] == '\0')
			continue;
		if (snprintf(path, room, "%s%s/%s", places[i].base, places[i].below, name) < (int)room &&
		    access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

/* The directory of the vectors, found in the same way. NULL if there is none. */
static inline const char *
vectors_dir(void)
{
	static char path[4096];

	return vectors_file(".", path, sizeof path);
}

/* What makes thousands of cases makes only every n-th of them where each takes long and another build has them all: $RTALP_FEWER is that n. */
static inline size_t
unit_fewer(void)
{
	const char *text = getenv("RTALP_FEWER");
	unsigned long n = text != NULL ? strtoul(text, NULL, 10) : 1;

	return n > 0 && n <= 1000 ? n : 1;
}

static inline size_t
unit_rounds(size_t all)
{
	return all > unit_fewer() ? all / unit_fewer() : 1;
}

/* What main() returns when nothing can be tested here, and why. */
static inline int
unit_skipped(const char *why)
{
	puts(why);
	return 77;
}

#endif
