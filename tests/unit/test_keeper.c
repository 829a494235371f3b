/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper alone, its master, spawner and workers played by the test; and what opens a box, and what does not. */
#include "test_workers.h"

#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/box.h"
#include "workers/keeper.h"
#include "workers/keeper_keys.h"

#define OWNER 42

static char dir[] = "/tmp/test_keeper.XXXXXX";
static char file[sizeof dir + 16];

/* --- boxes -------------------------------------------------------------------------------------------------------------- */

static void
key_line(unsigned char seed, char ret_line[64])
{
	unsigned char key[32];

	memset(key, seed, sizeof key);
	sodium_bin2base64(ret_line, 64, key, sizeof key, sodium_base64_VARIANT_ORIGINAL);
}

static void
write_file(const char *text, mode_t mode)
{
	FILE *f;

	(void)unlink(file);
	f = fopen(file, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(file, mode), 0);
}

/* Keys made of these numbers, the newest first; 0 ends. */
static void
write_keys(unsigned char first, unsigned char second)
{
	char text[160], lines[2][64];

	key_line(first, lines[0]);
	key_line(second, lines[1]);
	snprintf(text, sizeof text, "%s\n%s%s", lines[0], second != 0 ? lines[1] : "", second != 0 ? "\n" : "");
	write_file(text, 0600);
}

static struct keeper_keys *
load(void)
{
	struct keeper_keys *keys = NULL;
	bool lasting = false;

	assert_int_equal(keeper_keys_load(file, NULL, &keys, &lasting), 0);
	assert_true(lasting);
	return keys;
}

static struct box
seal(const struct box_public *to, enum box_purpose purpose, int64_t owner, const char *text)
{
	struct secret *secret = NULL;
	struct box box;

	assert_int_equal(secret_new(str_of(text), &secret), 0);
	assert_int_equal(box_seal(to, purpose, owner, secret, &box), 0);
	secret_free(secret);
	return box;
}

static struct sealed
sealed_of(const struct box *box)
{
	return (struct sealed){BOX_RESCUETIME_KEY, OWNER, box_str(box->key_id, BOX_ID_BYTES), box_str(box->seal_id, BOX_ID_BYTES),
	    box_str(box->bytes, box->len)};
}

