/* SPDX-License-Identifier: Apache-2.0 */
/* TLS between two buffers and a client of OpenSSL's: whatever pieces the wire makes of it, the same bytes come out, in order. */
#include "unit.h"

#include <errno.h>
#include <event2/buffer.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "http/inbuf.h"
#include "http/tls.h"
#include "http/tls_link.h"

#define LARGE ((size_t)3 * 1024 * 1024)

struct pair {
	struct tls *tls;
	struct tls_link *link;
	struct evbuffer *input, *output;
	struct inbuf got;
	SSL_CTX *context;
	SSL *client;
	BIO *to_client, *from_client;
	unsigned seed;
	char certificate[64], key[4096];
};

/* --- a certificate -------------------------------------------------------------------------------------------------------- */

static void
make_certificate(struct pair *p, long seconds)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	BIO *text = BIO_new(BIO_s_mem());
	FILE *f;
	int fd, n;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -7200);
	X509_gmtime_adj(X509_getm_notAfter(x), seconds);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_sign(x, key, EVP_sha256());
	snprintf(p->certificate, sizeof p->certificate, "/tmp/rtalp-tls-XXXXXX");
	fd = mkstemp(p->certificate);
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_int_equal(PEM_write_X509(f, x), 1);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(PEM_write_bio_PrivateKey(text, key, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_read(text, p->key, sizeof p->key - 1);
	assert_true(n > 0);
	p->key[n] = '\0';
	BIO_free(text);
	X509_free(x);
	EVP_PKEY_free(key);
}

static int
read_it(struct pair *p, struct tls **ret_tls, tls_fault *ret_fault)
{
	struct tls_options options = {.certificate = p->certificate, .key = str_of(p->key), .min_version = TLS1_2_VERSION};

	return tls_new(&options, ret_tls, ret_fault);
}

/* --- the two ends --------------------------------------------------------------------------------------------------------- */

/* As a connection's owner does. */
static void
on_output(struct evbuffer *buffer, const struct evbuffer_cb_info *info, void *arg)
{
	struct pair *p = arg;

	(void)buffer;
	if (info->n_deleted == 0)
		return;
	tls_link_moved(p->link, info->n_deleted);
	tls_link_fill(p->link);
}

static struct pair *
pair_new(int version, unsigned seed)
{
	struct pair *p = calloc(1, sizeof *p);
	tls_fault fault;

	p->seed = seed;
	make_certificate(p, 3600);
	assert_int_equal(read_it(p, &p->tls, &fault), 0);
	p->input = evbuffer_new();
	p->output = evbuffer_new();
	evbuffer_freeze(p->output, 1);
	evbuffer_add_cb(p->output, on_output, p);
	p->link = tls_link_new(p->tls, 1, p->input, p->output);
	assert_non_null(p->link);
	p->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(p->context, version);
	SSL_CTX_set_max_proto_version(p->context, version);
	p->client = SSL_new(p->context);
	p->to_client = BIO_new(BIO_s_mem());
	p->from_client = BIO_new(BIO_s_mem());
	SSL_set_bio(p->client, p->to_client, p->from_client);
	SSL_set_connect_state(p->client);
	return p;
}

static void
pair_free(struct pair *p)
{
	unlink(p->certificate);
	evbuffer_remove_cb(p->output, on_output, p);
	tls_link_free(p->link);
	tls_unref(p->tls);
	SSL_free(p->client);
	SSL_CTX_free(p->context);
	evbuffer_free(p->input);
	evbuffer_free(p->output);
	inbuf_release(&p->got);
	free(p);
}

static size_t
piece(struct pair *p, size_t most)
{
	return 1 + (size_t)rand_r(&p->seed) % most;
}

/* A piece each way. False: nothing was there. */
static bool
carry(struct pair *p, size_t most)
{
	char bytes[65536];
	int n = BIO_read(p->from_client, bytes, (int)piece(p, most)), m;

	if (n > 0) {
		evbuffer_add(p->input, bytes, (size_t)n);
		assert_int_equal(tls_link_take(p->link, &p->got), 0);
		assert_int_equal(evbuffer_get_length(p->input), 0);
	}
	evbuffer_unfreeze(p->output, 1);
	m = evbuffer_remove(p->output, bytes, piece(p, most));
	evbuffer_freeze(p->output, 1);
	if (m > 0)
		assert_int_equal(BIO_write(p->to_client, bytes, m), m);
	return n > 0 || m > 0;
}

static void
shake(struct pair *p, size_t most)
{
	while (SSL_do_handshake(p->client) != 1)
		assert_true(carry(p, most));
	while (carry(p, most))
		;
	assert_true(tls_link_is_open(p->link));
}

static char *
pattern(size_t len, unsigned seed)
{
	char *bytes = malloc(len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)rand_r(&seed);
	return bytes;
}

static void
expect_at_client(struct pair *p, const char *bytes, size_t len, size_t most)
{
	char *got = malloc(len);
	size_t n, at = 0;

	while (at < len) {
		if (SSL_read_ex(p->client, got + at, len - at, &n) == 1)
			at += n;
		else
			assert_true(carry(p, most));
	}
	assert_memory_equal(got, bytes, len);
	free(got);
}

/* --- tests ---------------------------------------------------------------------------------------------------------------- */

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static void
test_the_same_bytes_arrive_whatever_the_pieces(void **state)
{
	static const size_t most[] = {1, 7, 1000, 30000};

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		for (size_t i = 0; i < 4; i++) {
			struct pair *p = pair_new(versions[v], (unsigned)(v * 10 + i));
			size_t len = most[i] * 3000 < 200000 ? most[i] * 3000 : 200000;
			char *bytes = pattern(len, 5);
			size_t n, at = 0;

			shake(p, most[i]);
			while (at < len) {
				assert_int_equal(SSL_write_ex(p->client, bytes + at, len - at < 5000 ? len - at : 5000, &n), 1);
				at += n;
				while (carry(p, most[i]))
					;
			}
			assert_int_equal(p->got.len, len);
			assert_memory_equal(p->got.p, bytes, len);
			evbuffer_add(p->output, bytes, len);
			tls_link_seal(p->link);
			expect_at_client(p, bytes, len, most[i]);
			free(bytes);
			pair_free(p);
		}
	}
}

