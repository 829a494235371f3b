/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/confine.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/alloc.h"
#include "proto/rowset.h"

/* What a worker can open is bounded by its system calls. This limit has another effect that is not wanted: for a process without
 * privileges, the kernel refuses to pass a descriptor while those under way of the whole user, all workers' and the master's, are
 * more than it (ETOOMANYREFS). So it stands well above what workers and master can have under way. */
#define WORKER_DESCRIPTORS 8192
/* A backstop only: the spawner's deadline ends a worker that hangs, this one that spins while the spawner cannot look. */
#define WORKER_CPU_S 60

static enum seccomp_role
filter_of(enum worker_role role)
{
	switch (role) {
	case ROLE_FETCH:
		return SC_FETCH;
	case ROLE_DELIVER:
		return SC_DELIVER;
	case ROLE_PROCESS:
	default:
		return SC_PROCESS;
	}
}

int
confine_prepare(enum worker_role role, uint64_t memory_max_bytes, struct confine_plan *ret_plan)
{
	struct confine_plan plan = {.role = role, .memory_max_bytes = memory_max_bytes, .landlock = LANDLOCK_PLAN_INIT};
	int r;

	r = seccomp_filter_build(filter_of(role), &plan.filter);
	if (r < 0)
		return r;
	r = landlock_prepare(&plan.landlock);
	if (r < 0) {
		confine_release(&plan);
		return r;
	}
	*ret_plan = plan;
	return 0;
}

void
confine_release(struct confine_plan *plan)
{
	seccomp_filter_release(&plan->filter);
	landlock_release(&plan->landlock);
}

static int
limit(__rlimit_resource_t resource, rlim_t most)
{
	struct rlimit now, wanted = {.rlim_cur = most, .rlim_max = most};

	if (getrlimit(resource, &now) < 0)
		return -errno;
	if (now.rlim_max < most)
		wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
	return setrlimit(resource, &wanted) < 0 ? -errno : 0;
}

static int
limit_resources(uint64_t memory_max_bytes)
{
	const struct {
		__rlimit_resource_t resource;
		rlim_t most;
	} limits[] = {
	    {RLIMIT_CORE, 0},
	    {RLIMIT_NOFILE, WORKER_DESCRIPTORS},
	    {RLIMIT_NPROC, 0}, /* no effect for root; the seccomp list has no clone anyway */
	    {RLIMIT_CPU, WORKER_CPU_S},
	    {RLIMIT_FSIZE, ROWSET_MAX_BYTES}, /* counts for a memory file too */
	    {RLIMIT_DATA, memory_max_bytes},
	};

	/* It says itself what was too much for it. */
	alloc_may_fail();
	for (size_t i = 0; i < ELEMENTSOF(limits); i++) {
		int r;

		/* The shadow memory of a sanitizer counts as data. */
		if (limits[i].resource == RLIMIT_DATA && (memory_max_bytes == 0 || !seccomp_filter_wanted()))
			continue;
		r = limit(limits[i].resource, limits[i].most);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The signal is set first, so a parent that dies in between is noticed by one of the two. */
static int
die_with(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return -errno;
	return getppid() == parent ? 0 : -ESRCH;
}

static int
forswear_privileges(void)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int
confine_apply(const struct confine_plan *plan, pid_t parent, unsigned *ret_held)
{
	unsigned held = CONFINED_DIES_WITH_PARENT | CONFINED_RLIMITS | CONFINED_NOT_DUMPABLE;
	int r;

	r = die_with(parent);
	if (r == 0)
		r = limit_resources(plan->memory_max_bytes);
	if (r == 0)
		r = forswear_privileges();
	if (r == 0)
		r = landlock_enter(&plan->landlock);
	if (r < 0)
		return r;
	held |= plan->landlock.holds;
	if (close_range(WORKER_KEY_FD + 1, UINT_MAX, 0) < 0)
		return -errno;
	r = seccomp_filter_enter(&plan->filter);
	if (r < 0)
		return r;
	if (seccomp_filter_wanted())
		held |= CONFINED_SECCOMP;
	*ret_held = held;
	return 0;
}

int
confine_master(void)
{
	_cleanup_(seccomp_filter_release) struct seccomp_filter filter = {0};
	int r;

	if (!seccomp_filter_wanted())
		return 0;
	r = seccomp_filter_build(SC_MASTER, &filter);
	if (r == 0)
		r = forswear_privileges();
	return r < 0 ? r : seccomp_filter_enter(&filter);
}

int
confine_spawner(void)
{
	_cleanup_(seccomp_filter_release) struct seccomp_filter filter = {0};
	_cleanup_(landlock_release) struct landlock_plan landlock = LANDLOCK_PLAN_INIT;
	int r;

	if (!seccomp_filter_wanted())
		return 0; /* a sanitizer looks for leaks at the end, through /proc and by tracing */
	r = forswear_privileges();
	if (r == 0)
		r = landlock_prepare(&landlock);
	if (r == 0)
		r = landlock_enter(&landlock);
	if (r == 0)
		r = seccomp_filter_build(SC_SPAWNER, &filter);
	return r < 0 ? r : seccomp_filter_enter(&filter);
}

int
confine_from_eyes(void)
{
	int r = limit(RLIMIT_CORE, 0);

	/* A sanitizer looks for leaks at the end, through /proc and by tracing. */
	return r < 0 || !seccomp_filter_wanted() ? r : forswear_privileges();
}

static int
limit_keeper(void)
{
	static const __rlimit_resource_t none[] = {RLIMIT_NPROC, RLIMIT_FSIZE};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ELEMENTSOF(none); i++)
		r = limit(none[i], 0);
	return r;
}

int
confine_keeper(void)
{
	_cleanup_(seccomp_filter_release) struct seccomp_filter filter = {0};
	_cleanup_(landlock_release) struct landlock_plan landlock = LANDLOCK_PLAN_INIT;
	int r;

	r = confine_from_eyes();
	if (r < 0 || !seccomp_filter_wanted())
		return r;
	r = seccomp_filter_build(SC_KEEPER, &filter);
	if (r == 0)
		r = limit_keeper();
	if (r == 0)
		r = landlock_prepare(&landlock);
	if (r == 0)
		r = landlock_enter(&landlock);
	return r < 0 ? r : seccomp_filter_enter(&filter);
}
