/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/rules_text.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/alloc.h"
#include "base/fd.h"

void
ruled_release(struct ruled *ruled)
{
	ruled->rules = rules_free(ruled->rules);
	ruled->set = ruleset_free(ruled->set);
}

int
rules_text_compile(int fd, struct str name, struct rule_faults *faults, struct ruled *ret_ruled)
{
	_cleanup_(ruled_release) struct ruled ruled = {0};
	_cleanup_free_ char *file = xstrndup(name.len > 0 ? name.p : "", name.len);
	const void *text = NULL;
	size_t len = 0;
	/* A file with nothing in it is one; it cannot be mapped. */
	int r = lseek(fd, 0, SEEK_END) == 0 ? 0 : memfd_map_sealed(fd, RULES_FILE_MAX, &text, &len);

	if (r < 0)
		return r;
	r = ruleset_parse((struct str){text, len}, file, faults, &ruled.set);
	if (text != NULL)
		(void)munmap((void *)(uintptr_t)text, len);
	if (r == 0)
		r = rules_new(ruled.set, &ruled.rules);
	if (r < 0)
		return r;
	*ret_ruled = ruled;
	ruled = (struct ruled){0};
	return 0;
}
