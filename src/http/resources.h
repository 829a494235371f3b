/* SPDX-License-Identifier: Apache-2.0 */
/* resources.h - what the route table refers to: handlers and schemas, one file a resource. Thin: take values, call a verb, render. */
#ifndef RTALP_HTTP_RESOURCES_H
#define RTALP_HTTP_RESOURCES_H

#include "app/app.h"
#include "app/posting.h"
#include "http/csv.h"
#include "http/json.h"
#include "http/once.h"
#include "http/request.h"

#define RANGE_DAYS_MAX 31

/* owner.c */
extern const struct schema schema_owner;
int64_t request_owner(const struct http_request *r); /* 0: nobody in particular */

/* res_job_submit.c, res_jobs.c */
extern const struct schema schema_job_path, schema_fetch, schema_process, schema_job_query, schema_retry;
void jobs_check_fetch(struct http_request *r);
void jobs_fetch(struct http_request *r);
void jobs_check_process(struct http_request *r);
void jobs_process(struct http_request *r);
void jobs_check_list(struct http_request *r);
void jobs_list(struct http_request *r);
void jobs_get(struct http_request *r);
void jobs_cancel(struct http_request *r);
void jobs_retry(struct http_request *r);

/* res_events.c */
extern const struct schema schema_events_query;
bool event_id_parse(const char *text, int64_t *ret_id);
void events_check(struct http_request *r);
void events_watch(struct http_request *r);
void events_watch_job(struct http_request *r);

/* res_entries.c, res_entry_edit.c */
extern const struct schema schema_entry_path, schema_entry_query, schema_entry_edit;
void entries_check_list(struct http_request *r);
void entries_list(struct http_request *r);
void entries_get(struct http_request *r);
void entries_edit(struct http_request *r);
void entries_ignore(struct http_request *r);
void entries_restore(struct http_request *r);

/* A list of entries in another form than drafts have: res_entries.c reads them, by a query with its own fields. */
struct entry_form {
	uint32_t statuses; /* bits 1 << enum entry_status; 0: those asked for */
	void (*render)(struct json *j, const char *name, const struct entry_row *entry);
	const struct csv_table *csv;
};
void entries_list_as(struct http_request *r, const struct entry_form *form);

/* What a review verb's refusal is to a client; status 0: it is no refusal. */
struct review_refusal {
	int status;
	const char *code, *detail;
};
#define REFUSAL_CHANGED   ((struct review_refusal){412, "entry_changed", "The entry changed since; read it again."})
#define REFUSAL_WITHDRAWN ((struct review_refusal){409, "entry_withdrawn", "The entry is withdrawn: its activity went away."})
struct review_refusal lock_refusal(enum entry_lock lock);
struct review_refusal edit_refusal(int error, const struct entry_edit *v);
struct review_refusal confirm_refusal(int error, const struct entry_confirm *v);
struct review_refusal revert_refusal(int error, const struct entry_revert *v);
struct review_refusal pending_refusal(int error, enum entry_status status); /* of what only a pending one can have done */
/* Set, given back, or left as it is. */
enum edit edit_of(const struct value *v);
/* Answers with it, or with the error if it is none. */
void reply_refusal(struct http_request *r, int error, struct review_refusal refusal);

/* res_review.c */
extern const struct schema schema_review_item;
extern const char *const review_choices[];
void entries_bulk(struct http_request *r);

/* res_split.c */
extern const struct schema schema_split_part;
void render_entries(struct json *j, const struct entry_list *list);
void entries_split(struct http_request *r);

/* res_merge.c */
extern const struct schema schema_merge;
void entries_check_merge(struct http_request *r);
void entries_merge(struct http_request *r);

/* res_confirmed.c */
extern const struct schema schema_confirmed_query, schema_confirmed_path, schema_confirm;
void confirmed_list(struct http_request *r);
void confirmed_make(struct http_request *r);
void confirmed_revert(struct http_request *r);

