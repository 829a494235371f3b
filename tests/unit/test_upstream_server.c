/* SPDX-License-Identifier: Apache-2.0 */
#include "test_upstream_server.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/macro.h"

struct connection {
	int fd;
	SSL *ssl;
};

static _noreturn_ void
give_up(const char *what)
{
	perror(what);
	exit(1);
}

void
connection_send(struct connection *c, const void *bytes, size_t len)
{
	ssize_t n = c->ssl != NULL ? SSL_write(c->ssl, bytes, (int)len) : send(c->fd, bytes, len, MSG_NOSIGNAL);

	(void)n; /* a client that hung up is what some tests are about */
}

void
connection_answer(struct connection *c, const char *status, const char *headers, const void *body, size_t len)
{
	char head[1024];
	int n = snprintf(head, sizeof head, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers, len);

	connection_send(c, head, (size_t)n);
	if (len > 0)
		connection_send(c, body, len);
}

static ssize_t
receive(struct connection *c, char *p, size_t room)
{
	return c->ssl != NULL ? SSL_read(c->ssl, p, (int)room) : recv(c->fd, p, room, 0);
}

/* Reads up to the empty line; requests here have no body. */
static bool
read_request(struct connection *c, struct seen *seen)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = receive(c, seen->last_request + len, sizeof seen->last_request - 1 - len);

		if (n <= 0)
			return false;
		len += (size_t)n;
		seen->last_request[len] = '\0';
		if (strstr(seen->last_request, "\r\n\r\n") != NULL)
			return true;
	}
}

static void
date_of(const char *request, char ret_date[11])
{
	const char *p = strstr(request, "restrict_begin=");

	snprintf(ret_date, 11, "%.10s", p != NULL ? p + strlen("restrict_begin=") : "");
}

static void
serve_connection(struct connection *c, struct seen *seen, answer_function answer)
{
	char date[11];

	seen->connections++;
	if (c->ssl != NULL && SSL_accept(c->ssl) != 1)
		return;
	while (read_request(c, seen)) {
		seen->requests++;
		date_of(seen->last_request, date);
		if (!answer(c, seen->requests, date))
			return;
	}
}

static _noreturn_ void
serve(int listener, SSL_CTX *tls, struct seen *seen, answer_function answer)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
	for (;;) {
		struct connection c = {.fd = accept(listener, NULL, NULL)};

		if (c.fd < 0)
			give_up("accept");
		if (tls != NULL) {
			c.ssl = SSL_new(tls);
			SSL_set_fd(c.ssl, c.fd);
		}
		serve_connection(&c, seen, answer);
		SSL_free(c.ssl);
		close(c.fd);
	}
}

static X509 *
self_signed(EVP_PKEY *key, const char *name)
{
	char alternative[128];
	X509 *x = X509_new();
	X509_NAME *subject = X509_get_subject_name(x);
	X509_EXTENSION *extension;

	snprintf(alternative, sizeof alternative, "DNS:%s", name);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, subject);
	extension = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alternative);
	X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
	X509_sign(x, key, EVP_sha256());
	return x;
}

static SSL_CTX *
make_tls(struct upstream_server *s, const char *name)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = self_signed(key, name);
	FILE *file;
	int fd;

	snprintf(s->ca_file, sizeof s->ca_file, "/tmp/rtalp-test-ca.XXXXXX");
	fd = mkstemp(s->ca_file);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL || PEM_write_X509(file, x) != 1 || fclose(file) != 0)
		give_up("certificate");
	SSL_CTX_use_certificate(ctx, x);
	SSL_CTX_use_PrivateKey(ctx, key);
	X509_free(x);
	EVP_PKEY_free(key);
	return ctx;
}

static int
listen_somewhere(int *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, len) < 0 || listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		give_up("listen");
	*ret_port = ntohs(address.sin_port);
	return fd;
}

void
server_start(struct upstream_server *s, const char *name, answer_function answer)
{
	SSL_CTX *tls;
	int listener;

	memset(s, 0, sizeof *s);
	s->tls = name != NULL;
	tls = s->tls ? make_tls(s, name) : NULL;
	s->seen = mmap(NULL, sizeof *s->seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->seen == MAP_FAILED)
		give_up("mmap");
	listener = listen_somewhere(&s->port);
	s->pid = fork();
	if (s->pid == 0)
		serve(listener, tls, s->seen, answer);
	close(listener);
	SSL_CTX_free(tls);
}

void
server_stop(struct upstream_server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	munmap(s->seen, sizeof *s->seen);
	if (s->tls)
		(void)unlink(s->ca_file);
}
