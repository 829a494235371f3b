/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/bufferevent_ssl.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "alloc.h"
#include "alp.h"
#include "analytic.h"
#include "control.h"
#include "exchange.h"

#define BACKLOG 4096
#define HEADERS_MAX (64 * 1024)
#define BODY_MAX (64 * 1024 * 1024)
#define IDLE_SECONDS 600

#define LOGIN_PAGE "<!DOCTYPE html>\n<html>\n<head><title>Log in</title></head>\n<body><form>Log in</form></body>\n</html>\n"
#define HTML_TYPE "text/html; charset=utf-8"

struct server {
	struct sandbox *sb;
	struct evhttp *http;
	SSL_CTX *tls;
	uint16_t port;
};

static void
answer(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(req);
	const char *path = uri && evhttp_uri_get_path(uri) ? evhttp_uri_get_path(uri) : "";
	enum evhttp_cmd_type method = evhttp_request_get_command(req);
	struct exchange *x = exchange_new(s->sb, req);

	if (strcmp(path, "/anapi/data") == 0 || strcmp(path, "/anapi/data/") == 0) {
		if (method == EVHTTP_REQ_GET || method == EVHTTP_REQ_POST)
			analytic_answer(x);
		else
			exchange_send_text(x, 405, HTML_TYPE, "");
	} else if (strncmp(path, CONTROL_PREFIX, strlen(CONTROL_PREFIX)) == 0) {
		control_answer(x, path + strlen(CONTROL_PREFIX));
	} else if (strncmp(path, ALP_PREFIX, strlen(ALP_PREFIX)) == 0) {
		alp_answer(x, path + strlen(ALP_PREFIX));
	} else if (strcmp(path, "/login") == 0) {
		s->sb->stats.logins++;
		exchange_send_text(x, 200, HTML_TYPE, LOGIN_PAGE);
	} else {
		exchange_send_text(x, 404, HTML_TYPE, "<!DOCTYPE html>\n<title>The page was not found</title>\n");
	}
}

static void
handshake_done(const SSL *ssl, int where, int ret)
{
	struct server *s = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	(void)ret;
	if (where & SSL_CB_HANDSHAKE_DONE)
		s->sb->stats.tls_handshakes++;
}

static struct bufferevent *
new_connection(struct event_base *base, void *arg)
{
	struct server *s = arg;
	struct bufferevent *bev;
	SSL *ssl;

	s->sb->stats.connections++;
	if (!s->tls)
		return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	ssl = SSL_new(s->tls);
	if (!ssl)
		return NULL;
	bev = bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		SSL_free(ssl);
		return NULL;
	}
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

static int
start_tls(struct server *s, const char *cert, const char *key)
{
	s->tls = SSL_CTX_new(TLS_server_method());
	if (!s->tls)
		return -ENOMEM;
	SSL_CTX_set_min_proto_version(s->tls, TLS1_2_VERSION);
	SSL_CTX_set_session_cache_mode(s->tls, SSL_SESS_CACHE_OFF);
	/* Nobody here comes back with a ticket, and each costs a record. */
	SSL_CTX_set_num_tickets(s->tls, 0);
	SSL_CTX_set_app_data(s->tls, s);
	SSL_CTX_set_info_callback(s->tls, handshake_done);
	if (SSL_CTX_use_certificate_chain_file(s->tls, cert) != 1 ||
	    SSL_CTX_use_PrivateKey_file(s->tls, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(s->tls) != 1) {
		ERR_clear_error();
		return -EBADMSG;
	}
	return 0;
}

static int
loopback(const char *address, uint16_t port, struct sockaddr_storage *ret, socklen_t *ret_len)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	memset(ret, 0, sizeof(*ret));
	if (strcmp(address, "localhost") == 0)
		address = "127.0.0.1";
	if (inet_pton(AF_INET, address, &in.sin_addr) == 1 && ntohl(in.sin_addr.s_addr) >> 24 == 127) {
		memcpy(ret, &in, sizeof(in));
		*ret_len = sizeof(in);
		return 0;
	}
	if (inet_pton(AF_INET6, address, &in6.sin6_addr) == 1 && IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr)) {
		memcpy(ret, &in6, sizeof(in6));
		*ret_len = sizeof(in6);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

static int
open_socket(const char *address, uint16_t port, uint16_t *ret_port)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int fd, r, on = 1;
	in_port_t bound;

	r = loopback(address, port, &addr, &len);
	if (r < 0)
		return r;
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	/* Accepted sockets inherit it; with Nagle's algorithm an answer of several writes waits 40 ms for an acknowledgement. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) < 0) {
		r = -errno;
		close(fd);
		return r;
	}
	/* Both families keep the port in the same place, after the family. */
	memcpy(&bound, (const char *)&addr + offsetof(struct sockaddr_in, sin_port), sizeof(bound));
	*ret_port = ntohs(bound);
	return fd;
}

static int
start_http(struct server *s, int fd)
{
	struct evconnlistener *listener;

	listener = evconnlistener_new(s->sb->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
	if (!listener) {
		close(fd);
		return -ENOMEM;
	}
	s->http = evhttp_new(s->sb->base);
	if (!s->http || !evhttp_bind_listener(s->http, listener)) {
		evconnlistener_free(listener);
		return -ENOMEM;
	}
	evhttp_set_bevcb(s->http, new_connection, s);
	evhttp_set_gencb(s->http, answer, s);
	evhttp_set_timeout(s->http, IDLE_SECONDS);
	evhttp_set_max_headers_size(s->http, HEADERS_MAX);
	evhttp_set_max_body_size(s->http, BODY_MAX);
	evhttp_set_allowed_methods(s->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE);
	return 0;
}

int
server_new(struct sandbox *sb, const char *address, uint16_t port, const char *cert, const char *key, struct server **ret)
{
	struct server *s = xcalloc(1, sizeof(*s));
	int r = 0, fd;

	s->sb = sb;
	if (cert)
		r = start_tls(s, cert, key);
	if (r == 0) {
		fd = open_socket(address, port, &s->port);
		r = fd < 0 ? fd : start_http(s, fd);
	}
	if (r < 0) {
		server_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void
server_free(struct server *s)
{
	if (!s)
		return;
	if (s->http)
		evhttp_free(s->http);
	SSL_CTX_free(s->tls);
	free(s);
}

uint16_t
server_port(const struct server *s)
{
	return s->port;
}
