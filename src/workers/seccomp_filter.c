/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/seccomp_filter.h"

#include <errno.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/netlink.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/alloc.h"
#include "base/fd.h"

#define ARGS_MAX          3
#define SOCKET_TYPE_MASK  0xfu
#define PROGRAM_MAX_BYTES ((off_t)BPF_MAXINSNS * (off_t)sizeof(struct sock_filter))
/* fork() and nothing that shares memory or makes a namespace: only the flags glibc's fork gives may be set. */
#define FORK_FLAGS ((uint64_t)(CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | 0xff))

/* What a thread of the C library is made with, exactly. */
#define THREAD_FLAGS \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

struct rule {
	int call;
	unsigned roles; /* enum seccomp_role bits */
	int error;      /* 0: allowed; else the call fails with it */
	unsigned arg_count;
	struct scmp_arg_cmp args[ARGS_MAX];
};

#define WORKERS          (SC_FETCH | SC_PROCESS | SC_DELIVER | SC_SPAWNER)
#define ROWS             (SC_FETCH | SC_PROCESS | SC_SPAWNER)
#define FETCH            (SC_FETCH | SC_SPAWNER)
#define NETWORK          (SC_FETCH | SC_DELIVER | SC_SPAWNER)
#define PROCESS          (SC_PROCESS | SC_SPAWNER)
#define SPAWNER          SC_SPAWNER
#define MASTER           SC_MASTER
#define ALLOW(name, who) {.call = SCMP_SYS(name), .roles = (who)}
#define ALLOW_IF(name, who, count, ...)                                                                                \
	{.call = SCMP_SYS(name), .roles = (who), .arg_count = (count), .args = {__VA_ARGS__}}
#define REFUSE(name, who, with) {.call = SCMP_SYS(name), .roles = (who), .error = (with)}
#define REFUSE_IF(name, who, with, count, ...)                                                                         \
	{.call = SCMP_SYS(name), .roles = (who), .error = (with), .arg_count = (count), .args = {__VA_ARGS__}}
#define IS(n, value)             {.arg = (n), .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)(value)}
#define MASKED(n, mask, value)   {.arg = (n), .op = SCMP_CMP_MASKED_EQ, .datum_a = (mask), .datum_b = (scmp_datum_t)(value)}
#define SOCKET(family, type, protocol) \
	ALLOW_IF(socket, MASTER, 3, IS(0, family), MASKED(1, SOCKET_TYPE_MASK, type), IS(2, protocol))
#define WITHOUT(n, bit)          MASKED(n, (scmp_datum_t)(bit), 0)

