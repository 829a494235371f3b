/* SPDX-License-Identifier: Apache-2.0 */
#include "http/tls_link.h"

#include <errno.h>
#include <event2/buffer.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "http/inbuf.h"
#include "http/tls.h"

#define READ_LEAST  1024
#define RECORD      ((size_t)16 * 1024)  /* as much as one of TLS holds */
#define AT_ONCE     ((size_t)256 * 1024) /* an answer of a day, in one write */
#define FILL_BELOW  ((size_t)32 * 1024)
#define FILL_TO     ((size_t)64 * 1024)

struct tls_link {
	SSL *ssl;
	struct evbuffer *input, *output;
	struct evbuffer *waiting; /* to be sealed */
	size_t sealed;            /* bytes of the output that are: all but those at its end */
	bool moving;              /* bytes come and go by our own doing */
	/* Of the record that comes: as much of its header as did, and how much of what is behind it did not. */
	unsigned char header[SSL3_RT_HEADER_LENGTH];
	size_t header_len, record_left;
	bool ended, broken;
};

/* --- OpenSSL's view of the buffers ---------------------------------------------------------------------------------------------- */

/* OpenSSL does not say whether it waits for the rest of a record. Each begins with a type, a version of two bytes and a length of two. */
static void
follow_records(struct tls_link *l, const unsigned char *bytes, size_t len)
{
	while (len > 0) {
		size_t n = MIN_OF(len, l->record_left);

		l->record_left -= n;
		if (n == 0) {
			n = 1;
			l->header[l->header_len++] = *bytes;
		}
		if (l->header_len == sizeof l->header) {
			l->record_left = (size_t)l->header[3] << 8 | l->header[4];
			l->header_len = 0;
		}
		bytes += n;
		len -= n;
	}
}

static int
take_sealed(BIO *bio, char *bytes, int len)
{
	struct tls_link *l = BIO_get_data(bio);
	int n = len > 0 ? evbuffer_remove(l->input, bytes, (size_t)len) : 0;

	BIO_clear_retry_flags(bio);
	if (n > 0) {
		follow_records(l, (const unsigned char *)bytes, (size_t)n);
		return n;
	}
	BIO_set_retry_read(bio);
	return -1;
}

static int
put_sealed(BIO *bio, const char *bytes, int len)
{
	struct tls_link *l = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	if (len <= 0 || evbuffer_add(l->output, bytes, (size_t)len) < 0)
		return -1;
	l->sealed += (size_t)len;
	return len;
}

static long
control(BIO *bio, int command, long number, void *arg)
{
	(void)bio;
	(void)number;
	(void)arg;
	return command == BIO_CTRL_FLUSH;
}

/* Made once, and there for as long as the program is. */
static const BIO_METHOD *
buffers_method(void)
{
	static BIO_METHOD *method;

	if (method != NULL)
		return method;
	method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "evbuffers");
	if (method != NULL) {
		BIO_meth_set_read(method, take_sealed);
		BIO_meth_set_write(method, put_sealed);
		BIO_meth_set_ctrl(method, control);
	}
	return method;
}

static bool
join(struct tls_link *l)
{
	const BIO_METHOD *method = buffers_method();
	BIO *bio = method != NULL ? BIO_new(method) : NULL;

	if (bio == NULL)
		return false;
	BIO_set_data(bio, l);
	BIO_set_init(bio, 1);
	SSL_set_bio(l->ssl, bio, bio);
	return true;
}

/* --- life --------------------------------------------------------------------------------------------------------------------- */

struct tls_link *
tls_link_new(struct tls *t, int64_t now_mono_ms, struct evbuffer *input, struct evbuffer *output)
{
	struct tls_link *l = xcalloc(1, sizeof *l);

	l->input = input;
	l->output = output;
	l->waiting = evbuffer_new();
	l->ssl = tls_session(t, now_mono_ms);
	if (l->waiting != NULL && l->ssl != NULL && join(l))
		return l;
	return tls_link_free(l);
}

struct tls_link *
tls_link_free(struct tls_link *l)
{
	if (l == NULL)
		return NULL;
	SSL_free(l->ssl);
	if (l->waiting != NULL)
		evbuffer_free(l->waiting);
	free(l);
	return NULL;
}

bool
tls_link_is_open(const struct tls_link *l)
{
	return !l->broken && SSL_is_init_finished(l->ssl);
}

bool
tls_link_is_resumed(const struct tls_link *l)
{
	return SSL_session_reused(l->ssl) == 1;
}

bool
tls_link_holds(const struct tls_link *l)
{
	return l->header_len > 0 || l->record_left > 0;
}

bool
tls_link_has_ended(const struct tls_link *l)
{
	return l->ended;
}

bool
tls_link_is_broken(const struct tls_link *l)
{
	return l->broken;
}

/* --- in ----------------------------------------------------------------------------------------------------------------------- */