static void
test_a_large_answer_is_sealed_as_it_is_taken(void **state)
{
	struct pair *p = pair_new(TLS1_3_VERSION, 1);
	char *bytes = pattern(LARGE, 6);

	(void)state;
	shake(p, 30000);
	evbuffer_add(p->output, bytes, 300);
	evbuffer_add_reference(p->output, bytes + 300, LARGE - 300, NULL, NULL);
	tls_link_seal(p->link);
	assert_in_range(evbuffer_get_length(p->output), 60000, 120000);
	expect_at_client(p, bytes, LARGE, 30000);
	assert_int_equal(evbuffer_get_length(p->output), 0);
	free(bytes);
	pair_free(p);
}

/* An alert or an answer to a key update may lie in the output when the next answer comes. */
static void
test_what_is_sealed_already_stays_in_front(void **state)
{
	struct pair *p = pair_new(TLS1_3_VERSION, 2);
	char *bytes = pattern(100000, 7);

	(void)state;
	shake(p, 30000);
	tls_link_put(p->link, bytes, 10);
	evbuffer_add(p->output, bytes + 10, 20000);
	tls_link_seal(p->link);
	tls_link_put(p->link, bytes + 20010, 1);
	evbuffer_add(p->output, bytes + 20011, 79989);
	tls_link_seal(p->link);
	expect_at_client(p, bytes, 100000, 777);
	pair_free(p);
	free(bytes);
}

static void
test_keys_are_changed_in_the_middle_of_an_answer(void **state)
{
	struct pair *p = pair_new(TLS1_3_VERSION, 3);
	char *bytes = pattern(LARGE, 8), byte = 'x';
	size_t n;

	(void)state;
	shake(p, 30000);
	evbuffer_add_reference(p->output, bytes, LARGE, NULL, NULL);
	tls_link_seal(p->link);
	for (int i = 0; i < 10; i++) {
		carry(p, 30000);
		assert_int_equal(SSL_key_update(p->client, SSL_KEY_UPDATE_REQUESTED), 1);
		assert_int_equal(SSL_write_ex(p->client, &byte, 1, &n), 1);
	}
	expect_at_client(p, bytes, LARGE, 30000);
	while (carry(p, 30000))
		;
	assert_int_equal(p->got.len, 10);
	free(bytes);
	pair_free(p);
}

static void
test_a_piece_of_a_record_is_held(void **state)
{
	struct pair *p = pair_new(TLS1_3_VERSION, 4);
	char bytes[200];
	size_t n;
	int len;

	(void)state;
	shake(p, 30000);
	assert_false(tls_link_holds(p->link));
	assert_int_equal(SSL_write_ex(p->client, "hello", 5, &n), 1);
	len = BIO_read(p->from_client, bytes, sizeof bytes);
	for (int i = 0; i < len; i++) {
		assert_int_equal(p->got.len, 0);
		evbuffer_add(p->input, bytes + i, 1);
		assert_int_equal(tls_link_take(p->link, &p->got), 0);
		assert_int_equal(tls_link_holds(p->link), i < len - 1);
	}
	assert_int_equal(p->got.len, 5);
	pair_free(p);
}

