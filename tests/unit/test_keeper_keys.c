/* SPDX-License-Identifier: Apache-2.0 */
/* What opens a box, and what does not; where the keeper's keys come from. */
#include "keeper_unit.h"

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
	box = seal(keeper_keys_newest(keys, BOX_RESCUETIME_KEY), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
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
	box = seal(keeper_keys_newest(keys, BOX_RESCUETIME_KEY), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
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
	box = seal(keeper_keys_newest(old, BOX_RESCUETIME_KEY), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	s = sealed_of(&box);
	write_keys(2, 1);
	both = load();
	assert_int_equal(keeper_keys_count(both), 2);
	assert_memory_not_equal(keeper_keys_newest(both, BOX_RESCUETIME_KEY)->key, keeper_keys_newest(old, BOX_RESCUETIME_KEY)->key, BOX_PUBLIC_BYTES);
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

/* --- webhooks' secrets without keys that were given ---------------------------------------------------------------------- */

static struct keeper_keys *
load_beside(const char *keys_file, const char *path)
{
	struct keeper_keys *keys = NULL;
	bool lasting;

	assert_int_equal(keeper_keys_load(keys_file, NULL, &keys, &lasting), 0);
	assert_int_equal(keeper_keys_load_of_webhooks(keys, path), 0);
	return keys;
}

static int
open_it(struct keeper_keys *keys, const struct box *box, enum box_purpose purpose)
{
	struct sealed s = sealed_of(box);
	struct str secret;
	int r;

	s.purpose = purpose;
	r = keeper_keys_open(keys, &s, &secret);
	keeper_keys_forget(keys);
	return r;
}

/* A restart must not lose what webhooks are signed by; what users' jobs are sealed to is in no file. */
static void
the_key_of_webhooks_is_made_once_and_opens_nothing_else(void **state)
{
	char path[sizeof dir + 16];
	struct keeper_keys *keys;
	struct box hook, user, wrong;
	struct stat st;

	(void)state;
	snprintf(path, sizeof path, "%s/beside", dir);
	keys = load_beside("", path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 1);
	assert_ptr_equal(keeper_keys_newest(keys, BOX_WEBHOOK_SECRET), keeper_keys_of_webhooks(keys));
	hook = seal(keeper_keys_newest(keys, BOX_WEBHOOK_SECRET), BOX_WEBHOOK_SECRET, OWNER, "whsec_x");
	user = seal(keeper_keys_newest(keys, BOX_RESCUETIME_KEY), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	wrong = seal(keeper_keys_of_webhooks(keys), BOX_RESCUETIME_KEY, OWNER, "B63-the-key");
	keeper_keys_free(keys);
	keys = load_beside("", path);
	assert_int_equal(open_it(keys, &hook, BOX_WEBHOOK_SECRET), 0);
	assert_int_equal(open_it(keys, &user, BOX_RESCUETIME_KEY), -ENOKEY);
	assert_int_equal(open_it(keys, &wrong, BOX_RESCUETIME_KEY), -ENOKEY);
	keeper_keys_free(keys);
	/* Keys were given since. */
	write_keys(1, 0);
	keys = load_beside(file, path);
	assert_int_equal(open_it(keys, &hook, BOX_WEBHOOK_SECRET), 0);
	assert_memory_equal(keeper_keys_newest(keys, BOX_WEBHOOK_SECRET)->id, keeper_keys_id(keys, 0), BOX_ID_BYTES);
	keeper_keys_free(keys);
	assert_int_equal(unlink(path), 0);
	keys = load_beside(file, path);
	assert_int_equal(open_it(keys, &hook, BOX_WEBHOOK_SECRET), -ENOKEY);
	assert_int_equal(stat(path, &st), -1);
	keeper_keys_free(keys);
}

static void
a_key_of_webhooks_that_others_may_read_or_that_is_none_is_refused(void **state)
{
	struct keeper_keys *keys = NULL;
	bool lasting;

	(void)state;
	assert_int_equal(keeper_keys_load("", NULL, &keys, &lasting), 0);
	write_keys(1, 0);
	assert_int_equal(chmod(file, 0640), 0);
	assert_int_equal(keeper_keys_load_of_webhooks(keys, file), -EPERM);
	write_keys(1, 2);
	assert_int_equal(keeper_keys_load_of_webhooks(keys, file), -E2BIG);
	keeper_keys_free(keys);
	assert_int_equal(keeper_keys_load("", NULL, &keys, &lasting), 0);
	write_file("not a key\n", 0600);
	assert_int_equal(keeper_keys_load_of_webhooks(keys, file), -EINVAL);
	write_file("", 0600);
	assert_int_equal(keeper_keys_load_of_webhooks(keys, file), -EINVAL);
	assert_int_equal(keeper_keys_load_of_webhooks(keys, "/nonexistent/beside"), -ENOENT);
	assert_null(keeper_keys_of_webhooks(keys));
	keeper_keys_free(keys);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_box_opens_for_what_it_was_made_for),
	    cmocka_unit_test(a_box_opens_for_nothing_else),
	    cmocka_unit_test(another_key_opens_nothing_and_an_older_one_still_does),
	    cmocka_unit_test(a_file_that_is_none_of_keys_is_refused),
	    cmocka_unit_test(the_key_of_webhooks_is_made_once_and_opens_nothing_else),
	    cmocka_unit_test(a_key_of_webhooks_that_others_may_read_or_that_is_none_is_refused),
	};
	int r;

	if (make_dir() < 0)
		return 99;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	remove_dir();
	return r;
}
