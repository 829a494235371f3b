/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens as text, and the book that knows them again. */
#include "unit.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "app/token_book.h"
#include "base/alloc.h"
#include "base/macro.h"

#define NOW 1800000000000

static const unsigned char counting[TOKEN_SECRET_BYTES] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
    23, 24, 25, 26, 27, 28, 29, 30, 31};
#define COUNTING "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

/* --- text --------------------------------------------------------------------------------------------------------------- */

static void
a_token_is_read_as_it_was_written(void **state)
{
	static const int64_t ids[] = {1, 9, 10, 12345, 9007199254740991};
	unsigned char secret[TOKEN_SECRET_BYTES];
	char text[TOKEN_TEXT_SIZE];
	int64_t id = 0;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(ids); i++) {
		token_text_format(ids[i], counting, text);
		assert_int_equal(token_text_parse(str_of(text), &id, secret), 0);
		assert_int_equal(id, ids[i]);
		assert_memory_equal(secret, counting, sizeof secret);
	}
	token_text_format(7, counting, text);
	assert_string_equal(text, "rtalp_7_" COUNTING);
}

/* Two spellings of one token would be two tokens to whoever keeps lists of them. */
static void
a_token_has_one_spelling(void **state)
{
	static const char *const wrong[] = {"", "rtalp_", "rtalp_7", "rtalp_7_", "rtalp__" COUNTING, "rtalp_0_" COUNTING, "rtalp_07_" COUNTING,
	    "rtalp_-7_" COUNTING, "rtalp_+7_" COUNTING, "rtalp_7_" COUNTING "=", "rtalp_7_" COUNTING " ", " rtalp_7_" COUNTING,
	    "RTALP_7_" COUNTING, "rtalp-7-" COUNTING, "rtalp_7" COUNTING, "rtalp_9007199254740992_" COUNTING,
	    "rtalp_99999999999999999999_" COUNTING, "rtalp_7x_" COUNTING,
	    /* bits behind the 32nd byte; the other alphabet; too short by one */
	    "rtalp_7_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9", "rtalp_7_+AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	    "rtalp_7_/AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "rtalp_7_AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
	    "rtalp_7_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh"};
	unsigned char secret[TOKEN_SECRET_BYTES];
	int64_t id = 77;

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(wrong); i++)
		assert_int_equal(token_text_parse(str_of(wrong[i]), &id, secret), -EINVAL);
	assert_int_equal(token_text_parse((struct str){"rtalp_7_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh\0", 51}, &id, secret), -EINVAL);
	/* The decoder takes what is beyond ASCII for an underscore. */
	assert_int_equal(token_text_parse(STR("rtalp_7__AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), &id, secret), 0);
	id = 77;
	assert_int_equal(token_text_parse(STR("rtalp_7_\xc1" "AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), &id, secret), -EINVAL);
	assert_int_equal(token_text_parse(STR("rtalp_7_\xff" "AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"), &id, secret), -EINVAL);
	assert_int_equal(id, 77);
}

/* --- the book ----------------------------------------------------------------------------------------------------------- */

/* Each id has a secret of its own. */
static void
secret_of(int64_t id, unsigned char ret[TOKEN_SECRET_BYTES])
{
	memcpy(ret, counting, TOKEN_SECRET_BYTES);
	memcpy(ret, &id, sizeof id);
}

static struct token_row
row_of(int64_t id)
{
	struct token_row row = {.token_id = id, .scope = TOKEN_USER, .alp_user_id = id * 10, .read_only = id % 2 == 0, .created_ms = NOW};
	unsigned char secret[TOKEN_SECRET_BYTES];

	secret_of(id, secret);
	token_hash(secret, row.hash);
	return row;
}

static enum token_verdict
check(struct token_book *book, int64_t id, int64_t secret_id, int64_t now_ms, struct token_holder *ret)
{
	unsigned char secret[TOKEN_SECRET_BYTES];
	char text[TOKEN_TEXT_SIZE];

	secret_of(secret_id, secret);
	token_text_format(id, secret, text);
	return token_book_check(book, str_of(text), now_ms, ret);
}

static void
each_token_is_its_holders_and_nobody_elses(void **state)
{
	static const int64_t order[] = {5, 1, 9, 3, 7, 2, 8, 4, 6, 10, 20, 15, 11, 12, 13, 14, 16, 19, 18, 17};
	struct token_book *book = token_book_new();
	struct token_holder holder = {0};

	(void)state;
	assert_int_equal(token_book_count(book), 0);
	assert_int_equal(check(book, 1, 1, NOW, &holder), TOKEN_WRONG);
	for (size_t i = 0; i < ELEMENTSOF(order); i++) {
		struct token_row row = row_of(order[i]);

		token_book_put(book, &row);
	}
	assert_int_equal(token_book_count(book), ELEMENTSOF(order));
	for (int64_t id = 1; id <= 20; id++) {
		assert_int_equal(check(book, id, id % 20 + 1, NOW, &holder), TOKEN_WRONG);
		assert_int_equal(check(book, id, id, NOW, &holder), TOKEN_GOOD);
		assert_int_equal(holder.token_id, id);
		assert_int_equal(holder.alp_user_id, id * 10);
		assert_int_equal(holder.read_only, id % 2 == 0);
	}
	assert_int_equal(check(book, 21, 21, NOW, &holder), TOKEN_WRONG);
	assert_int_equal(token_book_check(book, STR("rtalp_1_"), NOW, &holder), TOKEN_WRONG);
	assert_int_equal(token_book_check(book, STR_NONE, NOW, &holder), TOKEN_WRONG);
	assert_int_equal(holder.token_id, 20);
	token_book_free(book);
}

/* An all-zero hash is what an unknown id is compared with. */
static void
no_secret_opens_an_id_that_is_not_there(void **state)
{
	struct token_book *book = token_book_new();
	struct token_row row = row_of(1);
	struct token_holder holder = {0};

	(void)state;
	memset(row.hash, 0, sizeof row.hash);
	token_book_put(book, &row);
	assert_int_equal(check(book, 1, 1, NOW, &holder), TOKEN_WRONG);
	assert_int_equal(check(book, 2, 2, NOW, &holder), TOKEN_WRONG);
	token_book_free(book);
}

static void
a_token_ends_with_its_time_and_when_it_is_revoked(void **state)
{
	struct token_book *book = token_book_new();
	struct token_row row = row_of(1);
	struct token_holder holder = {0};

	(void)state;
	row.expires_ms = NOW + 1000;
	token_book_put(book, &row);
	assert_int_equal(check(book, 1, 1, NOW + 999, &holder), TOKEN_GOOD);
	assert_int_equal(check(book, 1, 1, NOW + 1000, &holder), TOKEN_DEAD);
	assert_int_equal(check(book, 1, 2, NOW + 1000, &holder), TOKEN_WRONG);
	row = row_of(2);
	token_book_put(book, &row);
	assert_int_equal(check(book, 2, 2, NOW, &holder), TOKEN_GOOD);
	token_book_revoke(book, 2);
	token_book_revoke(book, 3);
	assert_int_equal(check(book, 2, 2, NOW, &holder), TOKEN_DEAD);
	/* As it comes from the store at the next start. */
	row.revoked_ms = NOW;
	token_book_put(book, &row);
	assert_int_equal(check(book, 2, 2, NOW, &holder), TOKEN_DEAD);
	assert_int_equal(token_book_count(book), 2);
	token_book_free(book);
}

static void
uses_are_told_once_and_again_if_they_were_not_stored(void **state)
{
	struct token_book *book = token_book_new();
	struct token_holder holder;
	struct token_use *uses;
	size_t count = 9;

	(void)state;
	for (int64_t id = 1; id <= 3; id++) {
		struct token_row row = row_of(id);

		token_book_put(book, &row);
	}
	assert_null(token_book_take_uses(book, &count));
	assert_int_equal(count, 0);
	assert_int_equal(check(book, 2, 2, NOW + 5, &holder), TOKEN_GOOD);
	/* The clock was set back. */
	assert_int_equal(check(book, 2, 2, NOW, &holder), TOKEN_GOOD);
	assert_int_equal(check(book, 3, 1, NOW, &holder), TOKEN_WRONG);
	uses = token_book_take_uses(book, &count);
	assert_int_equal(count, 1);
	assert_int_equal(uses[0].token_id, 2);
	assert_int_equal(uses[0].at_ms, NOW + 5);
	assert_null(token_book_take_uses(book, &count));
	token_book_untake_uses(book, uses, 1);
	free(uses);
	uses = token_book_take_uses(book, &count);
	assert_int_equal(count, 1);
	free(uses);
	assert_int_equal(token_book_last_used_ms(book, 2), NOW + 5);
	assert_int_equal(token_book_last_used_ms(book, 3), 0);
	assert_int_equal(token_book_last_used_ms(book, 4), 0);
	token_book_free(book);
}

/* Said, not judged: the machine that runs the tests may be busy. */
static void
a_look_up_is_told_what_it_costs(void **state)
{
	struct token_book *book = token_book_new();
	struct token_holder holder = {0};
	unsigned char secret[TOKEN_SECRET_BYTES];
	char text[TOKEN_TEXT_SIZE];
	clock_t started;
	int good = 0;

	(void)state;
	for (int64_t id = 1; id <= TOKENS_MAX; id++) {
		struct token_row row = row_of(id);

		token_book_put(book, &row);
	}
	secret_of(7777, secret);
	token_text_format(7777, secret, text);
	started = clock();
	for (int i = 0; i < 20000; i++)
		good += token_book_check(book, str_of(text), NOW, &holder) == TOKEN_GOOD;
	print_message("a look-up among %d tokens: %lld ns\n", TOKENS_MAX, (long long)(clock() - started) * (1000000000 / CLOCKS_PER_SEC) / 20000);
	assert_int_equal(good, 20000);
	token_book_free(book);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_token_is_read_as_it_was_written),
	    cmocka_unit_test(a_token_has_one_spelling),
	    cmocka_unit_test(each_token_is_its_holders_and_nobody_elses),
	    cmocka_unit_test(no_secret_opens_an_id_that_is_not_there),
	    cmocka_unit_test(a_token_ends_with_its_time_and_when_it_is_revoked),
	    cmocka_unit_test(uses_are_told_once_and_again_if_they_were_not_stored),
	    cmocka_unit_test(a_look_up_is_told_what_it_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
