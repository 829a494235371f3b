/* SPDX-License-Identifier: Apache-2.0 */
/* Linking this without store, http and daemon is itself a test: what workers cannot link they cannot reach. */
#include "test_workers.h"

#include <sys/resource.h>

#include "proto/matter_list.h"

#define PLAIN_URL "http://127.0.0.1:9/anapi/data"

/* So many documents, each open for two times of 5 minutes. */
static struct rowset *
some_rows(size_t count)
{
	_cleanup_(rowset_builder_freep) struct rowset_builder *b = rowset_builder_new(2 * count, ROWSET_MAX_BYTES);
	struct rowset *rows = NULL;

	for (size_t i = 0; i < count; i++) {
		char title[64];
		struct row_view row = {.seconds = 30, .activity = STR("winword"), .category = STR("Writing")};

		snprintf(title, sizeof title, "Deed of lease %zu.docx - Word", i);
		row.document = str_of(title);
		for (; row.bucket_s <= 300; row.bucket_s += 300)
			assert_int_equal(rowset_builder_add(b, &row), 0);
	}
	assert_int_equal(rowset_build(b, &rows), 0);
	return rows;
}

static int
no_matters(void)
{
	_cleanup_(matter_list_builder_freep) struct matter_list_builder *b = matter_list_builder_new();
	_cleanup_(matter_list_freep) struct matter_list *list = NULL;
	int fd;

	assert_int_equal(matter_list_build(b, &list), 0);
	fd = matter_list_to_fd(list);
	assert_true(fd >= 0);
	return fd;
}

static void
send_process_job(const struct worker *w)
{
	const struct msg_process_job job = {.job_id = 7, .run = 1};
	_cleanup_close_ int matters_fd = no_matters();

	assert_int_equal(msg_process_job_send(w->channel, &job, matters_fd), 0);
}

static void
send_process_day(const struct worker *w, const struct rowset *rows, int64_t generation)
{
	const struct msg_process_day day = {.day = 20000, .generation = generation};
	_cleanup_close_ int fd = rowset_to_fd(rows);

	assert_true(fd >= 0);
	assert_int_equal(msg_process_day_send(w->channel, &day, fd), 0);
}

static struct rowset *
expect_verdict(struct rig *rig, const struct worker *w, int64_t generation)
{
	struct msg_process_verdict verdict;
	struct rowset *rows = NULL;
	struct message m;

	expect_message(w->channel, W2M, W_PROCESSING, MSG_PROCESS_VERDICT, rig->buffer, &m);
	assert_int_equal(msg_process_verdict_decode(&m, &verdict), 0);
	assert_int_equal(verdict.generation, generation);
	assert_int_equal(rowset_receive(m.fd, &rows), 0);
	message_release(&m);
	return rows;
}

static void
a_process_worker_returns_every_total_with_a_verdict(void **state)
{
	const struct msg_process_end end = {.days = 2};
	struct rowset *rows = some_rows(500), *verdicts;
	struct rig rig;
	struct worker w;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_PROCESS, 60000);
	send_process_job(&w);
	for (int64_t generation = 1; generation <= 2; generation++) {
		send_process_day(&w, rows, generation);
		verdicts = expect_verdict(&rig, &w, generation);
		assert_int_equal(rowset_count(verdicts), 500);
		assert_int_equal(rowset_seconds(verdicts), 500 * 60);
		rowset_free(verdicts);
	}
	assert_int_equal(msg_process_end_send(w.channel, &end, -1), 0);
	assert_int_equal(rig_expect_exited(&rig, &w).exit_code, 0);
	close(w.channel);
	rowset_free(rows);
	rig_stop(&rig);
}

