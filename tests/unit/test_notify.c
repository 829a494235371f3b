/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "daemon/notify.h"

static int manager = -1;
static char dir[] = "/tmp/test_notify.XXXXXX";
static struct sockaddr_un address = {.sun_family = AF_UNIX};

static void
expect_state(const char *start)
{
	char got[512] = "";

	assert_true(recv(manager, got, sizeof got - 1, MSG_DONTWAIT) > 0);
	got[strlen(start)] = '\0';
	assert_string_equal(got, start);
}

static void
the_manager_hears_each_state(void **state)
{
	(void)state;
	notify_ready();
	expect_state("READY=1");
	notify_reloading();
	expect_state("RELOADING=1\nMONOTONIC_USEC=");
	notify_status("%d jobs", 3);
	expect_state("STATUS=3 jobs");
	notify_extend_timeout(1500);
	expect_state("EXTEND_TIMEOUT_USEC=1500000");
	notify_watchdog();
	expect_state("WATCHDOG=1");
	notify_stopping();
	expect_state("STOPPING=1");
}

static void
the_watchdog_is_petted_at_half_its_interval(void **state)
{
	_cleanup_free_ char *pid = xasprintf("%d", getpid());

	(void)state;
	assert_int_equal(notify_watchdog_interval_ms(), 0);
	assert_int_equal(setenv("WATCHDOG_USEC", "30000000", 1), 0);
	assert_int_equal(setenv("WATCHDOG_PID", pid, 1), 0);
	assert_int_equal(notify_watchdog_interval_ms(), 15000);
	assert_int_equal(setenv("WATCHDOG_PID", "1", 1), 0);
	assert_int_equal(notify_watchdog_interval_ms(), 0);
}

static void
without_activation_there_are_no_sockets(void **state)
{
	struct notify_socket *sockets = NULL;

	(void)state;
	assert_int_equal(notify_take_sockets(&sockets), 0);
	assert_null(sockets);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir) == NULL)
		return -1;
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", dir);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (bind(manager, (const struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	return setenv("NOTIFY_SOCKET", address.sun_path, 1);
}

static int
teardown(void **state)
{
	(void)state;
	(void)close(manager);
	(void)unlink(address.sun_path);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_manager_hears_each_state),
	    cmocka_unit_test(the_watchdog_is_petted_at_half_its_interval),
	    cmocka_unit_test(without_activation_there_are_no_sockets),
	};

	return cmocka_run_group_tests_name("notify", tests, setup, teardown);
}