static void
a_box_opens_for_what_it_was_made_for(void **state)
{
	struct keeper_keys *keys;
	struct str secret;
	struct sealed s;
	struct box box;

	(void)state;
	write_keys(1, 0);
	keys = load();
	box = seal(keeper_keys_newest(keys), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	s = sealed_of(&box);
	assert_int_equal(keeper_keys_open(keys, &s, &secret), 0);
	assert_true(str_eq(secret, STR("B63-the-key")));
	keeper_keys_forget(keys);
	assert_memory_not_equal(secret.p, "B63", 3);
	keeper_keys_free(keys);
}

/* Copied to another row, handed in for another purpose or user, changed in a byte: it stays shut. */
static void
a_box_opens_for_nothing_else(void **state)
{
	static const unsigned char other_id[BOX_ID_BYTES] = {1};
	struct keeper_keys *keys;
	struct box box;

	(void)state;
	write_keys(1, 0);
	keys = load();
	box = seal(keeper_keys_newest(keys), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	for (int what = 0; what < 6; what++) {
		struct box changed = box;
		struct sealed s = sealed_of(&changed);
		struct str secret = STR_NONE;

		switch (what) {
		case 0:
			s.owner = OWNER + 1;
			break;
		case 1:
			s.purpose = BOX_WEBHOOK_SECRET;
			break;
		case 2:
			s.seal_id = box_str(other_id, sizeof other_id);
			break;
		case 3:
			s.seal_id.len--;
			break;
		case 4:
			s.box.len--;
			break;
		default:
			s.box.len = BOX_OVERHEAD;
			break;
		}
		assert_int_equal(keeper_keys_open(keys, &s, &secret), -EBADMSG);
		assert_null(secret.p);
	}
	for (size_t i = 0; i < box.len; i++) {
		struct box changed = box;
		struct sealed s = sealed_of(&changed);
		struct str secret;

		changed.bytes[i] ^= 0x10;
		assert_int_equal(keeper_keys_open(keys, &s, &secret), -EBADMSG);
	}
	keeper_keys_free(keys);
}

static void
another_key_opens_nothing_and_an_older_one_still_does(void **state)
{
	struct keeper_keys *old, *both, *other;
	struct str secret;
	struct sealed s;
	struct box box;

	(void)state;
	write_keys(1, 0);
	old = load();
	box = seal(keeper_keys_newest(old), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	s = sealed_of(&box);
	write_keys(2, 1);
	both = load();
	assert_int_equal(keeper_keys_count(both), 2);
	assert_memory_not_equal(keeper_keys_newest(both)->key, keeper_keys_newest(old)->key, BOX_PUBLIC_BYTES);
	assert_int_equal(keeper_keys_open(both, &s, &secret), 0);
	assert_true(str_eq(secret, STR("B63-the-key")));
	write_keys(2, 0);
	other = load();
	assert_int_equal(keeper_keys_open(other, &s, &secret), -ENOKEY);
	/* Not even if the box says that it is its own. */
	s.key_id = box_str(keeper_keys_id(other, 0), BOX_ID_BYTES);
	assert_int_equal(keeper_keys_open(other, &s, &secret), -EBADMSG);
	keeper_keys_free(old);
	keeper_keys_free(both);
	keeper_keys_free(other);
}

static void
a_file_that_is_none_of_keys_is_refused(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		int error;
	} cases[] = {
	    {"", 0600, -EINVAL},
	    {"\n\n", 0600, -EINVAL},
	    {"not a key\n", 0600, -EINVAL},
	    {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==\n", 0600, -EINVAL},
	    {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE= \n", 0600, -EINVAL},
	    {"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n", 0640, -EPERM},
	};
	char many[BOX_KEYS_MAX + 1][64], text[1200] = "";
	struct keeper_keys *keys = NULL;
	bool lasting;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
		write_file(cases[i].text, cases[i].mode);
		assert_int_equal(keeper_keys_load(file, NULL, &keys, &lasting), cases[i].error);
	}
	for (size_t i = 0; i < ELEMENTSOF(many); i++) {
		key_line((unsigned char)(i + 1), many[i]);
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", many[i]);
	}
	write_file(text, 0600);
	assert_int_equal(keeper_keys_load(file, NULL, &keys, &lasting), -E2BIG);
	assert_int_equal(keeper_keys_load("/nonexistent/keys", NULL, &keys, &lasting), -ENXIO);
	assert_null(keys);
	assert_int_equal(keeper_keys_load("", NULL, &keys, &lasting), 0);
	assert_false(lasting);
	keeper_keys_free(keys);
}

/* --- the process -------------------------------------------------------------------------------------------------------- */

struct keeper_rig {
	pid_t pid;
	int control, spawner;
	struct box_public to;
	struct box single_user;
	uint8_t buffer[MESSAGE_MAX_BYTES];
};

static void
start_process(struct keeper_rig *k)
{
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
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
	k->spawner = -1;
}

static void
connect_spawner(struct keeper_rig *k)
{
	int pair[2];

	assert_int_equal(message_pair(pair), 0);
	assert_int_equal(msg_keeper_spawner_send(k->control, &(struct msg_keeper_spawner){.generation = 1}, pair[1]), 0);
	close(pair[1]);
	closep(&k->spawner);
	k->spawner = pair[0];
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
	assert_int_equal(msg_keeper_worker_send(k->spawner, &told, pair[1]), 0);
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
	assert_int_equal(msg_keeper_worker_send(k.spawner, &(struct msg_keeper_worker){.worker_id = 1, .role = ROLE_PROCESS, .owner = 1}, pair[1]), 0);
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
	    cmocka_unit_test(a_box_opens_for_what_it_was_made_for),
	    cmocka_unit_test(a_box_opens_for_nothing_else),
	    cmocka_unit_test(another_key_opens_nothing_and_an_older_one_still_does),
	    cmocka_unit_test(a_file_that_is_none_of_keys_is_refused),
	    cmocka_unit_test(a_worker_gets_the_key_of_its_user_once),
	    cmocka_unit_test(a_worker_gets_nobody_elses_key),
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
	if (secret_setup() < 0 || mkdtemp(dir) == NULL)
		return 99;
	snprintf(file, sizeof file, "%s/keys", dir);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	rmdir(dir);
	return r;
}