static void
a_process_worker_ends_over_a_rowset_that_is_none(void **state)
{
	const struct msg_process_day day = {.day = 20000, .generation = 1};
	struct msg_exited exited;
	struct rig rig;
	struct worker w;
	int fd;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_PROCESS, 60000);
	send_process_job(&w);
	fd = memfd_sealed("rubbish", "rubbish that is no rowset", 25);
	assert_int_equal(msg_process_day_send(w.channel, &day, fd), 0);
	close(fd);
	exited = rig_expect_exited(&rig, &w);
	assert_int_equal(exited.exit_code, 76);
	close(w.channel);
	rig_stop(&rig);
}

/* The rules are compiled: what the linter says of them comes before any verdict. */
static void
expect_notes(struct rig *rig, const struct worker *w, size_t count)
{
	_cleanup_(message_release) struct message m = {.fd = -1};
	struct msg_process_notes notes;

	expect_message(w->channel, W2M, W_PROCESSING, MSG_PROCESS_NOTES, rig->buffer, &m);
	assert_int_equal(msg_process_notes_decode(&m, &notes), 0);
	assert_int_equal(notes.notes, count);
}

static void
send_rules(const struct worker *w, const char *text)
{
	const struct msg_process_rules rules = {.rules_name = STR("draft.conf")};
	_cleanup_close_ int fd = memfd_sealed("rules", text, strlen(text));

	assert_int_equal(msg_process_rules_send(w->channel, &rules, fd), 0);
}

/* The same rules with another version, then with a regular expression of its own: both compiled inside the sandbox, by memory alone. */
static void
a_process_worker_judges_a_check_by_the_rules_it_is_given(void **state)
{
	static const char *const texts[] = {
	    "# a draft\n",
	    "vague = { rules = ( { id = \"firm.deeds\"; match = \"(?<!x)\\\\p{Lu}eed of lease \\\\d+\\\\.docx\"; any_case = true; } ); max_chars = 1000; };\n",
	    "vague = { rules = ( { id = \"firm.slow\"; match = \"^(a+)+b$\"; } ); };\nmatter = { codes = ( { id = \"c\"; match = \"\\\\b(\\\\d{5})\\\\b\"; } ); };",
	};
	_cleanup_(rowset_freep) struct rowset *rows = some_rows(3);

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		_cleanup_(message_release) struct message m = {.fd = -1};
		_cleanup_(rowset_freep) struct rowset *verdicts = NULL;
		_cleanup_(ruleset_freep) struct ruleset *set = NULL;
		struct rule_faults faults = {0};
		struct msg_process_verdict verdict;
		struct rig rig;
		struct worker w;

		assert_int_equal(ruleset_parse(str_of(texts[i]), "draft.conf", &faults, &set), 0);
		rig_start(&rig, PLAIN_URL, "");
		w = rig_spawn(&rig, ROLE_PROCESS, 60000);
		send_process_job(&w);
		send_rules(&w, texts[i]);
		expect_notes(&rig, &w, i == 2);
		send_process_day(&w, rows, 1);
		expect_message(w.channel, W2M, W_PROCESSING, MSG_PROCESS_VERDICT, rig.buffer, &m);
		assert_int_equal(msg_process_verdict_decode(&m, &verdict), 0);
		assert_true(str_eq(verdict.rules_version, str_of(set->version)));
		assert_int_equal(rowset_receive(m.fd, &verdicts), 0);
		assert_int_equal(rowset_count(verdicts), 3);
		assert_string_equal(rowset_row(verdicts, 0).rule.p, i == 1 ? "firm.deeds" : "");
		close(w.channel);
		assert_int_equal(rig_expect_exited(&rig, &w).exit_code, 0);
		rig_stop(&rig);
	}
}

