/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/landlock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "proto/message.h"

#define CREATE_RULESET_VERSION 1u

#define FS_RIGHTS_ABI_1 ((UINT64_C(1) << 13) - 1)
#define FS_REFER	(UINT64_C(1) << 13)
#define FS_TRUNCATE	(UINT64_C(1) << 14)
#define FS_IOCTL_DEV	(UINT64_C(1) << 15)
#define NET_BIND_TCP	(UINT64_C(1) << 0)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT	(UINT64_C(1) << 0)
#define SCOPE_SIGNAL	(UINT64_C(1) << 1)
#define ABI_REFER	2u
#define ABI_TRUNCATE	3u
#define ABI_NET		4u
#define ABI_IOCTL_DEV	5u
#define ABI_SCOPE	6u

struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

uint32_t
landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	return abi > 0 ? (uint32_t)abi : 0;
}

static struct ruleset_attr
rights_of(uint32_t abi)
{
	struct ruleset_attr attr = {.handled_access_fs = FS_RIGHTS_ABI_1};

	if (abi >= ABI_REFER)
		attr.handled_access_fs |= FS_REFER;
	if (abi >= ABI_TRUNCATE)
		attr.handled_access_fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL_DEV)
		attr.handled_access_fs |= FS_IOCTL_DEV;
	if (abi >= ABI_NET)
		attr.handled_access_net = NET_BIND_TCP | NET_CONNECT_TCP;
	if (abi >= ABI_SCOPE)
		attr.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
	return attr;
}

/* An older kernel refuses a structure that is longer than it knows. */
static size_t
attr_bytes(uint32_t abi)
{
	if (abi >= ABI_SCOPE)
		return sizeof(struct ruleset_attr);
	return abi >= ABI_NET ? offsetof(struct ruleset_attr, scoped)
			      : offsetof(struct ruleset_attr, handled_access_net);
}

static unsigned
bits_of(uint32_t abi)
{
	unsigned bits = CONFINED_LANDLOCK_FS;

	if (abi >= ABI_NET)
		bits |= CONFINED_LANDLOCK_TCP;
	if (abi >= ABI_SCOPE)
		bits |= CONFINED_LANDLOCK_SCOPE;
	return bits;
}

int
landlock_prepare(struct landlock_plan *ret_plan)
{
	_cleanup_close_ int fd = -1;
	uint32_t abi = landlock_abi();
	struct ruleset_attr attr = rights_of(abi);

	*ret_plan = LANDLOCK_PLAN_INIT;
	if (abi == 0)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, attr_bytes(abi), 0);
	if (fd < 0)
		return -errno;
	*ret_plan = (struct landlock_plan){.fd = TAKE_FD(fd), .abi = abi, .holds = bits_of(abi)};
	return 0;
}

void
landlock_release(struct landlock_plan *plan)
{
	if (plan->abi != 0) /* a zeroed plan does not own descriptor 0 */
		closep(&plan->fd);
	*plan = LANDLOCK_PLAN_INIT;
}

int
landlock_enter(const struct landlock_plan *plan)
{
	if (plan->fd < 0)
		return 0;
	return syscall(SYS_landlock_restrict_self, plan->fd, 0) < 0 ? -errno : 0;
}
