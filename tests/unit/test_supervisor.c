/* SPDX-License-Identifier: Apache-2.0 */
/* Real spawners: this very program started again in the role. What a change of rules costs those who are at work: nothing. */
#include "test_workers.h"

#include <event2/event.h>

#include "base/alloc.h"
#include "daemon/rules_source.h"
#include "daemon/supervisor.h"
#include "proto/matter_list.h"

#define WORKERS_MAX 16
#define SOON_MS     20000
#define LONG_MS     3600000

struct seen {
	bool spawned, refused, exited, lost;
};

struct bench {
	struct event_base *base;
	struct supervisor *supervisor;
	unsigned ready;
	struct seen workers[WORKERS_MAX]; /* by id */
	unsigned changes;                 /* that were told to be over */
	int change;                       /* how the last one went */
	uint8_t buffer[MESSAGE_MAX_BYTES];
};

static void
on_ready(void *arg)
{
	((struct bench *)arg)->ready++;
}

static void
on_lost(void *arg, uint64_t id)
{
	((struct bench *)arg)->workers[id].lost = true;
}

static void
on_refused(void *arg, uint64_t id, int error)
{
	(void)error;
	((struct bench *)arg)->workers[id].refused = true;
}

static void
on_spawned(void *arg, uint64_t id, int32_t pid)
{
	(void)pid;
	((struct bench *)arg)->workers[id].spawned = true;
}

static void
on_exited(void *arg, const struct msg_exited *exited)
{
	((struct bench *)arg)->workers[exited->worker_id].exited = true;
}

static void
on_changed(void *arg, int r)
{
	struct bench *b = arg;

	b->changes++;
	b->change = r;
}

/* Not looked at by the master: a text that no spawner can compile gets through. */
static struct rules_source *
source_of(const char *text)
{
	struct rules_source *s = xcalloc(1, sizeof *s);
	_cleanup_(ruleset_freep) struct ruleset *set = NULL;
	struct rule_faults faults = {0};

	s->references = 1;
	s->name = xstrdup("test.conf");
	s->text = (struct str){xstrdup(text), strlen(text)};
	if (ruleset_parse(s->text, s->name, &faults, &set) == 0)
		snprintf(s->version, sizeof s->version, "%s", set->version);
	rule_faults_release(&faults);
	return s;
}

#define until(b, condition)                                                                                            \
	do {                                                                                                           \
		int64_t end_ms = clock_mono_ms() + SOON_MS;                                                            \
                                                                                                                       \
		while (!(condition)) {                                                                                 \
			if (clock_mono_ms() > end_ms)                                                                  \
				fail_msg("%s did not happen", #condition);                                             \
			turn(b);                                                                                       \
		}                                                                                                      \
	} while (0)

static void
turn(struct bench *b)
{
	struct timeval tv = {.tv_usec = 10000};

	event_base_loopexit(b->base, &tv);
	event_base_dispatch(b->base);
}

static int
setup(void **state)
{
	static const struct supervisor_options options = {
	    .upstream_url = "http://127.0.0.1:9/anapi/data", .ca_file = "", .user_agent = "test", .body_max_bytes = 1 << 20,
	    .connect_timeout_ms = 1000, .answer_timeout_ms = 1000, .memory_max_bytes = MEMORY_MAX,
	};
	struct bench *b = xcalloc(1, sizeof *b);
	const struct supervisor_hooks hooks = {
	    .ready = on_ready, .lost = on_lost, .refused = on_refused, .spawned = on_spawned, .exited = on_exited, .arg = b,
	};
	_cleanup_(rules_source_unrefp) struct rules_source *rules = source_of("# first\n");

	b->base = event_base_new();
	assert_int_equal(supervisor_new(b->base, &options, rules, &hooks, &b->supervisor), 0);
	until(b, b->ready == 1);
	*state = b;
	return 0;
}

static int
teardown(void **state)
{
	struct bench *b = *state;

	supervisor_free(b->supervisor);
	event_base_free(b->base);
	free(b);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	return 0;
}

static void
change_to(struct bench *b, const char *text, int64_t most_ms)
{
	_cleanup_(rules_source_unrefp) struct rules_source *rules = source_of(text);

	assert_int_equal(supervisor_change_rules(b->supervisor, rules, most_ms, on_changed, b), 0);
}

/* A process worker that waits for its job; our end of its channel. */
static int
worker(struct bench *b, uint64_t id)
{
	const struct msg_spawn spawn = {.worker_id = id, .role = ROLE_PROCESS, .alp_user_id = 42, .deadline_ms = LONG_MS};
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	assert_int_equal(supervisor_spawn(b->supervisor, &spawn, pair[1]), 0);
	close(pair[1]);
	until(b, b->workers[id].spawned);
	worker_expect_ready(pair[0], b->buffer);
	return pair[0];
}

static struct rowset *
some_day(void)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *rows = rowset_builder_new(1, 1000);
	const struct row_view row = {.seconds = 60, .activity = STR("winword"), .document = STR("Deed of lease")};
	struct rowset *rs = NULL;

	assert_int_equal(rowset_builder_add(rows, &row), 0);
	assert_int_equal(rowset_build(rows, &rs), 0);
	return rs;
}