static void
test_goodbye_is_said_and_heard(void **state)
{
	struct pair *p = pair_new(TLS1_3_VERSION, 5);
	char byte;
	size_t n;

	(void)state;
	shake(p, 30000);
	SSL_shutdown(p->client);
	carry(p, 30000);
	assert_true(tls_link_has_ended(p->link));
	assert_false(tls_link_is_broken(p->link));
	tls_link_put(p->link, "still", 5);
	tls_link_bye(p->link);
	expect_at_client(p, "still", 5, 30000);
	assert_int_equal(SSL_read_ex(p->client, &byte, 1, &n), 0);
	assert_int_equal(SSL_get_error(p->client, 0), SSL_ERROR_ZERO_RETURN);
	pair_free(p);
}

static void
test_what_is_no_tls_is_named(void **state)
{
	static const struct {
		const char *bytes;
		int r;
	} cases[] = {{"GET / HTTP/1.1\r\n\r\n", -ENOTTY}, {"POST /x HTTP/1.1\r\n", -ENOTTY}, {"SSH-2.0-OpenSSH_9.2\r\n", -EPROTO},
	    {"\x16\x03\x01\x00\x05hello", -EPROTO}, {"\x16\x03\x01\xff\xff", -EPROTO}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct pair *p = pair_new(TLS1_3_VERSION, 6);
		size_t len = i < 3 ? strlen(cases[i].bytes) : i == 3 ? 10 : 5;

		evbuffer_add(p->input, cases[i].bytes, len);
		assert_int_equal(tls_link_take(p->link, &p->got), cases[i].r);
		assert_true(tls_link_is_broken(p->link));
		assert_int_equal(evbuffer_get_length(p->input), 0);
		evbuffer_add(p->input, "more", 4);
		assert_int_equal(tls_link_take(p->link, NULL), -EPROTO);
		pair_free(p);
	}
}

/* Whoever changes a byte of it gets nowhere, at whatever place. */
static void
test_a_changed_byte_is_found(void **state)
{
	(void)state;
	for (int at = 5; at < 40; at++) {
		struct pair *p = pair_new(TLS1_3_VERSION, (unsigned)at);
		char bytes[200];
		size_t n;
		int len;

		shake(p, 30000);
		assert_int_equal(SSL_write_ex(p->client, "0123456789012345678901234567890123456789", 40, &n), 1);
		len = BIO_read(p->from_client, bytes, sizeof bytes);
		bytes[at] ^= 4;
		evbuffer_add(p->input, bytes, (size_t)len);
		assert_int_equal(tls_link_take(p->link, &p->got), -EPROTO);
		assert_int_equal(p->got.len, 0);
		pair_free(p);
	}
}

static void
test_the_day_of_expiry_is_known(void **state)
{
	struct pair p = {0};
	struct tls *tls;
	tls_fault fault;
	int64_t now_ms = (int64_t)time(NULL) * 1000;

	(void)state;
	for (long seconds = -3600; seconds <= 86400; seconds += 90000) {
		make_certificate(&p, seconds);
		assert_int_equal(read_it(&p, &tls, &fault), 0);
		assert_in_range(tls_expires_ms(tls) - now_ms - seconds * 1000 + 60000, 0, 120000);
		tls_unref(tls);
		unlink(p.certificate);
	}
}

static void
test_a_key_of_another_certificate_is_refused(void **state)
{
	struct pair a = {0}, b = {0};
	struct tls *tls = NULL;
	tls_fault fault = NULL;

	(void)state;
	make_certificate(&a, 3600);
	make_certificate(&b, 3600);
	memcpy(a.key, b.key, sizeof a.key);
	assert_int_equal(read_it(&a, &tls, &fault), -EINVAL);
	assert_string_equal(fault, "its key is that of another certificate");
	unlink(a.certificate);
	assert_int_equal(read_it(&a, &tls, &fault), -ENOENT);
	assert_null(tls);
	unlink(b.certificate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_same_bytes_arrive_whatever_the_pieces),
	    cmocka_unit_test(test_a_large_answer_is_sealed_as_it_is_taken),
	    cmocka_unit_test(test_what_is_sealed_already_stays_in_front),
	    cmocka_unit_test(test_keys_are_changed_in_the_middle_of_an_answer),
	    cmocka_unit_test(test_a_piece_of_a_record_is_held),
	    cmocka_unit_test(test_goodbye_is_said_and_heard),
	    cmocka_unit_test(test_what_is_no_tls_is_named),
	    cmocka_unit_test(test_a_changed_byte_is_found),
	    cmocka_unit_test(test_the_day_of_expiry_is_known),
	    cmocka_unit_test(test_a_key_of_another_certificate_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