static int
read_failed(struct tls_link *l, int returned)
{
	int error = SSL_get_error(l->ssl, returned), reason = ERR_GET_REASON(ERR_peek_error());

	ERR_clear_error();
	if (error == SSL_ERROR_WANT_READ)
		return 0;
	if (error == SSL_ERROR_ZERO_RETURN) {
		l->ended = true;
		return 0;
	}
	l->broken = true;
	return error == SSL_ERROR_SSL && (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST) ? -ENOTTY : -EPROTO;
}

/* What of the record at hand there is more is known only when its first bytes were taken. */
static int
read_into(struct tls_link *l, struct inbuf *to)
{
	size_t room, n;
	int r;

	do {
		room = (size_t)SSL_pending(l->ssl);
		if (room == 0)
			room = to->capacity > to->len ? to->capacity - to->len : READ_LEAST;
		r = SSL_read_ex(l->ssl, inbuf_room(to, room), room, &n);
		if (r > 0)
			inbuf_grew(to, n);
	} while (r > 0);
	return read_failed(l, r);
}

static int
read_away(struct tls_link *l)
{
	char bytes[READ_LEAST];
	size_t n;
	int r;

	do {
		r = SSL_read_ex(l->ssl, bytes, sizeof bytes, &n);
	} while (r > 0);
	explicit_bzero(bytes, sizeof bytes);
	return read_failed(l, r);
}

int
tls_link_take(struct tls_link *l, struct inbuf *to)
{
	int r;

	if (l->broken || l->ended) {
		inbuf_discard(l->input);
		return l->broken ? -EPROTO : 0;
	}
	ERR_clear_error();
	r = to != NULL ? read_into(l, to) : read_away(l);
	if (evbuffer_get_length(l->input) > 0)
		inbuf_discard(l->input);
	return r;
}

/* --- out ---------------------------------------------------------------------------------------------------------------------- */

static bool
seal(struct tls_link *l, const void *bytes, size_t len)
{
	size_t n;

	for (const char *p = bytes; !l->broken && len > 0; p += n, len -= n) {
		ERR_clear_error();
		if (SSL_write_ex(l->ssl, p, len, &n) != 1)
			l->broken = true;
		if (l->broken)
			n = 0;
	}
	ERR_clear_error();
	return !l->broken;
}

void
tls_link_put(struct tls_link *l, const void *bytes, size_t len)
{
	(void)seal(l, bytes, len);
}

/* A record of bytes that lie in several pieces is gathered first. */
static bool
seal_record(struct tls_link *l)
{
	size_t len = MIN_OF(evbuffer_get_length(l->waiting), RECORD);
	const unsigned char *bytes = evbuffer_get_contiguous_space(l->waiting) >= len ? evbuffer_pullup(l->waiting, 1) : NULL;
	unsigned char gathered[RECORD];
	bool sealed;

	if (bytes != NULL)
		return seal(l, bytes, len) && evbuffer_drain(l->waiting, len) == 0;
	if (evbuffer_copyout(l->waiting, gathered, len) != (ev_ssize_t)len)
		l->broken = true;
	sealed = seal(l, gathered, len);
	/* An answer may hold what is shown once. */
	explicit_bzero(gathered, len);
	return sealed && evbuffer_drain(l->waiting, len) == 0;
}

static void
seal_up_to(struct tls_link *l, size_t most)
{
	while (!l->broken && evbuffer_get_length(l->waiting) > 0 && evbuffer_get_length(l->output) < most)
		(void)seal_record(l);
}

void
tls_link_fill(struct tls_link *l)
{
	if (!l->moving && evbuffer_get_length(l->waiting) > 0 && evbuffer_get_length(l->output) < FILL_BELOW)
		seal_up_to(l, FILL_TO);
}

/* What is sealed goes out of the way and comes back; mostly there is none. */
static void
take_plain(struct tls_link *l)
{
	struct evbuffer *aside = l->sealed > 0 ? evbuffer_new() : NULL;

	l->moving = true;
	evbuffer_unfreeze(l->output, 1);
	if (l->sealed > 0 && (aside == NULL || evbuffer_remove_buffer(l->output, aside, l->sealed) != (int)l->sealed))
		l->broken = true;
	else if (evbuffer_add_buffer(l->waiting, l->output) < 0 || (aside != NULL && evbuffer_add_buffer(l->output, aside) < 0))
		l->broken = true;
	evbuffer_freeze(l->output, 1);
	l->moving = false;
	if (aside != NULL)
		evbuffer_free(aside);
}

void
tls_link_seal(struct tls_link *l)
{
	if (evbuffer_get_length(l->output) > l->sealed)
		take_plain(l);
	seal_up_to(l, evbuffer_get_length(l->waiting) <= AT_ONCE ? SIZE_MAX : FILL_TO);
}

void
tls_link_moved(struct tls_link *l, size_t taken)
{
	if (!l->moving)
		l->sealed -= MIN_OF(taken, l->sealed);
}

void
tls_link_bye(struct tls_link *l)
{
	if (!tls_link_is_open(l))
		return;
	ERR_clear_error();
	(void)SSL_shutdown(l->ssl);
	ERR_clear_error();
}