/* By which rules the worker judges. */
static void
expect_judges_by(struct bench *b, int channel, const char *text)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *builder = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *matters = NULL;
	_cleanup_(rowset_freep) struct rowset *day = some_day();
	_cleanup_(rules_source_unrefp) struct rules_source *rules = source_of(text);
	_cleanup_close_ int matters_fd = -1, day_fd = rowset_to_fd(day);
	_cleanup_(message_release) struct message m = {.fd = -1};
	struct msg_process_verdict verdict;

	assert_int_equal(matter_list_build(builder, &matters), 0);
	matters_fd = matter_list_to_fd(matters);
	assert_int_equal(msg_process_job_send(channel, &(struct msg_process_job){.job_id = 1, .run = 1}, matters_fd), 0);
	assert_int_equal(msg_process_day_send(channel, &(struct msg_process_day){.day = 1, .generation = 1}, day_fd), 0);
	expect_message(channel, W2M, W_PROCESSING, MSG_PROCESS_VERDICT, b->buffer, &m);
	assert_int_equal(msg_process_verdict_decode(&m, &verdict), 0);
	assert_true(str_eq(verdict.rules_version, str_of(rules->version)));
}

static void
who_is_at_work_ends_by_the_old_rules_and_whoever_comes_later_has_the_new_ones(void **state)
{
	struct bench *b = *state;
	int old, fresh;

	old = worker(b, 1);
	change_to(b, "# second\n", LONG_MS);
	assert_true(supervisor_is_ready(b->supervisor));
	until(b, b->changes == 1);
	assert_int_equal(b->change, 0);
	fresh = worker(b, 2);
	expect_judges_by(b, old, "# first\n");
	expect_judges_by(b, fresh, "# second\n");
	assert_int_equal(children_of(getpid()), 2);
	close(old);
	until(b, b->workers[1].exited);
	/* Nobody is left whose rules those were. */
	until(b, children_of(getpid()) == 1);
	assert_false(b->workers[1].lost || b->workers[2].exited);
	assert_int_equal(b->ready, 2);
	close(fresh);
	until(b, b->workers[2].exited);
}

static void
a_worker_of_the_old_rules_can_still_be_killed(void **state)
{
	struct bench *b = *state;
	int channel = worker(b, 1);

	change_to(b, "# second\n", LONG_MS);
	until(b, b->changes == 1);
	supervisor_kill_worker(b->supervisor, 1);
	until(b, b->workers[1].exited);
	until(b, children_of(getpid()) == 1);
	close(channel);
}

