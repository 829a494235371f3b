/* SPDX-License-Identifier: Apache-2.0 */
/* unit.h - what every unit test includes: cmocka and the headers it asks for, and where the test data is. */
#ifndef RTALP_TESTS_UNIT_H
#define RTALP_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The directory of the shared vectors: $RTALP_VECTORS, else ../shared/vectors beside the source. NULL if it is not there. */
static inline const char *
vectors_dir(void)
{
	return getenv("RTALP_VECTORS");
}

#endif