/* res_explain.c */
extern const char *const rounding_choices[], *const units_per_choices[], *const explain_state_choices[];
void entries_explain(struct http_request *r);

/* res_reports.c */
extern const struct schema schema_report_day_query, schema_report_range_query;
extern const char *const report_by_choices[], *const report_warning_choices[]; /* the latter by bit */
void reports_check_day(struct http_request *r);
void reports_day(struct http_request *r);
void reports_check_range(struct http_request *r);
void reports_range(struct http_request *r);

/* res_users.c */
extern const struct schema schema_user_path, schema_user;
void users_get(struct http_request *r);
void users_check_put(struct http_request *r);
void users_put(struct http_request *r);
void users_forget(struct http_request *r);

/* res_matters.c */
extern const struct schema schema_matter, schema_matter_query;
void matters_put(struct http_request *r);
void matters_check_list(struct http_request *r);
void matters_list(struct http_request *r);

/* res_import.c */
extern const struct schema schema_import_path, schema_import_query, schema_import_line;
extern const char *const import_table_choices[];
void import_put_day(struct http_request *r);

/* res_alp.c */
extern const char *const matters_from_choices[];
extern const struct schema schema_alp_matter_query, schema_alp_matter_path, schema_alp_outcome_path;
void alp_matters_check(struct http_request *r);
void alp_matters_list(struct http_request *r);
void alp_outcomes_check(struct http_request *r);
void alp_outcomes_list(struct http_request *r);
void alp_components_check(struct http_request *r);
void alp_components_list(struct http_request *r);
void alp_users_list(struct http_request *r);
void alp_gst_types_list(struct http_request *r);

/* res_check.c, render_check.c */
extern const struct schema schema_rules_check;
extern const char *const check_change_choices[];
void rules_check_range(struct http_request *r);
void rules_check(struct http_request *r);
void rules_check_get(struct http_request *r);

/* res_audit.c */
extern const struct schema schema_audit_query;
extern const char *const actor_choices[], *const audit_action_choices[];
void audit_check_list(struct http_request *r);
void audit_list(struct http_request *r);

/* res_alp_events.c, res_alp_proof.c */
extern const struct schema schema_alp_proof_query;
void alp_events_take(struct http_request *r);
void alp_proof_list(struct http_request *r);
void alp_proof_run(struct http_request *r);

/* res_queue.c */
extern const struct schema schema_alp_probe;
void alp_probe_run(struct http_request *r);

extern const struct schema schema_kind_path;
void queue_list(struct http_request *r);
void queue_pause(struct http_request *r);
void queue_resume(struct http_request *r);

/* res_tokens.c */
extern const struct schema schema_token_path, schema_token_query, schema_token;
extern const char *const token_scope_choices[];
void tokens_check_create(struct http_request *r);
void tokens_create(struct http_request *r);
void tokens_check_list(struct http_request *r);
void tokens_list(struct http_request *r);
void tokens_get(struct http_request *r);
void tokens_revoke(struct http_request *r);

/* res_webhooks.c, res_deliveries.c */
extern const struct schema schema_webhook_query, schema_webhook_path, schema_webhook, schema_webhook_change, schema_delivery_path, schema_delivery_query;
extern const char *const webhook_event_choices[], *const delivery_state_choices[];
void webhooks_check(struct http_request *r);
void webhooks_check_list(struct http_request *r);
void webhooks_list(struct http_request *r);
void webhooks_create(struct http_request *r);
void webhooks_get(struct http_request *r);
void webhooks_change(struct http_request *r);
void webhooks_delete(struct http_request *r);
void webhooks_rotate(struct http_request *r);
void webhooks_test(struct http_request *r);
void deliveries_check_list(struct http_request *r);
void deliveries_list(struct http_request *r);
void deliveries_redeliver(struct http_request *r);

/* res_keys.c */
void keys_list(struct http_request *r);

/* res_person.c */
void users_export(struct http_request *r);
void users_erase(struct http_request *r);

