/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/macro.h"
#include "rules/near.h"

enum { INVOICE, CLAIM, ITEMS, MATTER, CASE_ID, BOX, CHINESE };

static struct near *
some_words(void)
{
	struct near *n = near_new();

	near_add(n, STR("invoice"), NEAR_AFTER, INVOICE);
	near_add(n, STR("Purchase Order"), NEAR_AFTER, INVOICE);
	near_add(n, STR("claim"), NEAR_AFTER_NUMBER, CLAIM);
	near_add(n, STR("items"), NEAR_BEFORE, ITEMS);
	near_add(n, STR("plus GST"), NEAR_BEFORE, ITEMS);
	near_add(n, STR("matter"), NEAR_AFTER, MATTER);
	near_add(n, STR("case id"), NEAR_AFTER, CASE_ID);
	near_add(n, STR("id"), NEAR_AFTER, CASE_ID);
	near_add(n, STR("client invoice"), NEAR_AFTER, MATTER);
	near_add(n, STR("items of law"), NEAR_BEFORE, MATTER);
	near_add(n, STR("p.o. box"), NEAR_AFTER, BOX);
	near_add(n, STR("案件"), NEAR_AFTER, CHINESE);
	near_add(n, STR("件"), NEAR_BEFORE, CHINESE);
	return n;
}

/* The rules as bits. */
static unsigned
near_number(const struct near *n, const char *title)
{
	uint32_t rules[NEAR_HITS_MAX];
	const char *number = strstr(title, "22069");
	unsigned bits = 0;
	size_t count;

	assert_non_null(number);
	count = near_find(n, str_of(title), (struct str){number, 5}, rules);
	for (size_t i = 0; i < count; i++)
		bits |= 1u << rules[i];
	return bits;
}

#define BIT(rule) (1u << (rule))

static void
a_number_stands_after_a_word_with_what_introduces_it(void **state)
{
	static const char *const titles[] = {"Invoice 22069", "INVOICE_22069.pdf", "invoice #22069", "Invoice: [22069]", "Invoice no. 22069",
	    "Tax invoice Nr. 22069", "Purchase  order – invoice (22069", "Invoice-22069", "purchase_order 22069", "Invoice number: 22069"};
	static const char *const others[] = {"Invoices 22069", "Preinvoice 22069", "Invoice for Smith 22069", "22069 invoice",
	    "Invoice 1 22069", "22069", "claim 22069", "Statement of claim (Ref 22069)", "Invoice - 22069 Smith", "Order 22069"};
	struct near *n = some_words();

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(titles); i++)
		if (near_number(n, titles[i]) != BIT(INVOICE))
			fail_msg("%s", titles[i]);
	for (size_t i = 0; i < ELEMENTSOF(others); i++)
		if (near_number(n, others[i]) != 0)
			fail_msg("%s", others[i]);
	near_free(n);
}

static void
some_words_count_only_where_a_number_is_announced(void **state)
{
	struct near *n = some_words();

	(void)state;
	assert_int_equal(near_number(n, "Claim no. 22069"), BIT(CLAIM));
	assert_int_equal(near_number(n, "CLAIM #22069"), BIT(CLAIM));
	assert_int_equal(near_number(n, "Claim Nº 22069"), BIT(CLAIM));
	assert_int_equal(near_number(n, "claim number 22069"), BIT(CLAIM));
	assert_int_equal(near_number(n, "Claim 22069"), 0);
	near_free(n);
}

static void
the_word_before_says_whose_number_it_is(void **state)
{
	struct near *n = some_words();

	(void)state;
	assert_int_equal(near_number(n, "ID 22069"), BIT(CASE_ID));
	assert_int_equal(near_number(n, "Matter ID 22069"), BIT(MATTER));
	assert_int_equal(near_number(n, "Case ID: 22069"), BIT(CASE_ID));
	assert_int_equal(near_number(n, "P.O. Box 22069"), BIT(BOX));
	near_free(n);
}

static void
of_words_that_end_alike_the_longest_counts(void **state)
{
	struct near *n = some_words();

	(void)state;
	assert_int_equal(near_number(n, "My client_invoice 22069"), BIT(MATTER));
	assert_int_equal(near_number(n, "Multiclient invoice 22069"), BIT(INVOICE));
	assert_int_equal(near_number(n, "22069 items of law"), BIT(MATTER));
	near_free(n);
}

static void
a_number_stands_before_a_word_as_it_is_written(void **state)
{
	struct near *n = some_words();

	(void)state;
	assert_int_equal(near_number(n, "22069 items"), BIT(ITEMS));
	assert_int_equal(near_number(n, "22069+ items."), BIT(ITEMS));
	assert_int_equal(near_number(n, "22069 plus GST"), BIT(ITEMS));
	assert_int_equal(near_number(n, "22069 Items"), 0);
	assert_int_equal(near_number(n, "22069 itemsets"), 0);
	assert_int_equal(near_number(n, "22069 items.docx"), 0);
	assert_int_equal(near_number(n, "22069 other items"), 0);
	near_free(n);
}

static void
writing_without_spaces_has_words_all_the_same(void **state)
{
	struct near *n = some_words();

	(void)state;
	assert_int_equal(near_number(n, "关于案件22069号"), BIT(CHINESE));
	assert_int_equal(near_number(n, "案件：22069"), BIT(CHINESE));
	assert_int_equal(near_number(n, "22069件"), BIT(CHINESE));
	assert_int_equal(near_number(n, "电子邮件 22069"), 0);
	near_free(n);
}

/* Whatever stands there: every piece of a title of odd characters, at the very borders of its memory. */
static void
no_title_leads_outside_of_its_bytes(void **state)
{
	static const char *const pieces[] = {"é", "件", "🙂", " ", "_", "#", "№", "id", "case", "no", ".", "22069", "\xc2\xa0"};
	struct near *n = some_words();
	uint32_t rules[NEAR_HITS_MAX];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(pieces); i++) {
		for (size_t k = 0; k < ELEMENTSOF(pieces); k++) {
			size_t before = strlen(pieces[i]) + strlen(pieces[k]), len = 2 * before + 5;
			char *title = malloc(len + 1), *exact = malloc(len);

			(void)snprintf(title, len + 1, "%s%s22069%s%s", pieces[i], pieces[k], pieces[i], pieces[k]);
			memcpy(exact, title, len);
			assert_true(near_find(n, (struct str){exact, len}, (struct str){exact + before, 5}, rules) <= NEAR_HITS_MAX);
			free(title);
			free(exact);
		}
	}
	near_free(n);
}

static void
without_words_nothing_is_near(void **state)
{
	struct near *n = near_new();

	(void)state;
	assert_int_equal(near_number(n, "Invoice 22069 items"), 0);
	near_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_number_stands_after_a_word_with_what_introduces_it),
	    cmocka_unit_test(some_words_count_only_where_a_number_is_announced),
	    cmocka_unit_test(the_word_before_says_whose_number_it_is),
	    cmocka_unit_test(of_words_that_end_alike_the_longest_counts),
	    cmocka_unit_test(a_number_stands_before_a_word_as_it_is_written),
	    cmocka_unit_test(writing_without_spaces_has_words_all_the_same),
	    cmocka_unit_test(no_title_leads_outside_of_its_bytes),
	    cmocka_unit_test(without_words_nothing_is_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
