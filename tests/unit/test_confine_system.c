/* SPDX-License-Identifier: Apache-2.0 */
#include "test_confine_attempts.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto/rowset.h"
#include "workers/confine.h"

int
open_a_file(void)
{
	return outcome(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

int
make_a_file(void)
{
	return outcome(open("/tmp/rtalp-test-confine", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
}

int
open_a_device(void)
{
	return outcome(open("/dev/null", O_RDWR | O_CLOEXEC));
}

int
list_a_directory(void)
{
	return outcome(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int
unlink_a_file(void)
{
	return outcome(unlink("/tmp/rtalp-test-confine-none")) == -ENOENT ? 0 : -errno;
}

int
look_at_a_file(void)
{
	struct stat st;

	return outcome(stat("/etc/passwd", &st));
}

/* The flag lets the path be empty; it does not have to be. */
int
look_at_a_file_as_fstat_does(void)
{
	struct stat st;

	return outcome(fstatat(AT_FDCWD, "/etc/passwd", &st, AT_EMPTY_PATH));
}

int
truncate_a_file(void)
{
	return outcome(truncate("/etc/rtalp-none", 0)) == -ENOENT ? 0 : -errno;
}

int
run_a_program(void)
{
	/* 20 is EXIT_DONE. */
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"exit 20"}, NULL}, *const envp[] = {NULL};

	return outcome(execve("/bin/sh", argv, envp));
}

int
run_a_memory_file(void)
{
	char *const argv[] = {(char[]){"true"}, NULL}, *const envp[] = {NULL};
	int fd = memfd_create("program", MFD_CLOEXEC);

	return fd < 0 ? -errno : outcome(fexecve(fd, argv, envp)) == -ENOEXEC ? 0 : -errno;
}

int
fork_a_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

int
start_a_thread(void)
{
	return outcome(syscall(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, NULL));
}

static void *
do_nothing(void *arg)
{
	return arg;
}

int
start_a_thread_as_the_c_library_does(void)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, do_nothing, NULL);

	return r == 0 ? -pthread_join(thread, NULL) : -r;
}

int
run_a_program_as_a_child(void)
{
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char[]){"exit 7"}, NULL}, *const envp[] = {NULL};
	pid_t pid;
	int status = 0, r = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, envp);

	if (r != 0 || waitpid(pid, &status, 0) != pid)
		return -EPERM;
	return WIFEXITED(status) && WEXITSTATUS(status) == 7 ? 0 : -EPERM;
}

int
clone_by_the_new_call(void)
{
	return outcome(syscall(SYS_clone3, NULL, 0)) == -EINVAL ? 0 : -errno;
}

int
make_namespaces(void)
{
	return outcome(unshare(CLONE_NEWUSER));
}

int
trace_a_sibling(void)
{
	return outcome(ptrace(PTRACE_SEIZE, world.sibling, NULL, NULL));
}

int
read_a_siblings_memory(void)
{
	char bytes[8];
	struct iovec to = {bytes, sizeof bytes}, from = {&world, sizeof bytes};

	return outcome(process_vm_readv(world.sibling, &to, 1, &from, 1, 0));
}

int
open_a_siblings_memory(void)
{
	char path[32];

	(void)snprintf(path, sizeof path, "/proc/%d/mem", (int)world.sibling);
	return outcome(open(path, O_RDONLY | O_CLOEXEC));
}

int
take_a_siblings_descriptor(void)
{
	int pidfd = (int)syscall(SYS_pidfd_open, world.sibling, 0);

	return pidfd < 0 ? -errno : outcome(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
}

int
signal_a_sibling(void)
{
	return outcome(kill(world.sibling, SIGCONT));
}

int
signal_by_ownership(void)
{
	return outcome(fcntl(WORKER_CHANNEL_FD, F_SETOWN, world.sibling));
}

int
abort_itself(void)
{
	return outcome(syscall(SYS_tgkill, getpid(), getpid(), SIGABRT));
}

int
map_executable_memory(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -errno : 0;
}

int
make_memory_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return outcome(mprotect(p, 4096, PROT_READ | PROT_EXEC));
}

int
become_dumpable(void)
{
	return outcome(prctl(PR_SET_DUMPABLE, 1));
}

int
raise_a_limit(void)
{
	const struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};

	return outcome(setrlimit(RLIMIT_DATA, &limit));
}

int
change_its_user(void)
{
	return outcome(setuid(65534));
}

int
use_io_uring(void)
{
	return outcome(syscall(SYS_io_uring_setup, 1, NULL)) == -EFAULT ? 0 : -errno;
}

int
load_bpf(void)
{
	return outcome(syscall(SYS_bpf, 0, NULL, 0));
}

int
look_at_keys(void)
{
	return outcome(syscall(SYS_keyctl, 0, -3, 0));
}

int
set_a_signal_handler(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	return outcome(sigaction(SIGUSR1, &action, NULL));
}

#ifdef __x86_64__
/* A filter that forgot the other ways into the kernel would let them pass. */
int
call_as_a_32_bit_program(void)
{
	int r = 20; /* getpid there */

	__asm__ volatile("int $0x80" : "+a"(r) : : "memory");
	return r;
}

int
call_as_an_x32_program(void)
{
	return outcome(syscall(0x40000000L | SYS_getpid));
}
#endif

int
take_too_much_memory(void)
{
	return mmap(NULL, (size_t)2 * MEMORY_MAX, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -errno : 0;
}

int
write_too_large_a_memory_file(void)
{
	static char chunk[1 << 20];
	int fd = memfd_create("large", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	for (size_t written = 0; written <= ROWSET_MAX_BYTES; written += sizeof chunk)
		if (write(fd, chunk, sizeof chunk) < 0)
			return -errno;
	return 0;
}

int
open_many_descriptors(void)
{
	for (int i = 0; i < 10000; i++)
		if (memfd_create("many", MFD_CLOEXEC | MFD_ALLOW_SEALING) < 0)
			return -errno;
	return 0;
}

int
use_a_descriptor_of_the_spawner(void)
{
	return outcome(write(WORKER_KEY_FD + 1, "x", 1));
}

int
make_a_rowset(void)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(1000, ROWSET_MAX_BYTES);
	struct rowset *rows = NULL;

	for (int32_t i = 0; i < 1000; i++) {
		struct row_view row = {.bucket_s = i, .seconds = 1, .activity = STR("a")};

		if (rowset_builder_add(b, &row) < 0)
			return -EIO;
	}
	return rowset_build(b, &rows) < 0 ? -EIO : rowset_to_fd(rows);
}

int
map_a_rowset(void)
{
	struct rowset *rows = NULL;
	int fd = make_a_rowset();

	return fd < 0 ? fd : rowset_receive(fd, &rows);
}

int
make_a_file_of_huge_pages(void)
{
	return outcome(memfd_create("rowset", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB));
}

int
speak_to_the_master(void)
{
	return msg_process_end_send(WORKER_CHANNEL_FD, &(struct msg_process_end){.days = 1}, -1);
}
