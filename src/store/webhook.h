/* SPDX-License-Identifier: Apache-2.0 */
/* webhook.h - who asked to be told of facts by HTTP, and every message to them with what became of it, inside a transaction.
 *
 * Invariants:
 *   - secrets are here sealed only, to the keeper (base/box.h), for that webhook
 *   - a message keeps its id and its text over all attempts; a number is never given twice
 *   - a webhook that is disabled gets no new messages; what is pending stays until it is enabled again, or deleted
 *
 * Ownership: _release() accepts zeroed ones. Threads: the store's.
 */
#ifndef RTALP_STORE_WEBHOOK_H
#define RTALP_STORE_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/box.h"
#include "store/notice.h"
#include "store/store.h"

#define WEBHOOKS_MAX                  50
#define WEBHOOK_URL_BYTES_MAX         2000
#define WEBHOOK_DESCRIPTION_CHARS_MAX 100
#define WEBHOOK_SEALED_MAX            160 /* a box with its numbers, as it is stored */
#define WEBHOOK_CODE_MAX              40
#define WEBHOOK_ATTEMPTS_KEPT         50 /* of one message, the newest */

struct webhook_row {
	int64_t webhook_id;
	char *url;
	char *description;
	uint32_t types;            /* bits 1 << enum notice_type */
	struct box secret;         /* none: what is stored is no box; it was taken out of a backup */
	struct box old_secret;
	int64_t old_until_ms;      /* 0: none signs besides */
	int64_t disabled_ms;       /* 0: it is enabled */
	char disabled_code[WEBHOOK_CODE_MAX];
	int64_t created_ms, updated_ms;
};
void webhook_row_release(struct webhook_row *webhook);

struct webhook_list {
	struct webhook_row *rows;
	size_t count;
};
void webhook_list_release(struct webhook_list *list);

/* One that nobody had. -EDQUOT: there are WEBHOOKS_MAX. */
int txn_webhook_number(struct txn *txn, int64_t *ret_webhook_id);
/* Under such a number. url, description, types, secret, created_ms count. */
int txn_webhook_insert(struct txn *txn, struct webhook_row *webhook);
int txn_webhook_get(struct txn *txn, int64_t webhook_id, struct webhook_row *ret_webhook); /* -ENOENT */
int txn_webhook_list(struct txn *txn, struct webhook_list *ret_list);
/* url, description, types, updated_ms. */
int txn_webhook_update(struct txn *txn, const struct webhook_row *webhook);
/* The secret there is goes on signing until then. */
int txn_webhook_rotate(struct txn *txn, int64_t webhook_id, const struct box *secret, int64_t old_until_ms, int64_t now_ms);
/* The same secret, or that before, in another box; in the place of `old` only. -ENOENT. */
int txn_webhook_reseal(struct txn *txn, int64_t webhook_id, const struct box *old, const struct box *fresh);
/* With a code: disabled; NULL: enabled. */
int txn_webhook_switch(struct txn *txn, int64_t webhook_id, const char *code, int64_t now_ms);
/* With every message to it. -ENOENT. */
int txn_webhook_delete(struct txn *txn, int64_t webhook_id);

/* The numbers are stored. */
enum delivery_state { DELIVERY_PENDING = 1, DELIVERY_DELIVERED, DELIVERY_FAILED };

struct attempt_row {
	int64_t at_ms, took_ms;
	int32_t status;               /* of the answer; 0: there was none */
	char code[WEBHOOK_CODE_MAX];  /* why it did not get there; "": it did */
	char detail[200];
};

#define MESSAGE_ID_MAX 37

struct delivery_row {
	int64_t delivery_id, webhook_id;
	char message_id[MESSAGE_ID_MAX];
	enum notice_type type;
	char *body;
	enum delivery_state state;
	int32_t attempts;             /* of the schedule it is in */
	int64_t next_ms;              /* of a pending one */
	int64_t created_ms, finished_ms;
	struct attempt_row *log;      /* oldest first; where it was asked for */
	size_t log_count;
};
void delivery_row_release(struct delivery_row *delivery);

struct delivery_list {
	struct delivery_row *rows;
	size_t count;
};
void delivery_list_release(struct delivery_list *list);

int txn_delivery_get(struct txn *txn, int64_t delivery_id, struct delivery_row *ret_delivery); /* with its log; -ENOENT */
/* Newest first, those below `below_id` (0: all), with their logs. */
int txn_delivery_list(struct txn *txn, int64_t webhook_id, int64_t below_id, int64_t limit, struct delivery_list *ret_list);
/* Adds to the list what is due to that webhook, without logs; what is due longest first. */
int txn_delivery_due(struct txn *txn, int64_t webhook_id, int64_t now_ms, int64_t limit, struct delivery_list *list);
/* When the next one after now_ms will be; INT64_MAX: none is pending. */
int txn_delivery_next(struct txn *txn, int64_t webhook_id, int64_t now_ms, int64_t *ret_next_ms);
/* state, attempts, next_ms, finished_ms. One that is pending counts as a notice. */
int txn_delivery_move(struct txn *txn, const struct delivery_row *delivery);
/* The clock was set back by so much: what waits for an instant after now_ms waits no longer than it was to. */
int txn_delivery_shift_due(struct txn *txn, int64_t webhook_id, int64_t now_ms, int64_t by_ms);
int txn_attempt_add(struct txn *txn, int64_t delivery_id, const struct attempt_row *attempt);
/* Those that were over before that, `limit` at most; how many. */
int txn_delivery_prune(struct txn *txn, int64_t before_ms, int64_t limit);

#endif
