/* SPDX-License-Identifier: Apache-2.0 */
/* audit.h - every verb that changes an entry or a posting for somebody leaves a row (store/audit.h), in its own transaction.
 *
 * A verb looks at the entry before it changes it (entry_see), and says at its end what became of it: what a reader sees otherwise than before
 * is what is kept. What the machine does by itself leaves none: jobs have their history, postings theirs.
 *
 * Ownership: entry_seen_release() accepts a zeroed one. Threads: the store's; the verbs are the loop's.
 */
#ifndef RTALP_APP_AUDIT_H
#define RTALP_APP_AUDIT_H

#include "app/app.h"
#include "store/audit.h"

/* What a reader sees of an entry. */
struct entry_seen {
	bool known;              /* false: there was no such entry */
	enum entry_status status;
	int64_t seconds, units_tenths;
	char *application, *description, *matter, *notes; /* NULL: none */
};
struct entry_seen entry_see(const struct entry_row *entry);
void entry_seen_release(struct entry_seen *seen);

/* before: as it was seen, not `known` for one that was made by this. If nothing differs nothing is written, but that somebody who runs the machine
 * looked at it. */
int txn_audit_entry(struct txn *txn, int64_t now_ms, const struct actor *actor, enum audit_action action, const struct entry_seen *before,
    const struct entry_row *after);

/* About a posting: before, after are JSON objects or NULL. */
int txn_audit_posting(struct txn *txn, int64_t now_ms, const struct actor *actor, enum audit_action action, int64_t alp_user_id, int64_t entry_id,
    int64_t posting_id, const char *before, const char *after);

struct audit_query {
	struct audit_filter filter;
	/* out */
	struct audit_list list;
};
void app_audit_query(struct app *app, struct audit_query *v, app_done_fn done, void *arg);
void audit_query_release(struct audit_query *v);

/* Somebody who runs the machine is about to look at entries: committed before `done`, so that nobody is shown anything that is not written down. */
struct audit_look {
	struct actor actor;
	int64_t alp_user_id, entry_id, posting_id; /* 0: none in particular */
	const char *route; /* by which */
	const char *query; /* and asking what; NULL: nothing */
};
void app_audit_look(struct app *app, struct audit_look *v, app_done_fn done, void *arg);

#endif