static void
rules_that_are_none_fail_the_check_and_say_why(void **state)
{
	struct msg_worker_fail failure;
	struct message m;
	struct rig rig;
	struct worker w;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_PROCESS, 60000);
	send_process_job(&w);
	send_rules(&w, "nonsense = 1;\nclean = ( { id = \"a\"; do = \"drop\"; match = \"(\"; } );\n");
	expect_message(w.channel, W2M, W_PROCESSING, MSG_WORKER_FAIL, rig.buffer, &m);
	assert_int_equal(msg_worker_fail_decode(&m, &failure), 0);
	assert_true(str_eq(failure.code, STR("rules_invalid")));
	assert_int_equal(failure.permanent, 1);
	assert_int_equal(failure.day, -1);
	assert_true(str_starts(failure.detail, STR("draft.conf:")));
	assert_non_null(memmem(failure.detail.p, failure.detail.len, " more)", 6));
	close(w.channel);
	assert_int_equal(rig_expect_exited(&rig, &w).exit_code, 0);
	rig_stop(&rig);
}

static void
rules_after_a_day_or_twice_end_the_worker(void **state)
{
	_cleanup_(rowset_freep) struct rowset *rows = some_rows(1);

	(void)state;
	for (int twice = 0; twice <= 1; twice++) {
		struct rig rig;
		struct worker w;

		rig_start(&rig, PLAIN_URL, "");
		w = rig_spawn(&rig, ROLE_PROCESS, 60000);
		send_process_job(&w);
		if (twice)
			send_rules(&w, "");
		else
			send_process_day(&w, rows, 1);
		send_rules(&w, "");
		assert_int_equal(rig_expect_exited(&rig, &w).exit_code, 76);
		close(w.channel);
		rig_stop(&rig);
	}
}

static void
a_process_worker_ends_over_a_list_of_matters_that_is_none(void **state)
{
	const struct msg_process_job job = {.job_id = 7, .run = 1};
	_cleanup_close_ int fd = memfd_sealed("rubbish", "rubbish that is no list", 23);
	struct rig rig;
	struct worker w;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_PROCESS, 60000);
	assert_int_equal(msg_process_job_send(w.channel, &job, fd), 0);
	assert_int_equal(rig_expect_exited(&rig, &w).exit_code, 76);
	close(w.channel);
	rig_stop(&rig);
}

static void
a_worker_without_a_job_leaves_when_the_master_hangs_up(void **state)
{
	struct msg_exited exited;
	struct rig rig;
	struct worker w;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	for (enum worker_role role = ROLE_FETCH; role <= ROLE_PROCESS; role++) {
		w = rig_spawn(&rig, role, 60000);
		close(w.channel);
		exited = rig_expect_exited(&rig, &w);
		assert_int_equal(exited.exit_code, 0);
		assert_int_equal(exited.term_signal, 0);
		assert_int_equal(exited.by_deadline, 0);
		assert_true(exited.peak_rss_bytes > 0);
	}
	rig_stop(&rig);
}

static void
workers_say_what_confines_them(void **state)
{
	const unsigned always = CONFINED_NOT_DUMPABLE | CONFINED_RLIMITS | CONFINED_DIES_WITH_PARENT;
	struct rig rig;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	for (enum worker_role role = ROLE_FETCH; role <= ROLE_PROCESS; role++) {
		struct msg_worker_ready ready;
		struct worker w;

		w.pid = rig_spawn_only(&rig, role, 60000, &w.channel).pid;
		w.id = rig.last_worker;
		ready = worker_expect_ready(w.channel, rig.buffer);
		assert_int_equal(ready.confinement & always, always);
#ifndef WITH_SANITIZER
		assert_true(ready.confinement & CONFINED_SECCOMP);
#endif
		assert_int_equal(ready.landlock_abi, landlock_abi());
		assert_int_equal((ready.confinement & CONFINED_LANDLOCK_FS) != 0, ready.landlock_abi >= 1);
		assert_int_equal((ready.confinement & CONFINED_LANDLOCK_TCP) != 0, ready.landlock_abi >= 4);
		assert_int_equal((ready.confinement & CONFINED_LANDLOCK_SCOPE) != 0, ready.landlock_abi >= 6);
		close(w.channel);
		rig_expect_exited(&rig, &w);
	}
	rig_stop(&rig);
}

