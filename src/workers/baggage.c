/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/baggage.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/macro.h"

/* By the beginning of the file's name. Nothing here may be called in a worker; some of it has handlers for forks, which is why workers are
 * made by _Fork(). */
static const char *const unneeded[] = {
    /* The master's. libconfig is not among it: a check's rules are read in the worker. */
    "libsqlite3.", "libsystemd.", "libevent_", "liblz4.", "liblzma.", "libcap.",
    /* Of libcurl, for protocols and ways to log in that are never asked for. */
    "librtmp.", "libssh2.", "libldap", "liblber", "libsasl2.", "libgssapi_krb5.", "libkrb5.", "libk5crypto.", "libkrb5support.",
    "libcom_err.", "libkeyutils.", "libresolv.", "libhogweed.", "libnettle.", "libtasn1.", "libgmp.", "libgnutls.", "libp11-kit.",
    "libffi.", "libgcrypt.", "libgpg-error.",
};

static bool
is_unneeded(const char *path)
{
	const char *slash = strrchr(path, '/');

	for (size_t i = 0; slash != NULL && i < ELEMENTSOF(unneeded); i++)
		if (strncmp(slash + 1, unneeded[i], strlen(unneeded[i])) == 0)
			return true;
	return false;
}

void
baggage_leave_behind(bool bound_now)
{
	FILE *maps = bound_now ? fopen("/proc/self/maps", "re") : NULL;
	char line[512];

	while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
		unsigned long start, end;
		char path[256];

		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %255s", &start, &end, path) == 3 && is_unneeded(path))
			(void)madvise((void *)(uintptr_t)start, end - start, MADV_DONTFORK);
	}
	if (maps != NULL)
		fclose(maps);
}
