/* SPDX-License-Identifier: Apache-2.0 */
#include "app/audit.h"

#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "app/settle.h"
#include "base/alloc.h"
#include "base/json.h"

static char *
copy_of(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

struct entry_seen
entry_see(const struct entry_row *entry)
{
	return (struct entry_seen){
	    .known = true,
	    .status = entry->status,
	    .seconds = entry->total_seconds,
	    .units_tenths = entry_units_tenths(entry),
	    .application = copy_of(entry_application(entry)),
	    .description = copy_of(entry_description(entry)),
	    .matter = copy_of(entry_matter(entry)),
	    .notes = copy_of(entry->notes),
	};
}

void
entry_seen_release(struct entry_seen *seen)
{
	free(seen->application);
	free(seen->description);
	free(seen->matter);
	free(seen->notes);
	*seen = (struct entry_seen){0};
}

/* --- what differs -------------------------------------------------------------------------------------------------------- */

struct difference {
	struct json before, after;
	bool any;
};

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
add_text(struct difference *d, const char *name, const char *before, const char *after)
{
	if (same_text(before, after))
		return;
	json_text(&d->before, name, before);
	json_text(&d->after, name, after);
	d->any = true;
}

static void
add_number(struct difference *d, void (*put)(struct json *, const char *, int64_t), const char *name, int64_t before, int64_t after)
{
	if (before == after)
		return;
	put(&d->before, name, before);
	put(&d->after, name, after);
	d->any = true;
}

static void
compare(struct difference *d, const struct entry_seen *before, const struct entry_seen *after)
{
	json_open(&d->before, NULL, '{');
	json_open(&d->after, NULL, '{');
	if (before->status != after->status)
		add_text(d, "status", before->known ? entry_status_name(before->status) : NULL, entry_status_name(after->status));
	add_text(d, "application", before->application, after->application);
	add_text(d, "task_description", before->description, after->description);
	add_number(d, json_int, "total_seconds", before->seconds, after->seconds);
	add_number(d, json_tenths, "time_units", before->units_tenths, after->units_tenths);
	add_text(d, "matter_code", before->matter, after->matter);
	add_text(d, "notes", before->notes, after->notes);
	json_close(&d->before, '}');
	json_close(&d->after, '}');
}

int
txn_audit_entry(struct txn *txn, int64_t now_ms, const struct actor *actor, enum audit_action action, const struct entry_seen *before,
    const struct entry_row *entry)
{
	struct difference d = {.before = JSON_INIT, .after = JSON_INIT};
	_cleanup_(entry_seen_release) struct entry_seen after = entry_see(entry);
	int r = 0;

	compare(&d, before, &after);
	if (!d.any)
		action = AUDIT_READ;
	if (d.any || actor->kind == ACTOR_SOCKET)
		r = txn_audit(txn, &(struct audit_row){
		    .at_ms = now_ms, .actor = *actor, .action = action, .alp_user_id = entry->alp_user_id, .entry_id = entry->entry_id,
		    .before = d.any && before->known ? d.before.b.p : NULL, .after = d.any ? d.after.b.p : NULL,
		});
	buf_release(&d.before.b);
	buf_release(&d.after.b);
	return r;
}

int
txn_audit_posting(struct txn *txn, int64_t now_ms, const struct actor *actor, enum audit_action action, int64_t alp_user_id, int64_t entry_id,
    int64_t posting_id, const char *before, const char *after)
{
	_cleanup_free_ char *before_copy = copy_of(before), *after_copy = copy_of(after);

	return txn_audit(txn, &(struct audit_row){
	    .at_ms = now_ms, .actor = *actor, .action = action, .alp_user_id = alp_user_id, .entry_id = entry_id, .posting_id = posting_id,
	    .before = before_copy, .after = after_copy,
	});
}

/* --- verbs --------------------------------------------------------------------------------------------------------------- */

static int
query_run(struct txn *txn, struct op *op)
{
	struct audit_query *v = op->verb;

	return txn_audit_list(txn, &v->filter, &v->list);
}

void
app_audit_query(struct app *app, struct audit_query *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_READ, v, query_run, NULL, done, arg);
}

void
audit_query_release(struct audit_query *v)
{
	audit_list_release(&v->list);
}

static int
look_run(struct txn *txn, struct op *op)
{
	const struct audit_look *v = op->verb;
	struct json j = JSON_INIT;
	int r;

	json_open(&j, NULL, '{');
	json_text(&j, "operation", v->route);
	json_text(&j, "query", v->query);
	json_close(&j, '}');
	r = txn_audit(txn, &(struct audit_row){
	    .at_ms = op->now_ms, .actor = v->actor, .action = AUDIT_READ, .alp_user_id = v->alp_user_id, .entry_id = v->entry_id, .posting_id = v->posting_id,
	    .after = j.b.p,
	});
	buf_release(&j.b);
	return r;
}

void
app_audit_look(struct app *app, struct audit_look *v, app_done_fn done, void *arg)
{
	app_submit(app, OP_WRITE, v, look_run, NULL, done, arg);
}
