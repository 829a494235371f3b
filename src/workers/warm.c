/* SPDX-License-Identifier: Apache-2.0 */
#include "workers/warm.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <json-c/json.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/secret.h"
#include "rules/privacy.h"
#include "workers/roots.h"
#include "workers/tls_rehearsal.h"

static bool
is_address(const char *host)
{
	struct in6_addr ignored;

	return inet_pton(AF_INET, host, &ignored) == 1 || inet_pton(AF_INET6, host, &ignored) == 1;
}

static char *
url_part(CURLU *url, CURLUPart part)
{
	char *curls = NULL, *ours;

	if (curl_url_get(url, part, &curls, CURLU_DEFAULT_PORT) != CURLUE_OK)
		return NULL;
	ours = xstrdup(curls);
	curl_free(curls);
	return ours;
}

static char *
host_part(CURLU *url)
{
	char *host = url_part(url, CURLUPART_HOST);
	size_t len = host != NULL ? strlen(host) : 0;

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
	return host;
}

static int
take_apart(CURLU *url, struct upstream_address *ret_upstream)
{
	_cleanup_free_ char *scheme = url_part(url, CURLUPART_SCHEME), *port = url_part(url, CURLUPART_PORT);
	_cleanup_free_ char *user = url_part(url, CURLUPART_USER), *host = host_part(url);
	int64_t number;

	if (scheme == NULL || port == NULL || host == NULL || user != NULL)
		return -EINVAL;
	if (str_to_i64(str_of(port), 1, UINT16_MAX, &number) < 0)
		return -EINVAL;
	if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
		return -EINVAL;
	ret_upstream->tls = strcmp(scheme, "https") == 0;
	ret_upstream->port = (uint16_t)number;
	ret_upstream->numeric = is_address(host);
	ret_upstream->host = TAKE_PTR(host);
	return 0;
}

static int
upstream_address_parse(struct str text, struct upstream_address *ret_upstream)
{
	_cleanup_free_ char *copy = xstrndup(text.p != NULL ? text.p : "", text.len);
	CURLU *url = curl_url();
	int r = -EINVAL;

	if (url == NULL)
		return -ENOMEM;
	if (strlen(copy) == text.len && strchr(copy, '#') == NULL &&
	    curl_url_set(url, CURLUPART_URL, copy, 0) == CURLUE_OK)
		r = take_apart(url, ret_upstream);
	curl_url_cleanup(url);
	if (r == 0)
		ret_upstream->url = TAKE_PTR(copy);
	return r;
}

static int
compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 64);
}

/* What libraries would otherwise look up at their first use, inside the sandbox or once in every worker. */
static int
warm_libraries(void)
{
	unsigned char bytes[64 * 64] = {0};

	/* A worker lives for milliseconds and gives everything back by ending: it asks the kernel for memory in few large steps. */
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_MMAP_THRESHOLD, 8 << 20);
	tzset();
	hash_setup();
	if (secret_setup() < 0 || curl_global_init(CURL_GLOBAL_ALL) != CURLE_OK)
		return -EIO;
	if (RAND_bytes(bytes, sizeof bytes) != 1)
		return -EIO;
	qsort(bytes, 64, 64, compare_bytes);		      /* asks for the size of memory */
	json_object_put(json_tokener_parse("{\"a\":[1.5]}")); /* draws the seed of its hash tables */
	return 0;
}

static int
warm_roots(struct str ca_file, struct warm *w)
{
	_cleanup_free_ char *path = ca_file.len > 0 ? xstrndup(ca_file.p, ca_file.len) : NULL;

	return w->upstream.tls ? roots_load(path, &w->roots, &w->root_count) : 0;
}

/* Parsing them is most of a start: the same file is read once. */
static int
warm_deliver_roots(struct str ca_file, struct str upstream_ca_file, struct warm *w)
{
	_cleanup_free_ char *path = ca_file.len > 0 ? xstrndup(ca_file.p, ca_file.len) : NULL;
	uint32_t count;
	int r;

	if (w->roots != NULL && str_eq(ca_file, upstream_ca_file)) {
		w->deliver_roots = w->roots;
		return 0;
	}
	r = roots_load(path, &w->deliver_roots, &count);
	/* A system without a bundle has no webhooks over TLS, and the rest of the service. */
	return r == -ENOENT && path == NULL ? 0 : r;
}

static int
warm_confinement(uint64_t memory_max_bytes, struct warm *w)
{
	int r = confine_prepare(ROLE_FETCH, memory_max_bytes, &w->fetch);

	if (r == 0)
		r = confine_prepare(ROLE_PROCESS, memory_max_bytes, &w->process);
	return r < 0 ? r : confine_prepare(ROLE_DELIVER, memory_max_bytes, &w->deliver);
}

/* The master has read the text, too: it knows of every fault and told of it. */
static int
warm_rules(const struct warm_order *order, struct warm *w)
{
	_cleanup_(rule_faults_release) struct rule_faults faults = {0};

	int r = rules_text_compile(order->rules_fd, order->init->rules_name, &faults, &w->ruled);

	return r < 0 ? r : privacy_new(w->ruled.set, &w->privacy);
}

int
warm_up(const struct warm_order *order, struct warm *w, const char **ret_what)
{
	const struct msg_spawner_init *init = order->init;
	int r;

	*w = (struct warm){
		.spawner = getpid(),
		.user_agent = xstrndup(init->user_agent.p != NULL ? init->user_agent.p : "", init->user_agent.len),
		.body_max_bytes = (size_t)init->body_max_bytes,
		.connect_timeout_ms = init->connect_timeout_ms,
		.answer_timeout_ms = init->answer_timeout_ms,
	};
	*ret_what = "start the libraries";
	r = warm_libraries();
	if (r < 0)
		return r;
	*ret_what = "use the upstream's address";
	r = upstream_address_parse(init->upstream_url, &w->upstream);
	if (r < 0)
		return r;
	*ret_what = "read the trusted certificates";
	r = warm_roots(init->ca_file, w);
	if (r < 0)
		return r;
	*ret_what = "read the certificates that webhooks trust";
	r = init->delivers != 0 ? warm_deliver_roots(init->deliver_ca_file, init->ca_file, w) : 0;
	if (r < 0)
		return r;
	*ret_what = "rehearse a TLS handshake";
	r = w->upstream.tls || w->deliver_roots != NULL ? tls_rehearse() : 0;
	if (r < 0)
		return r;
	*ret_what = "compile the cleaning rules";
	r = warm_rules(order, w);
	if (r < 0)
		return r;
	*ret_what = "prepare the workers' confinement";
	return warm_confinement(init->memory_max_bytes, w);
}
