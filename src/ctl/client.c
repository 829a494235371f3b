/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/client.h"

#include <curl/curl.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc.h"
#include "ctl/url.h"

#define CONNECT_MS 5000L
#define NEXT_MAX   8192
#define JSON_DEPTH 32

struct client {
	CURL *curl;
	struct curl_slist *headers; /* of every request; may hold the token */
	struct buf base;
	enum url_privacy privacy;
	const char *place;          /* for people: the socket's path or the URL */
	char fault[512];
};

/* --- life --------------------------------------------------------------------------------------------------------------------- */

static struct curl_slist *
free_headers(struct curl_slist *list)
{
	for (struct curl_slist *l = list; l != NULL; l = l->next)
		secret_wipe(l->data, strlen(l->data));
	curl_slist_free_all(list);
	return NULL;
}

struct client *
client_free(struct client *c)
{
	if (c == NULL)
		return NULL;
	free_headers(c->headers);
	curl_easy_cleanup(c->curl);
	buf_release(&c->base);
	free(c);
	return NULL;
}

static int
add_header(struct client *c, const char *header)
{
	struct curl_slist *longer = curl_slist_append(c->headers, header);

	if (longer == NULL)
		return -ENOMEM;
	c->headers = longer;
	return 0;
}

static int
add_token(struct client *c, const struct secret *token)
{
	char header[SECRET_MAX + 32];
	int r;

	/* Exposed: it goes into the one header it is meant for. */
	snprintf(header, sizeof header, "Authorization: Bearer %s", secret_expose(token).p);
	r = add_header(c, header);
	secret_wipe(header, sizeof header);
	return r;
}

static int
set_place(struct client *c, const struct client_options *options)
{
	c->privacy = URL_PRIVATE;
	c->place = options->url != NULL ? options->url : options->socket_path;
	if (options->url != NULL)
		return url_check(options->url, &c->base, &c->privacy);
	buf_addz(&c->base, "http://localhost");
	return curl_easy_setopt(c->curl, CURLOPT_UNIX_SOCKET_PATH, options->socket_path) == CURLE_OK ? 0 : -EINVAL;
}

/* Looked at here, because libcurl tells of it as if the daemon were at fault. */
static int
set_trust(struct client *c, const char *ca_file)
{
	if (ca_file == NULL)
		return 0;
	if (c->base.len < 6 || strncmp(c->base.p, "https:", 6) != 0 || access(ca_file, R_OK) < 0)
		return -EBADMSG;
	return curl_easy_setopt(c->curl, CURLOPT_CAINFO, ca_file) == CURLE_OK && curl_easy_setopt(c->curl, CURLOPT_CAPATH, NULL) == CURLE_OK ? 0 : -ENOMEM;
}

static size_t
on_body(char *data, size_t size, size_t count, void *answer)
{
	return buf_add(&((struct answer *)answer)->body, data, size * count) < 0 ? 0 : size * count;
}

static void
set_curl(struct client *c)
{
	curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(c->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)CLIENT_BODY_MAX);
	curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "rtalpctl/" PACKAGE_VERSION);
}

int
client_new(const struct client_options *options, struct client **ret_client)
{
	_cleanup_(client_freep) struct client *c = xcalloc(1, sizeof *c);
	int r;

	c->base = BUF_INIT(NEXT_MAX);
	c->curl = curl_easy_init();
	if (c->curl == NULL)
		return -ENOMEM;
	set_curl(c);
	r = set_place(c, options);
	if (r == 0)
		r = set_trust(c, options->ca_file);
	if (r == 0)
		r = add_header(c, "Content-Type: application/json");
	if (r == 0)
		r = add_header(c, "Expect:"); /* no round trip before a body of a few hundred bytes */
	if (r == 0 && options->token != NULL)
		r = c->privacy == URL_PRIVATE ? add_token(c, options->token) : -EPERM;
	if (r < 0)
		return r;
	*ret_client = TAKE_PTR(c);
	return 0;
}

/* --- asking ------------------------------------------------------------------------------------------------------------------- */

static int
fail(struct client *c, CURLcode code, const char *said)
{
	const char *why = said[0] != '\0' ? said : curl_easy_strerror(code);
	long os_errno = 0;

	if (code == CURLE_OPERATION_TIMEDOUT) {
		snprintf(c->fault, sizeof c->fault, "no answer in time from %s: %s", c->place, why);
		return -ETIMEDOUT;
	}
	if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED) {
		snprintf(c->fault, sizeof c->fault, "the answer is longer than %zu bytes", CLIENT_BODY_MAX);
		return -EBADMSG;
	}
	if (code == CURLE_COULDNT_CONNECT && curl_easy_getinfo(c->curl, CURLINFO_OS_ERRNO, &os_errno) == CURLE_OK && os_errno != 0)
		why = strerror((int)os_errno);
	snprintf(c->fault, sizeof c->fault, "cannot reach the daemon at %s: %s", c->place, why);
	return -ECONNREFUSED;
}

static const char *
header_of(struct client *c, const char *name)
{
	struct curl_header *h;

	return curl_easy_header(c->curl, name, 0, CURLH_HEADER, -1, &h) == CURLHE_OK ? h->value : NULL;
}