/* res_upkeep.c */
extern const struct schema schema_posting_go_on;
void backups_make(struct http_request *r);
void backups_list(struct http_request *r);
void store_check_all_of_it(struct http_request *r);
void audit_verify(struct http_request *r);
void store_prune(struct http_request *r);
void posting_held_get(struct http_request *r);
void posting_go_on(struct http_request *r);

/* res_settings.c, res_health.c */
void settings_get(struct http_request *r);
void health_live(struct http_request *r);
void health_ready(struct http_request *r);

/* res_metrics.c */
void metrics_name_routes(void);
void metrics_get(struct http_request *r);

/* res_contract.c */
struct ready_answer *contract_make(const char *version);
void contract_get(struct http_request *r);

/* render_job.c, render_entry.c */
void render_job_fields(struct json *j, const struct job_row *job);
void render_job(struct json *j, const char *name, const struct job_row *job);
void render_job_history(struct json *j, const struct job_history *history);
bool job_is_over(const struct job_row *job);
bool job_has_range(const struct job_row *job); /* days it was asked for */
void render_entry(struct json *j, const char *name, const struct entry_row *entry);
void render_suggested(struct json *j, const struct entry_row *entry); /* as a member of what is open */
void render_confirmed(struct json *j, const char *name, const struct entry_row *entry); /* a submitted one */
/* A person's word, where there is one. */
const char *entry_seen_application(const struct entry_row *entry);
const char *entry_seen_description(const struct entry_row *entry);
int64_t entry_seen_units(const struct entry_row *entry); /* tenths */
const char *entry_seen_matter(const struct entry_row *entry);

/* res_post.c, res_postings.c, render_posting.c */
extern const struct schema schema_post, schema_posting_path, schema_posting_query, schema_posting_resolve;
void post_check(struct http_request *r);
void post_make(struct http_request *r);
void postings_check_list(struct http_request *r);
void postings_list(struct http_request *r);
void postings_get(struct http_request *r);
void postings_check_resolve(struct http_request *r);
void postings_resolve(struct http_request *r);
void render_posting(struct json *j, const char *name, const struct posting_row *posting);
void render_posting_fields(struct json *j, const struct posting_row *posting);
void render_posting_history(struct json *j, const struct posting_history *history);

/* render_csv.c */
extern const struct csv_table csv_jobs, csv_entries, csv_confirmed, csv_report_day, csv_report_days, csv_report_matters, csv_report_rules;

/* Names in the order of the numbers they stand for. */
extern const char *const job_state_choices[], *const job_kind_choices[], *const entry_status_choices[];

/* A job that was accepted: how that is told, and the verb it is told from. */
struct submission {
	const struct job_row *job;
	bool coalesced;
	render_fn render;
	const void *verb;
};
void render_submission(const struct job_row *job, bool coalesced, int64_t pruned_days, struct once_answer *ret);
/* 202 with Location. Honours `Prefer: wait=`: then held until the job is over, with the job as it is then. `by_user`: without that
 * header, held a little until the user has no live job. Not held at all when as many are as may be. */
void reply_to_submission(struct http_request *r, const struct submission *s, bool by_user);
/* 422: a fetch needs its key. */
void reply_key_missing(struct http_request *r);

/* {from, to} of a body or a query, when given, must come together, in order and within RANGE_DAYS_MAX; says so. `alone` is the name of
 * the field that excludes them and is given, or NULL. */
void check_range(struct http_request *r, const char *where, const struct value *from, const struct value *to, const char *alone);

/* The same, within days_max. */
void check_range_of(struct http_request *r, const char *where, const struct value *from, const struct value *to, const char *alone, int days_max);

/* A `verb`_release() as request_attach() wants it. */
#define DEFINE_RELEASE(verb)                                                                                           \
	static void verb##_release_p(void *p)                                                                          \
	{                                                                                                              \
		verb##_release(p);                                                                                     \
	}

#endif