/* What ps(1) shows; also that the master's descriptors did not come along. */
static void
a_worker_shows_whom_it_serves_and_holds_five_descriptors(void **state)
{
	char path[64], title[64] = "";
	struct rig rig;
	struct worker w;
	int fd;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_FETCH, 60000);
	snprintf(path, sizeof path, "/proc/%d/cmdline", (int)w.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, title, sizeof title - 1) > 0);
	close(fd);
	assert_string_equal(title, "rtalpd: fetch user 42");
	if (geteuid() == 0)
		assert_int_equal(descriptors_of(w.pid), 5);
	close(w.channel);
	rig_expect_exited(&rig, &w);
	rig_stop(&rig);
}

static void
workers_are_ended_before_the_master_when_memory_runs_out(void **state)
{
	char path[64], score[16] = "";
	struct rig rig;
	struct worker w;
	int fd;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_PROCESS, 60000);
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)w.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, score, sizeof score - 1) > 0);
	close(fd);
	assert_string_equal(score, "900\n");
	close(w.channel);
	rig_expect_exited(&rig, &w);
	rig_stop(&rig);
}

/* The keeper never reads what a worker sends: descriptors under way there would count against the master, too. */
static void
a_worker_can_send_nothing_to_the_keeper(void **state)
{
	struct rig rig;
	struct worker w;
	char byte;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_FETCH, 60000);
	assert_true(rig.key_fd >= 0);
	assert_int_equal(recv(rig.key_fd, &byte, 1, MSG_DONTWAIT), 0);
	close(w.channel);
	rig_expect_exited(&rig, &w);
	rig_stop(&rig);
}

static void
a_killed_worker_is_reported_at_once(void **state)
{
	struct msg_exited exited;
	struct rig rig;
	struct worker w;
	int64_t started_ms;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_PROCESS, 60000);
	started_ms = clock_mono_ms();
	kill(w.pid, SIGKILL);
	exited = rig_expect_exited(&rig, &w);
	assert_true(clock_mono_ms() - started_ms < 1000);
	assert_int_equal(exited.exit_code, -1);
	assert_int_equal(exited.term_signal, SIGKILL);
	assert_int_equal(exited.by_deadline, 0);
	close(w.channel);
	rig_stop(&rig);
}

static void
a_worker_that_does_not_move_is_found_by_its_deadline(void **state)
{
	struct msg_exited exited;
	struct rig rig;
	struct worker w;
	int64_t started_ms;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	started_ms = clock_mono_ms();
	w = rig_spawn(&rig, ROLE_PROCESS, 300);
	kill(w.pid, SIGSTOP);
	exited = rig_expect_exited(&rig, &w);
	assert_in_range(clock_mono_ms() - started_ms, 295, 3000);
	assert_int_equal(exited.term_signal, SIGKILL);
	assert_int_equal(exited.by_deadline, 1);
	close(w.channel);
	rig_stop(&rig);
}

static void
the_master_can_kill_a_worker_and_one_that_is_gone(void **state)
{
	struct msg_kill_worker order;
	struct rig rig;
	struct worker w;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	w = rig_spawn(&rig, ROLE_FETCH, 60000);
	order.worker_id = w.id;
	assert_int_equal(msg_kill_worker_send(rig.control, &order, -1), 0);
	assert_int_equal(rig_expect_exited(&rig, &w).term_signal, SIGKILL);
	assert_int_equal(msg_kill_worker_send(rig.control, &order, -1), 0);
	close(w.channel);
	rig_stop(&rig);
}

static void
pings_are_answered_in_order(void **state)
{
	struct msg_pong pong;
	struct message m;
	struct rig rig;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(msg_ping_send(rig.control, &(struct msg_ping){.sequence = i}, -1), 0);
	for (uint64_t i = 0; i < 100; i++) {
		expect_message(rig.control, S2M, S_SERVING, MSG_PONG, rig.buffer, &m);
		assert_int_equal(msg_pong_decode(&m, &pong), 0);
		assert_int_equal(pong.sequence, i);
	}
	rig_stop(&rig);
}