static int
take_headers(struct client *c, struct answer *a)
{
	const char *link = header_of(c, "Link"), *after = header_of(c, "Retry-After");
	int r = link != NULL ? url_next(link, &a->next) : -ENOENT;

	if (after != NULL)
		(void)str_to_i64(str_of(after), 0, 1000000000, &a->retry_after_s);
	if (r == 0 || r == -ENOENT)
		return 0;
	snprintf(c->fault, sizeof c->fault, "the next page is not on this host");
	return -EBADMSG;
}

/* The headers of every request with those of this one before them: whoever frees what is in front leaves the rest alone. */
static struct curl_slist *
headers_of(struct client *c, const struct request *request, struct curl_slist *own, char *text, size_t size)
{
	if (request->accept == NULL)
		return c->headers;
	snprintf(text, size, "Accept: %s", request->accept);
	*own = (struct curl_slist){.data = text, .next = c->headers};
	return own;
}

static void
set_request(struct client *c, const struct request *request, struct curl_slist *headers, struct answer *a)
{
	bool has_body = request->body.len > 0 || strcmp(request->method, "POST") == 0;

	curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
	if (has_body) {
		curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, (long)request->body.len);
		curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, request->body.len > 0 ? request->body.p : "");
	}
	curl_easy_setopt(c->curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, request->timeout_ms > 0 ? (long)request->timeout_ms : (long)CLIENT_ANSWER_MS);
}

static CURLcode
perform(struct client *c, const char *path, char said[CURL_ERROR_SIZE])
{
	_cleanup_(buf_release) struct buf url = BUF_INIT(2 * NEXT_MAX);
	CURLcode code;

	said[0] = '\0';
	buf_add_str(&url, buf_str(&c->base));
	if (buf_addz(&url, path) < 0)
		return CURLE_URL_MALFORMAT;
	curl_easy_setopt(c->curl, CURLOPT_URL, url.p);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, said);
	code = curl_easy_perform(c->curl);
	curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, NULL);
	return code;
}

int
client_may_send_secret(struct client *c)
{
	if (c->privacy == URL_PRIVATE)
		return 0;
	snprintf(c->fault, sizeof c->fault, "a key does not go to %s: only over the Unix socket, https or loopback", c->place);
	return -EPERM;
}

int
client_ask(struct client *c, const struct request *request, struct answer *ret_answer)
{
	_cleanup_(answer_release) struct answer a = {.body = BUF_INIT(CLIENT_BODY_MAX), .next = BUF_INIT(NEXT_MAX)};
	char said[CURL_ERROR_SIZE], accept[128];
	struct curl_slist own;
	CURLcode code;
	int r;

	if (request->secret && client_may_send_secret(c) < 0)
		return -EPERM;
	set_request(c, request, headers_of(c, request, &own, accept, sizeof accept), &a);
	code = perform(c, request->path, said);
	curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
	if (code != CURLE_OK)
		return fail(c, code, said);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &a.status);
	r = take_headers(c, &a);
	if (r < 0)
		return r;
	*ret_answer = a;
	a = (struct answer){0};
	return 0;
}

struct watch {
	CURL *curl;
	int (*on_piece)(struct str piece, void *arg);
	void *arg;
	bool ended; /* by on_piece */
};

static size_t
on_watched(char *data, size_t size, size_t count, void *watch)
{
	struct watch *w = watch;
	long status = 0;

	curl_easy_getinfo(w->curl, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 || w->on_piece((struct str){data, size * count}, w->arg) >= 0)
		return size * count;
	w->ended = true;
	return 0;
}

int
client_watch(struct client *c, const char *path, int64_t timeout_ms, int (*on_piece)(struct str piece, void *arg), void *arg)
{
	struct watch w = {.curl = c->curl, .on_piece = on_piece, .arg = arg};
	char said[CURL_ERROR_SIZE];
	long status = 0;
	CURLcode code;

	set_request(c, &(struct request){.method = "GET"}, c->headers, NULL);
	curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, on_watched);
	curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &w);
	curl_easy_setopt(c->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
	code = perform(c, path, said);
	if (w.ended)
		return 0;
	if (code != CURLE_OK)
		return fail(c, code, said);
	curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	return status == 200 ? 0 : -ENOENT;
}

const char *
client_fault(const struct client *c)
{
	return c->fault;
}

/* --- answers ------------------------------------------------------------------------------------------------------------------ */

struct json_object *
answer_json(struct answer *a)
{
	struct json_tokener *tokener;

	if (a->json != NULL || a->body.len == 0)
		return a->json;
	tokener = json_tokener_new_ex(JSON_DEPTH);
	if (tokener == NULL)
		return NULL;
	a->json = json_tokener_parse_ex(tokener, a->body.p, (int)a->body.len);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(a->json);
		a->json = NULL;
	}
	json_tokener_free(tokener);
	return a->json;
}

void
answer_release(struct answer *a)
{
	if (a->json != NULL)
		json_object_put(a->json);
	a->json = NULL;
	buf_release(&a->body);
	buf_release(&a->next);
}
