/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of webhooks: the specification's own example, and everything a forger may try. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "base/webhook_sign.h"

/* The example of the specification's reference libraries. */
#define SECRET    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID        "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define AT_S      1614265330
#define BODY      "{\"test\": 2432232314}"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static struct webhook_secret
secret_of(const char *text)
{
	struct webhook_secret s;

	assert_int_equal(webhook_secret_parse(str_of(text), &s), 0);
	return s;
}

static enum webhook_verdict
judge(const char *timestamp, const char *signature, const char *body, int64_t now_s)
{
	const struct webhook_secret secrets[] = {secret_of("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), secret_of(SECRET)};
	const struct webhook_claim claim = {str_of(ID), str_of(timestamp), str_of(signature), str_of(body)};

	return webhook_verify(&claim, secrets, ELEMENTSOF(secrets), now_s);
}

static void
the_example_of_the_specification_is_signed_as_it_says(void **state)
{
	const struct webhook_secret s = secret_of(SECRET);
	char signature[WEBHOOK_SIGNATURE_MAX];

	(void)state;
	webhook_sign(&s, STR(ID), AT_S, STR(BODY), signature);
	assert_string_equal(signature, SIGNATURE);
	assert_int_equal(judge("1614265330", SIGNATURE, BODY, AT_S), WEBHOOK_GENUINE);
}

static void
one_good_signature_among_others_is_enough(void **state)
{
	(void)state;
	assert_int_equal(judge("1614265330", "v1,AAAA v2,x " SIGNATURE, BODY, AT_S), WEBHOOK_GENUINE);
	assert_int_equal(judge("1614265330", SIGNATURE " v1a,x", BODY, AT_S), WEBHOOK_GENUINE);
}

static void
whatever_was_changed_is_a_forgery(void **state)
{
	(void)state;
	assert_int_equal(judge("1614265330", SIGNATURE, BODY " ", AT_S), WEBHOOK_FORGED);
	assert_int_equal(judge("1614265331", SIGNATURE, BODY, AT_S), WEBHOOK_FORGED);
	assert_int_equal(judge("1614265330", "v1,h0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, AT_S), WEBHOOK_FORGED);
	assert_int_equal(judge("1614265330", SIGNATURE "=", BODY, AT_S), WEBHOOK_FORGED);
	assert_int_equal(judge("1614265330", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", BODY, AT_S), WEBHOOK_FORGED);
	assert_int_equal(judge("1614265330", " ", BODY, AT_S), WEBHOOK_FORGED);
}

/* What was overheard is worth nothing after five minutes. */
static void
an_old_message_is_not_taken_again(void **state)
{
	(void)state;
	assert_int_equal(judge("1614265330", SIGNATURE, BODY, AT_S + WEBHOOK_TOLERANCE_S), WEBHOOK_GENUINE);
	assert_int_equal(judge("1614265330", SIGNATURE, BODY, AT_S + WEBHOOK_TOLERANCE_S + 1), WEBHOOK_STALE);
	assert_int_equal(judge("1614265330", SIGNATURE, BODY, AT_S - WEBHOOK_TOLERANCE_S - 1), WEBHOOK_STALE);
}

static void
what_is_missing_or_no_number_is_said_to_be(void **state)
{
	(void)state;
	assert_int_equal(judge("", SIGNATURE, BODY, AT_S), WEBHOOK_UNSIGNED);
	assert_int_equal(judge("1614265330x", SIGNATURE, BODY, AT_S), WEBHOOK_UNSIGNED);
	assert_int_equal(judge("-1614265330", SIGNATURE, BODY, AT_S), WEBHOOK_UNSIGNED);
	assert_int_equal(judge("1614265330000000000", SIGNATURE, BODY, AT_S), WEBHOOK_UNSIGNED);
	assert_int_equal(judge("1614265330", "", BODY, AT_S), WEBHOOK_UNSIGNED);
}

static void
without_secrets_nothing_is_genuine(void **state)
{
	const struct webhook_claim claim = {STR(ID), STR("1614265330"), STR(SIGNATURE), STR(BODY)};

	(void)state;
	assert_int_equal(webhook_verify(&claim, NULL, 0, AT_S), WEBHOOK_FORGED);
}

static void
secrets_have_from_24_to_64_bytes(void **state)
{
	static const char *const bad[] = {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
	    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw "};
	struct webhook_secret s, again;
	char text[WEBHOOK_SECRET_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ELEMENTSOF(bad); i++)
		assert_int_equal(webhook_secret_parse(str_of(bad[i]), &s), -EINVAL);
	s = (struct webhook_secret){.len = WEBHOOK_SECRET_BYTES_MAX};
	webhook_secret_format(&s, text);
	assert_int_equal(webhook_secret_parse(str_of(text), &again), 0);
	assert_int_equal(again.len, WEBHOOK_SECRET_BYTES_MAX);
	webhook_secret_make(&s);
	webhook_secret_format(&s, text);
	assert_int_equal(webhook_secret_parse(str_of(text), &again), 0);
	assert_memory_equal(&s, &again, sizeof s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_example_of_the_specification_is_signed_as_it_says),
	    cmocka_unit_test(one_good_signature_among_others_is_enough),
	    cmocka_unit_test(whatever_was_changed_is_a_forgery),
	    cmocka_unit_test(an_old_message_is_not_taken_again),
	    cmocka_unit_test(what_is_missing_or_no_number_is_said_to_be),
	    cmocka_unit_test(without_secrets_nothing_is_genuine),
	    cmocka_unit_test(secrets_have_from_24_to_64_bytes),
	};

	if (secret_setup() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
