/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper alone, its master, spawner and workers played by the test. What opens a box, and what does not: test_keeper_keys.c. */
#include "test_workers.h"

#include <poll.h>

#include "keeper_unit.h"
#include "workers/keeper.h"

struct keeper_rig {
	pid_t pid, mouth;
	int control;
	int spawner; /* what is sent here, the spawner says */
	int end;     /* its end of the channel to the keeper */
	struct box_public to;
	struct box single_user;
	uint8_t buffer[MESSAGE_MAX_BYTES];
};

static void
start_process(struct keeper_rig *k)
{
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	k->mouth = 0;
	k->pid = fork();
	assert_true(k->pid >= 0);
	if (k->pid == 0) {
		if ((pair[1] == 3 ? fcntl(3, F_SETFD, 0) : dup2(pair[1], 3)) < 0)
			_exit(126);
		execl("/proc/self/exe", "rtalpd", KEEPER_ARGUMENT, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	k->control = pair[0];
	k->spawner = k->end = -1;
}

/* The spawner must be a process of its own: says what it is told to say, and leaves when the keeper hangs up. */
_noreturn_ static void
speak(int told, int keeper)
{
	static uint8_t buffer[MESSAGE_MAX_BYTES];
	struct pollfd p[] = {{.fd = told, .events = POLLIN}, {.fd = keeper}};

	for (int fd = 3; fd < 256; fd++)
		if (fd != told && fd != keeper)
			close(fd);
	while (poll(p, 2, -1) > 0 && p[1].revents == 0) {
		struct msg_keeper_worker worker;
		struct message m;

		if (message_recv(told, S2K, K_SERVING, buffer, &m) <= 0 || msg_keeper_worker_decode(&m, &worker) < 0)
			break;
		(void)!msg_keeper_worker_send(keeper, &worker, m.fd);
		close(m.fd);
		if (write(told, "", 1) != 1)
			break;
	}
	_exit(0);
}

static int
connect_keeper(struct keeper_rig *k)
{
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	assert_int_equal(message_ask_sender(pair[1]), 0);
	assert_int_equal(msg_keeper_spawner_send(k->control, &(struct msg_keeper_spawner){.generation = 1}, pair[1]), 0);
	close(pair[1]);
	return pair[0];
}

static void
connect_spawner(struct keeper_rig *k)
{
	int pair[2];

	k->end = connect_keeper(k);
	assert_int_equal(message_pair(pair), 0);
	k->mouth = fork();
	assert_true(k->mouth >= 0);
	if (k->mouth == 0)
		speak(pair[1], k->end);
	close(pair[1]);
	k->spawner = pair[0];
}

/* Returns when it is said. */
static void
say(struct keeper_rig *k, const struct msg_keeper_worker *told, int fd)
{
	char said;

	assert_int_equal(msg_keeper_worker_send(k->spawner, told, fd), 0);
	assert_int_equal(read(k->spawner, &said, 1), 1);
}

static void
start(struct keeper_rig *k, const char *single_user_key_file)
{
	const struct msg_keeper_init init = {.keys_file = str_of(file), .single_user_id = single_user_key_file != NULL ? OWNER : 0,
	    .single_user_key_file = str_of(single_user_key_file)};
	struct msg_keeper_ready ready;
	struct message m;

	start_process(k);
	assert_int_equal(msg_keeper_init_send(k->control, &init, -1), 0);
	expect_message(k->control, K2M, K_STARTING, MSG_KEEPER_READY, k->buffer, &m);
	assert_int_equal(msg_keeper_ready_decode(&m, &ready), 0);
	assert_int_equal(ready.protocol, PROTOCOL_VERSION);
	assert_int_equal(ready.lasting, 1);
	assert_int_equal(ready.public_key.len, BOX_PUBLIC_BYTES);
	box_public_set(&k->to, (const unsigned char *)ready.public_key.p);
	k->single_user.len = ready.single_user_box.len;
	if (k->single_user.len > 0) {
		memcpy(k->single_user.bytes, ready.single_user_box.p, ready.single_user_box.len);
		memcpy(k->single_user.seal_id, ready.single_user_seal_id.p, BOX_ID_BYTES);
		memcpy(k->single_user.key_id, k->to.id, BOX_ID_BYTES);
	}
	connect_spawner(k);
}

static int
ended(struct keeper_rig *k)
{
	int status = 0;

	closep(&k->control);
	closep(&k->spawner);
	closep(&k->end);
	if (k->mouth > 0)
		assert_int_equal(waitpid(k->mouth, NULL, 0), k->mouth);
	k->mouth = 0;
	assert_int_equal(waitpid(k->pid, &status, 0), k->pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* The spawner makes a worker; what is returned is the worker's end. */
static int
make_worker(struct keeper_rig *k, uint64_t id, enum worker_role role, int64_t owner)
{
	const struct msg_keeper_worker told = {.worker_id = id, .role = role, .owner = owner};
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	say(k, &told, pair[1]);
	close(pair[1]);
	return pair[0];
}

static int
give(struct keeper_rig *k, uint64_t id, enum box_purpose purpose, int64_t owner, const struct box *box)
{
	const struct msg_give order = {.worker_id = id, .purpose = purpose, .owner = owner, .key_id = box_str(box->key_id, BOX_ID_BYTES),
	    .seal_id = box_str(box->seal_id, BOX_ID_BYTES), .box = box_str(box->bytes, box->len)};
	struct msg_given given;
	struct message m;

	assert_int_equal(msg_give_send(k->control, &order, -1), 0);
	expect_message(k->control, K2M, K_SERVING, MSG_GIVEN, k->buffer, &m);
	assert_int_equal(msg_given_decode(&m, &given), 0);
	assert_int_equal(given.worker_id, id);
	return given.result;
}

static void
expect_key(struct keeper_rig *k, int worker, const char *text)
{
	struct msg_key key;
	struct message m;

	expect_message(worker, K2W, W_READY, MSG_KEY, k->buffer, &m);
	assert_int_equal(msg_key_decode(&m, &key), 0);
	assert_true(str_eq(key.secret, str_of(text)));
	assert_int_equal(key.before.len, 0);
	/* Once. */
	assert_int_equal(next_message(worker, K2W, W_READY, k->buffer, &m), 0);
	close(worker);
}

static void
expect_nothing(struct keeper_rig *k, int worker)
{
	struct message m;

	assert_int_equal(next_message(worker, K2W, W_READY, k->buffer, &m), 0);
	close(worker);
}

static void
a_worker_gets_the_key_of_its_user_once(void **state)
{
	struct keeper_rig k;
	struct box box;
	int worker;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	box = seal(&k.to, BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	worker = make_worker(&k, 7, ROLE_FETCH, OWNER);
	assert_int_equal(give(&k, 7, BOX_RESCUETIME_KEY, OWNER, &box), 0);
	expect_key(&k, worker, "B63-the-key");
	assert_int_equal(give(&k, 7, BOX_RESCUETIME_KEY, OWNER, &box), -ENOENT);
	assert_int_equal(ended(&k), 0);
}

/* Whatever a master says that was taken over: the spawner has said whose worker it is. */
static void
a_worker_gets_nobody_elses_key(void **state)
{
	struct box mine, theirs, secret, lost;
	struct box_public stranger;
	struct keeper_rig k;
	int worker;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	mine = seal(&k.to, BOX_RESCUETIME_KEY, OWNER, "B63-mine");
	theirs = seal(&k.to, BOX_RESCUETIME_KEY, OWNER + 1, "B63-theirs");
	secret = seal(&k.to, BOX_WEBHOOK_SECRET, OWNER, "whsec_x");
	worker = make_worker(&k, 1, ROLE_FETCH, OWNER);
	assert_int_equal(give(&k, 1, BOX_RESCUETIME_KEY, OWNER + 1, &theirs), -EPERM);
	expect_nothing(&k, worker);
	worker = make_worker(&k, 2, ROLE_FETCH, OWNER);
	assert_int_equal(give(&k, 2, BOX_RESCUETIME_KEY, OWNER, &theirs), -EBADMSG);
	expect_nothing(&k, worker);
	worker = make_worker(&k, 3, ROLE_DELIVER, OWNER);
	assert_int_equal(give(&k, 3, BOX_RESCUETIME_KEY, OWNER, &mine), -EPERM);
	expect_nothing(&k, worker);
	worker = make_worker(&k, 4, ROLE_FETCH, OWNER);
	assert_int_equal(give(&k, 4, BOX_RESCUETIME_KEY, OWNER, &secret), -EBADMSG);
	expect_nothing(&k, worker);
	box_public_set(&stranger, (const unsigned char[BOX_PUBLIC_BYTES]){9});
	lost = seal(&stranger, BOX_RESCUETIME_KEY, OWNER, "B63-lost");
	worker = make_worker(&k, 5, ROLE_FETCH, OWNER);
	assert_int_equal(give(&k, 5, BOX_RESCUETIME_KEY, OWNER, &lost), -ENOKEY);
	expect_nothing(&k, worker);
	assert_int_equal(give(&k, 6, BOX_RESCUETIME_KEY, OWNER, &mine), -ENOENT);
	assert_int_equal(ended(&k), 0);
}

static void
expect_hung_up(int channel)
{
	struct pollfd p = {.fd = channel};

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_true((p.revents & POLLHUP) != 0);
}

/* The master makes the channel, so it has both ends of it: the kernel says that it was the master who spoke. */
static void
a_master_that_says_it_made_a_worker_gets_no_key(void **state)
{
	struct keeper_rig k;
	struct box box;
	int pair[2], channel;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	box = seal(&k.to, BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	channel = connect_keeper(&k);
	assert_int_equal(message_pair(pair), 0);
	assert_int_equal(msg_keeper_worker_send(channel, &(struct msg_keeper_worker){.worker_id = 7, .role = ROLE_FETCH, .owner = OWNER}, pair[1]), 0);
	close(pair[1]);
	expect_hung_up(channel);
	assert_int_equal(give(&k, 7, BOX_RESCUETIME_KEY, OWNER, &box), -ENOENT);
	expect_nothing(&k, pair[0]);
	close(channel);
	assert_int_equal(ended(&k), 0);
}

/* Nor does one that speaks where its spawner has spoken; what the spawner said before stays true. */
static void
a_second_voice_on_a_spawners_channel_is_not_heard(void **state)
{
	struct keeper_rig k;
	struct box box;
	int pair[2], worker, status;
	pid_t other;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	box = seal(&k.to, BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	worker = make_worker(&k, 1, ROLE_FETCH, OWNER);
	assert_int_equal(message_pair(pair), 0);
	other = fork();
	assert_true(other >= 0);
	if (other == 0)
		_exit(msg_keeper_worker_send(k.end, &(struct msg_keeper_worker){.worker_id = 2, .role = ROLE_FETCH, .owner = OWNER}, pair[1]) < 0);
	assert_int_equal(waitpid(other, &status, 0), other);
	assert_int_equal(status, 0);
	close(pair[1]);
	expect_hung_up(k.end);
	assert_int_equal(give(&k, 2, BOX_RESCUETIME_KEY, OWNER, &box), -ENOENT);
	expect_nothing(&k, pair[0]);
	assert_int_equal(give(&k, 1, BOX_RESCUETIME_KEY, OWNER, &box), 0);
	expect_key(&k, worker, "B63-the-key");
	assert_int_equal(ended(&k), 0);
}

/* While a rotation lasts; one that was lost does not keep the other from signing. */
static void
both_secrets_of_a_webhook_are_given_as_far_as_they_open(void **state)
{
	struct box_public stranger;
	struct box now, before, lost;
	struct keeper_rig k;
	struct msg_given given;
	struct message m;
	struct msg_key key;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	box_public_set(&stranger, (const unsigned char[BOX_PUBLIC_BYTES]){9});
	now = seal(&k.to, BOX_WEBHOOK_SECRET, OWNER, "whsec_now");
	before = seal(&k.to, BOX_WEBHOOK_SECRET, OWNER, "whsec_before");
	lost = seal(&stranger, BOX_WEBHOOK_SECRET, OWNER, "whsec_lost");
	for (uint64_t id = 1; id <= 2; id++) {
		const struct box *old = id == 1 ? &before : &lost;
		const struct msg_give order = {.worker_id = id, .purpose = BOX_WEBHOOK_SECRET, .owner = OWNER,
		    .key_id = box_str(now.key_id, BOX_ID_BYTES), .seal_id = box_str(now.seal_id, BOX_ID_BYTES), .box = box_str(now.bytes, now.len),
		    .before_key_id = box_str(old->key_id, BOX_ID_BYTES), .before_seal_id = box_str(old->seal_id, BOX_ID_BYTES),
		    .before_box = box_str(old->bytes, old->len)};
		int worker = make_worker(&k, id, ROLE_DELIVER, OWNER);

		assert_int_equal(msg_give_send(k.control, &order, -1), 0);
		expect_message(k.control, K2M, K_SERVING, MSG_GIVEN, k.buffer, &m);
		assert_int_equal(msg_given_decode(&m, &given), 0);
		assert_int_equal(given.result, 0);
		expect_message(worker, K2W, W_READY, MSG_KEY, k.buffer, &m);
		assert_int_equal(msg_key_decode(&m, &key), 0);
		assert_true(str_eq(key.secret, STR("whsec_now")));
		assert_true(str_eq(key.before, id == 1 ? STR("whsec_before") : STR("")));
		close(worker);
	}
	assert_int_equal(ended(&k), 0);
}

static void
the_single_users_key_leaves_it_sealed(void **state)
{
	char path[sizeof dir + 16];
	struct keeper_rig k;
	FILE *f;
	int worker;

	(void)state;
	snprintf(path, sizeof path, "%s/single", dir);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs("B63-single\n", f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
	write_keys(1, 0);
	start(&k, path);
	assert_null(memmem(k.buffer, sizeof k.buffer, "B63-single", 10));
	worker = make_worker(&k, 1, ROLE_FETCH, OWNER);
	assert_int_equal(give(&k, 1, BOX_RESCUETIME_KEY, OWNER, &k.single_user), 0);
	expect_key(&k, worker, "B63-single");
	assert_int_equal(ended(&k), 0);
	unlink(path);
}

static void
what_is_sealed_to_an_older_key_is_sealed_anew(void **state)
{
	struct msg_resealed done;
	struct msg_reseal order;
	struct box_public old;
	struct keeper_rig k;
	struct box box;
	struct message m;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	old = k.to;
	assert_int_equal(ended(&k), 0);
	box = seal(&old, BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	write_keys(2, 1);
	start(&k, NULL);
	order = (struct msg_reseal){.number = 5, .purpose = BOX_RESCUETIME_KEY, .owner = OWNER, .key_id = box_str(box.key_id, BOX_ID_BYTES),
	    .seal_id = box_str(box.seal_id, BOX_ID_BYTES), .box = box_str(box.bytes, box.len)};
	assert_int_equal(msg_reseal_send(k.control, &order, -1), 0);
	expect_message(k.control, K2M, K_SERVING, MSG_RESEALED, k.buffer, &m);
	assert_int_equal(msg_resealed_decode(&m, &done), 0);
	assert_int_equal(done.result, 0);
	assert_int_equal(done.number, 5);
	memcpy(box.key_id, k.to.id, BOX_ID_BYTES);
	memcpy(box.seal_id, done.seal_id.p, BOX_ID_BYTES);
	memcpy(box.bytes, done.box.p, done.box.len);
	assert_int_equal(ended(&k), 0);
	/* The old key is not needed for it any more. */
	write_keys(2, 0);
	start(&k, NULL);
	{
		int worker = make_worker(&k, 1, ROLE_FETCH, OWNER);

		assert_int_equal(give(&k, 1, BOX_RESCUETIME_KEY, OWNER, &box), 0);
		expect_key(&k, worker, "B63-the-key");
	}
	assert_int_equal(ended(&k), 0);
}

static void
workers_that_die_without_a_key_leave_nothing(void **state)
{
	struct msg_keeper_pong pong;
	struct keeper_rig k;
	struct message m;
	int before = 0;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	for (uint64_t i = 0; i < 200; i++) {
		close(make_worker(&k, i + 1, ROLE_FETCH, OWNER));
		assert_int_equal(msg_keeper_ping_send(k.control, &(struct msg_keeper_ping){.sequence = i}, -1), 0);
		expect_message(k.control, K2M, K_SERVING, MSG_KEEPER_PONG, k.buffer, &m);
		assert_int_equal(msg_keeper_pong_decode(&m, &pong), 0);
		assert_int_equal(pong.sequence, i);
		if (i == 2)
			before = descriptors_of(k.pid);
	}
	assert_in_range(descriptors_of(k.pid), before - 2, before + 2);
	assert_int_equal(ended(&k), 0);
}

static void
nonsense_ends_it_and_a_mad_spawner_is_let_go(void **state)
{
	struct keeper_rig k;
	struct message m;
	int pair[2];

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	assert_int_equal(message_pair(pair), 0);
	say(&k, &(struct msg_keeper_worker){.worker_id = 1, .role = ROLE_PROCESS, .owner = 1}, pair[1]);
	assert_int_equal(next_message(k.spawner, S2K, K_SERVING, k.buffer, &m), 0);
	assert_int_equal(msg_ping_send(k.control, &(struct msg_ping){.sequence = 1}, -1), 0);
	close(pair[0]);
	close(pair[1]);
	assert_int_equal(ended(&k), 1);
}

static void
keys_that_cannot_be_read_are_told_of(void **state)
{
	const struct msg_keeper_init init = {.keys_file = STR("/nonexistent/keys")};
	struct msg_keeper_failed failed;
	struct keeper_rig k;
	struct message m;

	(void)state;
	start_process(&k);
	assert_int_equal(msg_keeper_init_send(k.control, &init, -1), 0);
	expect_message(k.control, K2M, K_STARTING, MSG_KEEPER_FAILED, k.buffer, &m);
	assert_int_equal(msg_keeper_failed_decode(&m, &failed), 0);
	assert_int_equal(failed.error, -ENXIO);
	assert_true(str_eq(failed.what, STR("keys.file")));
	assert_int_equal(ended(&k), 1);
}

#ifndef WITH_SANITIZER
static void
it_is_shut_in(void **state)
{
	char path[64], status[4096];
	struct keeper_rig k;
	ssize_t n;
	int fd;

	(void)state;
	write_keys(1, 0);
	start(&k, NULL);
	snprintf(path, sizeof path, "/proc/%d/status", (int)k.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, status, sizeof status - 1);
	close(fd);
	assert_true(n > 0);
	status[n] = '\0';
	assert_non_null(strstr(status, "NoNewPrivs:\t1"));
	assert_non_null(strstr(status, "Seccomp:\t2"));
	assert_non_null(strstr(status, "Threads:\t1"));
	assert_int_equal(ended(&k), 0);
}
#endif

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_worker_gets_the_key_of_its_user_once),
	    cmocka_unit_test(a_worker_gets_nobody_elses_key),
	    cmocka_unit_test(a_master_that_says_it_made_a_worker_gets_no_key),
	    cmocka_unit_test(a_second_voice_on_a_spawners_channel_is_not_heard),
	    cmocka_unit_test(both_secrets_of_a_webhook_are_given_as_far_as_they_open),
	    cmocka_unit_test(the_single_users_key_leaves_it_sealed),
	    cmocka_unit_test(what_is_sealed_to_an_older_key_is_sealed_anew),
	    cmocka_unit_test(workers_that_die_without_a_key_leave_nothing),
	    cmocka_unit_test(nonsense_ends_it_and_a_mad_spawner_is_let_go),
	    cmocka_unit_test(keys_that_cannot_be_read_are_told_of),
#ifndef WITH_SANITIZER
	    cmocka_unit_test(it_is_shut_in),
#endif
	};
	int r;

	if (argc > 1 && strcmp(argv[1], KEEPER_ARGUMENT) == 0)
		keeper_main(ROLE_CONTROL_FD);
	if (make_dir() < 0)
		return 99;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	remove_dir();
	return r;
}
