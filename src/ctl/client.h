/* SPDX-License-Identifier: Apache-2.0 */
/* client.h - one HTTP request after the other to one daemon, over its Unix socket or by a URL.
 *
 * No proxy, no redirect, no netrc: what is sent goes where the command line says and nowhere else. A token and a body with a key leave only
 * over the socket, https or loopback. Errors are -errno, with a sentence in client_fault():
 *   -ECONNREFUSED  the daemon cannot be reached      -ETIMEDOUT  no answer in time
 *   -EPERM         that must not go there            -EBADMSG    what came is no answer of ours, or longer than CLIENT_BODY_MAX
 *
 * Ownership: the caller frees the client and releases each answer. Threads: one.
 */
#ifndef RTALP_CTL_CLIENT_H
#define RTALP_CTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/str.h"

#define CLIENT_BODY_MAX  ((size_t)64 * 1024 * 1024)
#define CLIENT_ANSWER_MS 60000

struct client;
struct json_object;

struct client_options {
	const char *socket_path;    /* or */
	const char *url;
	const char *ca_file;        /* certificates to believe instead of the system's; NULL: none */
	const struct secret *token; /* NULL: none; copied, wiped when the client is freed */
};

struct answer {
	long status;
	struct buf body;
	struct buf next;            /* the path of the next page; empty: this is the last */
	int64_t retry_after_s;      /* 0: not said */
	struct json_object *json;   /* NULL until answer_json() */
};

struct request {
	const char *method;
	const char *path;
	const char *accept;         /* a media type; NULL: JSON */
	struct str body;            /* of JSON; empty: none */
	bool secret;                /* the body holds a key */
	int64_t timeout_ms;         /* 0: CLIENT_ANSWER_MS */
};

/* -EINVAL: a wrong URL; -EPERM: a token, which must not go there; -EBADMSG: a ca_file without https, or one that cannot be read. */
int client_new(const struct client_options *options, struct client **ret_client);
struct client *client_free(struct client *c); /* accepts NULL, returns NULL */
DEFINE_POINTER_CLEANUP(struct client, client_free, client_freep)

/* May a key be sent there? -EPERM if not; asked before anybody types one. */
int client_may_send_secret(struct client *c);
/* Any status is an answer. */
int client_ask(struct client *c, const struct request *request, struct answer *ret_answer);
const char *client_fault(const struct client *c);
/* Reads an answer as it comes, for at most timeout_ms: each piece of a 200 goes to on_piece, until that returns less than 0. Returns 0 when the
 * answer ended or on_piece ended it, -ENOENT for any other status, -errno as above. */
int client_watch(struct client *c, const char *path, int64_t timeout_ms, int (*on_piece)(struct str piece, void *arg), void *arg);

/* The body as JSON, borrowed from the answer; NULL if it is not. */
struct json_object *answer_json(struct answer *a);
void answer_release(struct answer *a);

#endif