/* Filters add up over fork, so the spawner's list holds its workers' lists; NETWORK, ROWS, FETCH and PROCESS include it. */
static const struct rule rules[] = {
	/* The channel to the master. */
	ALLOW(recvmsg, WORKERS),
	ALLOW_IF(sendmsg, WORKERS, 1, WITHOUT(2, MSG_FASTOPEN)), /* fast open connects past Landlock's check of the port */
	ALLOW(close, WORKERS),
	ALLOW(poll, WORKERS),  /* waiting for the channel or the network with a time limit */
	ALLOW(ppoll, WORKERS), /* the same, where the C library prefers it */

	/* Rows leave as a sealed memory file and arrive as one. */
	ALLOW_IF(memfd_create, ROWS, 1, IS(1, MFD_CLOEXEC | MFD_ALLOW_SEALING)), /* no huge pages: the machine has few, and a reader that gets none dies */
	ALLOW(write, WORKERS),
	ALLOW_IF(fcntl, ROWS, 1, IS(1, F_ADD_SEALS)),
	ALLOW_IF(fcntl, PROCESS, 1, IS(1, F_GET_SEALS)),
	ALLOW_IF(lseek, PROCESS, 1, IS(2, SEEK_END)), /* how long it is */
	ALLOW(pread64, PROCESS),

	/* Memory, never executable. */
	ALLOW_IF(mmap, WORKERS, 1, WITHOUT(2, PROT_EXEC)),
	ALLOW_IF(mprotect, WORKERS, 1, WITHOUT(2, PROT_EXEC)),
	ALLOW(munmap, WORKERS),
	ALLOW(mremap, WORKERS),
	ALLOW(brk, WORKERS),
	ALLOW(madvise, WORKERS),
	ALLOW(sysinfo, WORKERS), /* qsort() asks for the size of memory before it merges */
	ALLOW(mlock, NETWORK),   /* the page of the key stays out of swap */

	/* The C library's own needs. */
	ALLOW(futex, WORKERS),
	ALLOW(getpid, WORKERS), /* OpenSSL notices a fork by it */
	ALLOW(clock_gettime, WORKERS), /* these two only where the clock cannot be read without a call */
	ALLOW(gettimeofday, WORKERS),
	ALLOW(restart_syscall, WORKERS),
	ALLOW(rt_sigreturn, WORKERS),
	ALLOW(rt_sigprocmask, WORKERS),
	ALLOW(exit_group, WORKERS),
	ALLOW(exit, WORKERS),

	/* Requests over a connection that the master made (sockets.h). libcurl 7.88 connects a connected socket once more; it takes this answer, and then
	 * finds that it is. */
	REFUSE(connect, NETWORK, EINPROGRESS),
	ALLOW(getsockname, NETWORK),
	ALLOW(getpeername, NETWORK),
	ALLOW_IF(getsockopt, NETWORK, 1, IS(1, SOL_SOCKET)),
	ALLOW_IF(getsockopt, NETWORK, 1, IS(1, IPPROTO_TCP)),
	/* No other: with SO_LINGER set, a connection that was passed on would hold up whoever closes it, and that is the master. */
	ALLOW_IF(setsockopt, NETWORK, 2, IS(1, IPPROTO_TCP), IS(2, TCP_NODELAY)),
	ALLOW(recvfrom, NETWORK),
	ALLOW_IF(sendto, NETWORK, 2, WITHOUT(3, MSG_FASTOPEN), IS(4, 0)), /* on a connected socket only */
	ALLOW(read, NETWORK),
	ALLOW_IF(fcntl, NETWORK, 1, IS(1, F_GETFL)),
	ALLOW_IF(fcntl, NETWORK, 1, IS(1, F_SETFL)),
	ALLOW_IF(fcntl, NETWORK, 1, IS(1, F_GETFD)),
	ALLOW_IF(fcntl, NETWORK, 1, IS(1, F_SETFD)),
	ALLOW(getrandom, NETWORK), /* TLS */

	/* libcurl would wake itself up through one of these, by version, which nobody needs: the first it can do without. */
	REFUSE_IF(socketpair, NETWORK, EMFILE, 2, IS(0, AF_UNIX), MASKED(1, SOCKET_TYPE_MASK, SOCK_STREAM)),
	ALLOW(eventfd2, NETWORK),
	ALLOW(pipe2, NETWORK),

	/* The keeper, once it has its keys: it waits, receives, opens and sends. That is all. */
	ALLOW(recvmsg, SC_KEEPER),
	ALLOW_IF(sendmsg, SC_KEEPER, 1, WITHOUT(2, MSG_FASTOPEN)),
	ALLOW(poll, SC_KEEPER),
	ALLOW(ppoll, SC_KEEPER),
	ALLOW(close, SC_KEEPER),
	ALLOW(getrandom, SC_KEEPER), /* sealing anew */
	ALLOW_IF(setsockopt, SC_KEEPER, 2, IS(1, SOL_SOCKET), IS(2, SO_PASSCRED)), /* who speaks on a spawner's channel */
	ALLOW(restart_syscall, SC_KEEPER),
	ALLOW(exit_group, SC_KEEPER),

	/* The spawner: forking. */
	ALLOW_IF(clone, SPAWNER, 1, MASKED(0, ~FORK_FLAGS, 0)),
	ALLOW(set_robust_list, SPAWNER),
	ALLOW(rseq, SPAWNER),
	ALLOW(gettid, SPAWNER),
	ALLOW(getppid, SPAWNER),

	/* The spawner: its workers' lives. */
	ALLOW(pidfd_open, SPAWNER),
	ALLOW_IF(pidfd_send_signal, SPAWNER, 1, IS(1, SIGKILL)),
	ALLOW(wait4, SPAWNER),
	ALLOW(epoll_ctl, SPAWNER),
	ALLOW(epoll_wait, SPAWNER),
	ALLOW(epoll_pwait, SPAWNER),

	/* The spawner: channels to the worker of its rehearsal, and from the keeper to others. */
	ALLOW_IF(socketpair, SPAWNER, 2, IS(0, AF_UNIX), MASKED(1, SOCKET_TYPE_MASK, SOCK_SEQPACKET)),
	ALLOW_IF(shutdown, SPAWNER, 1, IS(1, SHUT_RD)),

	/* The spawner: what a child does between fork and its own filter. */
	ALLOW(dup2, SPAWNER),
	ALLOW(dup3, SPAWNER),
	ALLOW(close_range, SPAWNER),
	ALLOW_IF(prctl, SPAWNER, 1, IS(0, PR_SET_PDEATHSIG)),
	ALLOW_IF(prctl, SPAWNER, 2, IS(0, PR_SET_DUMPABLE), IS(1, 0)),
	ALLOW_IF(prctl, SPAWNER, 2, IS(0, PR_SET_NO_NEW_PRIVS), IS(1, 1)),
	ALLOW_IF(prlimit64, SPAWNER, 1, IS(0, 0)), /* its own */
	ALLOW(landlock_restrict_self, SPAWNER),
	ALLOW(seccomp, SPAWNER),

	/* --- The master, besides all of the above: no call that looks into or steers another process, mounts, loads, or changes who it is. */

	/* Its loop and its threads. Programs that a library thinks it could start with the newer call are made with the older, whose flags can be seen. */
	REFUSE(clone3, MASTER, ENOSYS),
	ALLOW_IF(clone, MASTER, 1, IS(0, THREAD_FLAGS)),
	ALLOW_IF(prctl, MASTER, 1, IS(0, PR_SET_NAME)),
	ALLOW(sched_yield, MASTER),
	ALLOW(sched_getaffinity, MASTER), /* how many processors there are */
	ALLOW(nanosleep, MASTER),
	ALLOW(clock_nanosleep, MASTER),
	ALLOW(clock_getres, MASTER),
	ALLOW(timerfd_create, MASTER),
	ALLOW(timerfd_settime, MASTER),
	ALLOW(epoll_create1, MASTER),
	ALLOW(epoll_pwait2, MASTER),
	ALLOW(rt_sigaction, MASTER),
	ALLOW(sigaltstack, MASTER),
	ALLOW_IF(tgkill, MASTER, 1, IS(2, SIGABRT)), /* abort() names itself so */
	ALLOW(getrusage, MASTER),
	ALLOW(times, MASTER),
	ALLOW(uname, MASTER),
	ALLOW(getuid, MASTER),
	ALLOW(geteuid, MASTER),
	ALLOW(getgid, MASTER),
	ALLOW(getegid, MASTER),
	ALLOW(munlock, MASTER),
	ALLOW(msync, MASTER),

	/* Its children: posix_spawn() of itself as spawner or keeper, and what those do before their own lists hold. */
	ALLOW_IF(clone, MASTER, 1, IS(0, CLONE_VM | CLONE_VFORK | SIGCHLD)),
	ALLOW(execve, MASTER),
	ALLOW_IF(mmap, MASTER, 2, IS(2, PROT_READ | PROT_EXEC), WITHOUT(3, MAP_ANONYMOUS)), /* the dynamic loader */
	ALLOW(arch_prctl, MASTER),
	ALLOW(set_tid_address, MASTER),
	ALLOW_IF(prctl, MASTER, 1, IS(0, PR_CAPBSET_READ)), /* libcap looks how many there are */
	ALLOW(setsid, MASTER),
	ALLOW_IF(getpriority, MASTER, 2, IS(0, PRIO_PROCESS), IS(1, 0)), /* the spawner stands back behind its master */
	ALLOW_IF(setpriority, MASTER, 2, IS(0, PRIO_PROCESS), IS(1, 0)),
	ALLOW(umask, MASTER),
	ALLOW_IF(memfd_create, MASTER, 1, IS(1, MFD_CLOEXEC)), /* their own lists are made in one */
	ALLOW(landlock_create_ruleset, MASTER),
	ALLOW(landlock_add_rule, MASTER),
	ALLOW_IF(kill, MASTER, 1, IS(1, SIGKILL)),
	ALLOW_IF(kill, MASTER, 1, IS(1, SIGCONT)),
	ALLOW_IF(kill, MASTER, 1, IS(1, 0)),
	ALLOW(waitid, MASTER),

	/* Files: the store and its copies, configuration, rules, certificates. */
	ALLOW(openat, MASTER),
	ALLOW(open, MASTER),
	ALLOW(pread64, MASTER),
	ALLOW(pwrite64, MASTER),
	ALLOW(readv, MASTER),
	ALLOW(writev, MASTER),
	ALLOW(sendfile, MASTER),
	ALLOW(copy_file_range, MASTER),
	ALLOW(lseek, MASTER),
	ALLOW(fsync, MASTER),
	ALLOW(fdatasync, MASTER),
	ALLOW(ftruncate, MASTER),
	ALLOW(fallocate, MASTER),
	ALLOW(fadvise64, MASTER),
	ALLOW(flock, MASTER),
	ALLOW(fstat, MASTER),
	ALLOW(stat, MASTER),
	ALLOW(lstat, MASTER),
	ALLOW(newfstatat, MASTER),
	ALLOW(statx, MASTER),
	ALLOW(statfs, MASTER),
	ALLOW(fstatfs, MASTER),
	ALLOW(access, MASTER),
	ALLOW(faccessat, MASTER),
	ALLOW(faccessat2, MASTER),
	ALLOW(readlink, MASTER),
	ALLOW(readlinkat, MASTER),
	ALLOW(getcwd, MASTER),
	ALLOW(getdents64, MASTER),
	ALLOW(mkdir, MASTER),
	ALLOW(mkdirat, MASTER),
	ALLOW(rmdir, MASTER),
	ALLOW(unlink, MASTER),
	ALLOW(unlinkat, MASTER),
	ALLOW(rename, MASTER),
	ALLOW(renameat, MASTER),
	ALLOW(renameat2, MASTER),
	ALLOW(link, MASTER),
	ALLOW(linkat, MASTER),
	ALLOW(chmod, MASTER),
	ALLOW(fchmod, MASTER),
	ALLOW(fchmodat, MASTER),
	ALLOW(fchown, MASTER), /* SQLite gives its journal to whom the database belongs */
	ALLOW(utimensat, MASTER),
	ALLOW(dup, MASTER),
	ALLOW_IF(fcntl, MASTER, 1, IS(1, F_DUPFD)),
	ALLOW_IF(fcntl, MASTER, 1, IS(1, F_DUPFD_CLOEXEC)),
	ALLOW_IF(fcntl, MASTER, 1, IS(1, F_SETLK)),
	ALLOW_IF(fcntl, MASTER, 1, IS(1, F_SETLKW)),
	ALLOW_IF(fcntl, MASTER, 1, IS(1, F_GETLK)),

	/* Network: clients, ALP, Redis, name servers, the connections of workers, the journal and the service manager. */
	SOCKET(AF_UNIX, SOCK_STREAM, 0),
	SOCKET(AF_UNIX, SOCK_DGRAM, 0),
	SOCKET(AF_UNIX, SOCK_SEQPACKET, 0),
	SOCKET(AF_INET, SOCK_STREAM, 0),
	SOCKET(AF_INET, SOCK_STREAM, IPPROTO_TCP),
	SOCKET(AF_INET, SOCK_DGRAM, 0),
	SOCKET(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	SOCKET(AF_INET6, SOCK_STREAM, 0),
	SOCKET(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	SOCKET(AF_INET6, SOCK_DGRAM, 0),
	SOCKET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
	SOCKET(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), /* the C library asks which families there are */
	ALLOW_IF(socketpair, MASTER, 1, IS(0, AF_UNIX)),
	ALLOW(connect, MASTER),
	ALLOW(bind, MASTER),
	ALLOW(listen, MASTER),
	ALLOW(accept4, MASTER),
	ALLOW(accept, MASTER),
	ALLOW(shutdown, MASTER),
	ALLOW(sendmsg, MASTER),
	ALLOW(sendmmsg, MASTER),
	ALLOW(sendto, MASTER),
	ALLOW(recvmmsg, MASTER),
	ALLOW(getsockopt, MASTER),
	ALLOW_IF(setsockopt, MASTER, 1, IS(1, SOL_SOCKET)),
	ALLOW_IF(setsockopt, MASTER, 1, IS(1, IPPROTO_TCP)),
	ALLOW_IF(setsockopt, MASTER, 2, IS(1, IPPROTO_IP), IS(2, IP_RECVERR)),
	ALLOW_IF(setsockopt, MASTER, 2, IS(1, IPPROTO_IPV6), IS(2, IPV6_RECVERR)),
	ALLOW_IF(setsockopt, MASTER, 2, IS(1, IPPROTO_IPV6), IS(2, IPV6_V6ONLY)),
	ALLOW_IF(ioctl, MASTER, 1, IS(1, FIONREAD)),
	ALLOW_IF(ioctl, MASTER, 1, IS(1, FIONBIO)),
	ALLOW_IF(ioctl, MASTER, 1, IS(1, SIOCOUTQ)),
	ALLOW_IF(ioctl, MASTER, 1, IS(1, TCGETS)), /* is it a terminal? */
};

bool
seccomp_filter_wanted(void)
{
#ifdef WITH_SANITIZER
	return false;
#else
	return true;
#endif
}

static int
add_rule(scmp_filter_ctx ctx, const struct rule *rule)
{
	uint32_t action = rule->error == 0 ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((unsigned)rule->error);

	/* Only what is refused matters where everything is allowed. */
	if (rule->error == 0 && !seccomp_filter_wanted())
		return 0;
	return seccomp_rule_add_array(ctx, action, rule->call, rule->arg_count, rule->args);
}

static bool
is_for(const struct rule *rule, enum seccomp_role role)
{
	return (rule->roles & (unsigned)role) != 0 || (role == SC_MASTER && rule->error == 0);
}

static int
add_rules(scmp_filter_ctx ctx, enum seccomp_role role)
{
	for (size_t i = 0; i < ELEMENTSOF(rules); i++) {
		const struct rule *rule = &rules[i];
		int r;

		/* A negative number is a call that this architecture does not have. */
		if (!is_for(rule, role) || rule->call < 0)
			continue;
		r = add_rule(ctx, rule);
		if (r < 0)
			return r;
	}
	return 0;
}

static int
export_program(scmp_filter_ctx ctx, struct seccomp_filter *ret_filter)
{
	_cleanup_close_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	_cleanup_free_ struct sock_filter *program = NULL;
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(ctx, fd);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_size <= 0 || st.st_size > PROGRAM_MAX_BYTES)
		return -E2BIG;
	program = xcalloc(1, (size_t)st.st_size);
	if (pread(fd, program, (size_t)st.st_size, 0) != st.st_size)
		return -EIO;
	ret_filter->length = (unsigned short)((size_t)st.st_size / sizeof *program);
	ret_filter->program = TAKE_PTR(program);
	return 0;
}

int
seccomp_filter_build(enum seccomp_role role, struct seccomp_filter *ret_filter)
{
	scmp_filter_ctx ctx = seccomp_init(seccomp_filter_wanted() ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW);
	int r;

	if (ctx == NULL)
		return -ENOMEM;
	r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* A tree instead of a chain: the master's list is long. */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = add_rules(ctx, role);
	if (r == 0)
		r = export_program(ctx, ret_filter);
	seccomp_release(ctx);
	return r;
}

void
seccomp_filter_release(struct seccomp_filter *filter)
{
	free(filter->program);
	*filter = (struct seccomp_filter){0};
}

int
seccomp_filter_enter(const struct seccomp_filter *filter)
{
	const struct sock_fprog program = {.len = filter->length, .filter = filter->program};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0 ? -errno : 0;
}
