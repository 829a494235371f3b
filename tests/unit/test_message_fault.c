/* SPDX-License-Identifier: Apache-2.0 */
/* A conversation between two processes of ours, with days as rowsets, in a child in which the n-th call that carries messages fails, or the n-th
 * allocation; n goes upward until a child passes without reaching it. What fails says so; what is received is what was sent, whole; what could not be
 * received is still there, and nothing leaks a descriptor. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "fault_sys.h"
#include "proto/message.h"
#include "proto/rowset.h"

#define DAYS  4
#define WRONG 4 /* a child's status that no fault excuses */

static uint8_t buffer[MESSAGE_MAX_BYTES];

/* In the child. */
static void
hold(bool true_of_it)
{
	if (!true_of_it)
		_exit(WRONG);
}

static void
make_day(int32_t day, struct rowset **ret_rows)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(100, 100000);
	struct row_view row = {.seconds = 300, .activity = STR("Word"), .document = STR("lease.docx"), .category = STR("c")};

	for (int32_t i = 0; i < 20; i++) {
		row.bucket_s = 300 * (i + day);
		hold(rowset_builder_add(b, &row) == 0);
	}
	hold(rowset_build(b, ret_rows) == 0);
}

static int
send_day(int fd, int32_t day)
{
	_cleanup_(rowset_freep) struct rowset *rows = NULL;
	const struct msg_fetch_day m = {.day = day, .excluded_seconds = 17};
	_cleanup_close_ int file = -1;

	make_day(day, &rows);
	file = rowset_to_fd(rows);
	return file < 0 ? file : msg_fetch_day_send(fd, &m, file);
}

static void
is_the_day(const struct message *m, int32_t day)
{
	_cleanup_(rowset_freep) struct rowset *rows = NULL, *expected = NULL;
	struct msg_fetch_day got;
	int r = -EIO;

	hold(m->type == MSG_FETCH_DAY && msg_fetch_day_decode(m, &got) == 0 && got.day == day && got.excluded_seconds == 17);
	make_day(day, &expected);
	/* The first time it may be the mapping that fails. */
	for (int turn = 0; turn < 2 && r < 0; turn++) {
		hold(rows == NULL);
		r = rowset_receive(m->fd, &rows);
	}
	hold(r == 0 && str_eq(rowset_bytes(rows), rowset_bytes(expected)));
}

static void
receive_day(int fd, int32_t day)
{
	struct message m = {.fd = -1};
	int r = message_recv(fd, W2M, W_FETCHING, buffer, &m);

	if (r < 0) {
		hold(r == -ENOMEM && m.fd == -1);
		r = message_recv(fd, W2M, W_FETCHING, buffer, &m);
	}
	hold(r == 1);
	is_the_day(&m, day);
	message_release(&m);
}

static int
descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void _noreturn_
child_main(struct fault_order *order)
{
	const struct rlimit none = {0};
	const int before = descriptors();
	int pair[2] = {-1, -1}, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct message m = {.fd = -1};

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)dup2(null, STDERR_FILENO);
	close(null);
	fault_follow(order);
	if (message_pair(pair) < 0)
		hold(fault_struck(order) && message_pair(pair) == 0);
	for (int32_t day = 0; day < DAYS; day++) {
		/* Once more, as a worker would not: what was refused left nothing behind. */
		if (send_day(pair[1], day) < 0)
			hold(fault_struck(order) && send_day(pair[1], day) == 0);
		receive_day(pair[0], day);
	}
	fault_follow(NULL);
	close(pair[1]);
	hold(message_recv(pair[0], W2M, W_FETCHING, buffer, &m) == 0);
	close(pair[0]);
	hold(descriptors() == before);
	_exit(0);
}

static bool
life_with(enum fault_sort sort, int nth, int *ret_seen)
{
	struct fault_order *order = mmap(NULL, sizeof *order, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	bool struck;
	pid_t pid;

	assert_ptr_not_equal(order, MAP_FAILED);
	*order = (struct fault_order){.sort = sort, .nth = nth};
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child_main(order);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	struck = fault_struck(order);
	if (!(struck && sort == FAULT_MEMORY && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT) && status != 0)
		fail_msg("fault %d of sort %d: the child ended with status %#x", nth, sort, (unsigned)status);
	*ret_seen = order->seen;
	munmap(order, sizeof *order);
	return struck;
}

static int
sweep(enum fault_sort sort)
{
	int seen, nth = 1;

	while (life_with(sort, nth, &seen))
		nth++;
	assert_in_range(nth, DAYS, 100000);
	return seen;
}

static void
whatever_call_fails_no_half_message_is_believed(void **state)
{
	int calls = sweep(FAULT_MESSAGE), writes = sweep(FAULT_TORN), allocations = sweep(FAULT_MEMORY);

	(void)state;
	print_message("messages: calls %d, writes of days %d, allocations %d, each failed once\n", calls, writes, allocations);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(whatever_call_fails_no_half_message_is_believed)};

#ifdef WITH_SANITIZER
	return unit_skipped("a sanitizer's run time stands before the calls that are to fail");
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
