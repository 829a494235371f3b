/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: whatever stands in it, it is either wrong with at least one line that says so, or a configuration. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_close_ int fd = memfd_create("config", MFD_CLOEXEC);
	struct config_errors errors = {0};
	char path[64];

	if (fd < 0 || (size > 0 && write(fd, data, size) != (ssize_t)size))
		abort();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (config_load(path, &config, &errors) < 0 ? errors.count == 0 || config != NULL : errors.count != 0 || config == NULL)
		abort();
	config_errors_release(&errors);
	return 0;
}
