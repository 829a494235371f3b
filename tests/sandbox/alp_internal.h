/* SPDX-License-Identifier: Apache-2.0 */
/* alp_internal.h - shared by alp.c (who asks, and posts), alp_read.c (lists) and alp_control.c (tests). */
#ifndef SANDBOX_ALP_INTERNAL_H
#define SANDBOX_ALP_INTERNAL_H

#include "alp.h"
#include "alp_book.h"
#include "alp_config.h"
#include "alp_lists.h"
#include "alp_log.h"
#include "faults.h"
#include "params.h"

struct alp {
	struct alp_config config;
	struct alp_lists *lists;
	struct alp_book *book;
	struct alp_log *log;
	uint64_t seed;
	uint32_t users;
};

/* One request to ALP. */
struct ask {
	struct exchange *x;
	struct sandbox *sb;
	struct alp *alp;
	const char *path;
	struct params params; /* of the query */
	struct hits hits;
	int64_t entry;        /* that it made or found */
	bool made;
};

/* Puts a JSON document into the reply; the buffer is empty afterwards. */
void alp_reply_json(struct ask *a, int status, struct buf *body);

/* {"error": why} */
void alp_reply_error(struct ask *a, int status, const char *why);

/* If a fault says what a request is answered with, the answer is that, and true. */
bool alp_reply_by_fault(struct ask *a);

/* A GET of anything. */
void alp_read(struct ask *a);

/* For whoever changed how many matters there are, or what their ids are called. */
void alp_rebuild(struct alp *alp);

/* The time entry was made, and is listed, by now. */
bool alp_held_exists(const struct alp_held *held);
bool alp_held_listed(const struct alp_held *held);

#endif