/* Waits until the other end of a worker's channel is gone. */
static void
expect_hangup(int channel, uint8_t *buffer)
{
	struct message m;

	while (next_message(channel, W2M, W_STARTING, buffer, &m) > 0)
		;
}

static void
workers_die_with_a_spawner_that_was_killed(void **state)
{
	struct worker w[8];
	struct rig rig;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	for (size_t i = 0; i < ELEMENTSOF(w); i++)
		w[i] = rig_spawn(&rig, i % 2 ? ROLE_FETCH : ROLE_PROCESS, 60000);
	kill(rig.pid, SIGKILL);
	for (size_t i = 0; i < ELEMENTSOF(w); i++) {
		expect_hangup(w[i].channel, rig.buffer);
		close(w[i].channel);
	}
	waitpid(rig.pid, NULL, 0);
	close(rig.control);
}

static void
a_master_that_hangs_up_ends_all_workers_in_order(void **state)
{
	struct worker w[8];
	struct rig rig;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	for (size_t i = 0; i < ELEMENTSOF(w); i++)
		w[i] = rig_spawn(&rig, ROLE_PROCESS, 60000);
	kill(w[3].pid, SIGSTOP);
	rig_stop(&rig);
	for (size_t i = 0; i < ELEMENTSOF(w); i++) {
		expect_hangup(w[i].channel, rig.buffer);
		assert_int_equal(kill(w[i].pid, 0), -1);
		close(w[i].channel);
	}
}

static void
two_hundred_workers_leave_neither_descriptors_nor_zombies(void **state)
{
	int descriptors, children;
	struct worker w;
	struct rig rig;

	(void)state;
	rig_start(&rig, PLAIN_URL, "");
	descriptors = descriptors_of(rig.pid);
	for (int i = 0; i < 200; i++) {
		w = rig_spawn(&rig, i % 2 ? ROLE_FETCH : ROLE_PROCESS, 60000);
		close(w.channel);
		rig_expect_exited(&rig, &w);
	}
	if (geteuid() == 0)
		assert_int_equal(descriptors_of(rig.pid), descriptors);
	children = children_of(rig.pid);
	if (children >= 0)
		assert_int_equal(children, 0);
	rig_stop(&rig);
}

/* Room for so many channels here, and the same for the spawner. */
static bool
may_have_descriptors(rlim_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max < wanted)
		return false;
	limit.rlim_cur = MAX_OF(limit.rlim_cur, wanted);
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static void
many_at_once_are_all_told_of_and_too_many_are_refused(void **state)
{
	enum { MANY = SPAWNER_WORKERS_MAX };
	static int channels[MANY];
	struct rig rig;
	int spare;

	(void)state;
	if (!may_have_descriptors(MANY + 100)) {
		print_message("the limit of descriptors is too low for %d workers\n", MANY);
		skip();
	}
	rig_start(&rig, PLAIN_URL, "");
	for (int i = 0; i < MANY; i++)
		if (rig_spawn_only(&rig, ROLE_PROCESS, 600000, &channels[i]).pid <= 0)
			fail_msg("worker %d was refused", i);
	assert_int_equal(rig_spawn_only(&rig, ROLE_PROCESS, 600000, &spare).pid, -EAGAIN);
	close(spare);
	/* Nobody listens meanwhile: the reports have to wait in the spawner, and none may be lost. */
	for (int i = 0; i < MANY; i++)
		close(channels[i]);
	usleep(300000);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(rig_expect_exited(&rig, NULL).exit_code, 0);
	rig_stop(&rig);
}

static int
exit_status_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
a_spawner_refuses_what_is_not_its_first_word(void **state)
{
	int control;
	pid_t pid = spawner_process(&control);

	(void)state;
	assert_int_equal(msg_ping_send(control, &(struct msg_ping){.sequence = 1}, -1), 0);
	assert_int_equal(exit_status_of(pid), 1);
	close(control);
}