static void
rules_that_cannot_be_compiled_change_nothing(void **state)
{
	struct bench *b = *state;
	int channel = worker(b, 1);

	change_to(b, "clean = nonsense", LONG_MS);
	until(b, b->changes == 1);
	assert_true(b->change < 0);
	assert_true(supervisor_is_ready(b->supervisor));
	assert_int_equal(b->ready, 1);
	expect_judges_by(b, channel, "# first\n");
	close(channel);
	until(b, b->workers[1].exited);
	channel = worker(b, 2);
	expect_judges_by(b, channel, "# first\n");
	close(channel);
}

static void
of_two_changes_at_once_the_later_one_counts(void **state)
{
	struct bench *b = *state;
	int channel;

	change_to(b, "# second\n", LONG_MS);
	change_to(b, "# third\n", LONG_MS);
	until(b, b->changes == 1);
	channel = worker(b, 1);
	expect_judges_by(b, channel, "# third\n");
	until(b, children_of(getpid()) == 1);
	assert_int_equal(b->changes, 1);
	close(channel);
}

static void
a_change_that_is_given_up_leaves_no_process(void **state)
{
	struct bench *b = *state;
	int channel;

	change_to(b, "# second\n", LONG_MS);
	supervisor_keep_rules(b->supervisor);
	assert_int_equal(children_of(getpid()), 1);
	channel = worker(b, 1);
	expect_judges_by(b, channel, "# first\n");
	assert_int_equal(b->changes, 0);
	close(channel);
}

static pid_t
only_child(void)
{
	char path[64], text[64] = "";
	int fd;

	assert_int_equal(children_of(getpid()), 1);
	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)getpid(), (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, text, sizeof text - 1) > 0);
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

static void
a_spawner_lost_during_a_change_takes_its_workers_and_nothing_else(void **state)
{
	struct bench *b = *state;
	pid_t old = only_child();
	int channel = worker(b, 1);

	change_to(b, "# second\n", LONG_MS);
	kill(old, SIGKILL);
	until(b, b->workers[1].lost && b->changes == 1);
	assert_int_equal(b->change, 0);
	close(channel);
	channel = worker(b, 2);
	expect_judges_by(b, channel, "# second\n");
	until(b, children_of(getpid()) == 1);
	close(channel);
}

static void
who_takes_too_long_by_the_old_rules_is_ended(void **state)
{
	struct bench *b = *state;
	int channel = worker(b, 1);

	change_to(b, "# second\n", 1);
	until(b, b->workers[1].lost);
	assert_int_equal(b->change, 0);
	until(b, children_of(getpid()) == 1);
	close(channel);
}

static void
change_after_change_keeps_a_bounded_number_of_old_spawners(void **state)
{
	struct bench *b = *state;
	int channels[8];

	for (unsigned i = 0; i < ELEMENTSOF(channels); i++) {
		char text[32];

		channels[i] = worker(b, i + 1);
		snprintf(text, sizeof text, "# change %u\n", i);
		change_to(b, text, LONG_MS);
		until(b, b->changes == i + 1);
		assert_true(children_of(getpid()) <= 6);
	}
	/* The oldest were not waited for; those that are left go on. */
	until(b, b->workers[4].lost);
	assert_false(b->workers[5].lost || b->workers[8].lost);
	for (unsigned i = 0; i < ELEMENTSOF(channels); i++)
		close(channels[i]);
	until(b, children_of(getpid()) == 1);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	    TEST(who_is_at_work_ends_by_the_old_rules_and_whoever_comes_later_has_the_new_ones),
	    TEST(a_worker_of_the_old_rules_can_still_be_killed),
	    TEST(rules_that_cannot_be_compiled_change_nothing),
	    TEST(of_two_changes_at_once_the_later_one_counts),
	    TEST(a_change_that_is_given_up_leaves_no_process),
	    TEST(a_spawner_lost_during_a_change_takes_its_workers_and_nothing_else),
	    TEST(who_takes_too_long_by_the_old_rules_is_ended),
	    TEST(change_after_change_keeps_a_bounded_number_of_old_spawners),
#undef TEST
	};

	SPAWNER_OR_TESTS(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
