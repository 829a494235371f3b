/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h - an answer without an end: server-sent events to one watcher.
 *
 *     served -> streaming -> ending -> closed
 *
 * A stream has no deadline of its own: it lives as long as its client takes what it is sent. What a client does not take is kept up to
 * STREAM_BACKLOG bytes; then its watch waits, and when it took nothing for the time that options.watcher_stall_ms says, the connection is
 * closed and counted. When all of them together hold more than STREAM_BACKLOG_SUM, each gets little. No stream waits for another.
 *
 * Streams take no seats of max_connections: they have a number of their own (options.max_watchers), of which the tokens of one user may have
 * STREAMS_OF_USER_MAX. Each ends with its connection.
 *
 * Ownership: a stream belongs to its connection. Threads: the loop's.
 */
#ifndef RTALP_HTTP_STREAM_H
#define RTALP_HTTP_STREAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "app/hub.h"
#include "base/buf.h"
#include "http/caller.h"

struct conn;
struct event;
struct http_request;
struct http_server;
struct stream;

#define STREAM_BACKLOG     ((size_t)64 * 1024)
#define STREAM_BACKLOG_SUM ((size_t)16 * 1024 * 1024)
#define STREAM_RETRY_MS    3000 /* what clients are asked to wait before they come back */
#define STREAMS_OF_USER_MAX 100

TAILQ_HEAD(stream_list, stream);

struct streams {
	struct stream_list all;     /* in the order in which their heartbeats are due */
	struct stream_list blocked; /* those that have no room */
	unsigned count;
	uint64_t dropped;           /* that did not read */
	size_t backlog;             /* bytes not taken yet, of all */
	struct event *tick;
	struct event *step;         /* the hub has something for who is behind */
	/* The last event as one chunk: it is the same for everybody. */
	struct buf text;
	size_t text_begins; /* behind the chunk's length */
	int64_t text_id;
};

int streams_init(struct http_server *server); /* -ENOMEM */
void streams_release(struct http_server *server); /* when the connections are closed; accepts a zeroed one */
void streams_drain(struct http_server *server);
/* A token is worth nothing any more: its streams end, as if the server had gone. */
void server_end_streams(struct http_server *server, int64_t token_id);

/* Answers 200 and turns the connection into a stream; the request is gone afterwards. NULL: there are too many, or nobody is there any
 * more, or the method is HEAD; the request was answered then. of_job: it ends when its job does. */
struct stream *stream_open(struct http_request *r, bool of_job);
/* Bytes of an event stream. */
void stream_add(struct stream *s, struct str text);
/* Everything behind that event; to be called once. */
void stream_watch(struct stream *s, const struct event_filter *filter, int64_t after_id);
/* Ends it when what it was given is sent. Not at once: the loop does it. */
void stream_finish(struct stream *s);

/* --- what its connection tells --- */

void stream_moved(struct stream *s, size_t added, size_t taken); /* bytes of the output */
void stream_turn(struct stream *s);                              /* it asked for its timer; may close the connection */
void stream_gone(struct stream *s);                              /* frees it */

/* --- res_events.c --- */

void render_event(struct buf *b, const struct event_row *e, bool snapshot);
void render_reset(struct buf *b, int64_t newest);

#endif