static void
a_spawner_leaves_when_its_master_never_speaks(void **state)
{
	int control;
	pid_t pid = spawner_process(&control);

	(void)state;
	close(control);
	assert_int_equal(exit_status_of(pid), 0);
}

static void
a_spawner_refuses_an_upstream_that_is_no_web_address(void **state)
{
	static const char *const urls[] = {"", "ftp://h/", "https://user@h/", "h/anapi", "http://h:0/", "file:///etc/passwd", "http://h/#x"};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(urls); i++) {
		struct msg_spawner_init init = {.upstream_url = str_of(urls[i]), .body_max_bytes = 1000};
		_cleanup_close_ int rules_fd = memfd_sealed("rules", ruleset_default_text().p, ruleset_default_text().len);
		int control, status;
		pid_t pid = spawner_process(&control);

		assert_int_equal(msg_spawner_init_send(control, &init, rules_fd), 0);
		status = exit_status_of(pid);
		if (status != 1)
			fail_msg("%s gave status %d", urls[i], status);
		close(control);
	}
}

/* The master looked at them before; a spawner that serves has rules whatever happens. */
static void
a_spawner_refuses_rules_that_are_none(void **state)
{
	const struct str texts[] = {STR("clean = nonsense;"), STR("clean = ("), STR("\0")};

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(texts); i++) {
		struct msg_spawner_init init = {.upstream_url = STR(PLAIN_URL), .body_max_bytes = 1000};
		_cleanup_close_ int rules_fd = memfd_sealed("rules", texts[i].p, texts[i].len);
		int control;
		pid_t pid = spawner_process(&control);

		assert_int_equal(msg_spawner_init_send(control, &init, rules_fd), 0);
		assert_int_equal(exit_status_of(pid), 1);
		close(control);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_worker_returns_every_total_with_a_verdict),
		cmocka_unit_test(a_process_worker_ends_over_a_rowset_that_is_none),
		cmocka_unit_test(a_process_worker_judges_a_check_by_the_rules_it_is_given),
		cmocka_unit_test(rules_that_are_none_fail_the_check_and_say_why),
		cmocka_unit_test(rules_after_a_day_or_twice_end_the_worker),
		cmocka_unit_test(a_process_worker_ends_over_a_list_of_matters_that_is_none),
		cmocka_unit_test(a_worker_without_a_job_leaves_when_the_master_hangs_up),
		cmocka_unit_test(workers_say_what_confines_them),
		cmocka_unit_test(a_worker_shows_whom_it_serves_and_holds_five_descriptors),
		cmocka_unit_test(workers_are_ended_before_the_master_when_memory_runs_out),
		cmocka_unit_test(a_worker_can_send_nothing_to_the_keeper),
		cmocka_unit_test(a_killed_worker_is_reported_at_once),
		cmocka_unit_test(a_worker_that_does_not_move_is_found_by_its_deadline),
		cmocka_unit_test(the_master_can_kill_a_worker_and_one_that_is_gone),
		cmocka_unit_test(pings_are_answered_in_order),
		cmocka_unit_test(workers_die_with_a_spawner_that_was_killed),
		cmocka_unit_test(a_master_that_hangs_up_ends_all_workers_in_order),
		cmocka_unit_test(two_hundred_workers_leave_neither_descriptors_nor_zombies),
		cmocka_unit_test(many_at_once_are_all_told_of_and_too_many_are_refused),
		cmocka_unit_test(a_spawner_refuses_what_is_not_its_first_word),
		cmocka_unit_test(a_spawner_leaves_when_its_master_never_speaks),
		cmocka_unit_test(a_spawner_refuses_an_upstream_that_is_no_web_address),
		cmocka_unit_test(a_spawner_refuses_rules_that_are_none),
	};

	SPAWNER_OR_TESTS(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
