/* SPDX-License-Identifier: Apache-2.0 */
/* ctl.h - what every command has, and the steps they share: ask, judge the answer, print it.
 *
 * Commands return an enum exit_status. Whatever went wrong has been said on standard error by the function that returned it.
 * Threads: one.
 */
#ifndef RTALP_CTL_CTL_H
#define RTALP_CTL_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/args.h"
#include "ctl/client.h"
#include "ctl/say.h"
#include "ctl/screen.h"

struct json_object;

struct ctl {
	struct args args;
	struct screen out, err;
	struct client *client; /* NULL until the first request */
};

/* --- ask.c: one request ------------------------------------------------------------------------------------------------------- */

/* EXIT_STATUS_OK for a 2xx; else what is wrong is said, field by field. The answer is the caller's to release in either case. */
int ctl_ask(struct ctl *ctl, const struct request *request, struct answer *ret_answer);
int ctl_get(struct ctl *ctl, const char *path, struct answer *ret_answer);
/* Says why client_ask() failed. */
int ctl_unanswered(struct ctl *ctl, int error);
/* Says what a problem says. */
int ctl_refused(struct answer *a);
/* The client, made by what the command line says. */
int ctl_client(struct ctl *ctl);

/* --- ask.c: lists ------------------------------------------------------------------------------------------------------------- */

/* Walks a list page by page with one page in memory: prints it joined with --json, else hands each page's rows to `row` and flushes. */
struct table;
int ctl_list(struct ctl *ctl, const char *path, struct table *table, void (*row)(struct table *t, struct json_object *item));

/* --- ask.c: output ------------------------------------------------------------------------------------------------------------ */

/* The body as it came, and a newline. */
void ctl_print_json(struct ctl *ctl, const struct answer *a);
/* With --json the body; else what `print` makes of it. */
int ctl_show(struct ctl *ctl, struct answer *a, void (*print)(struct ctl *ctl, struct json_object *json));

/* Members of a JSON object that may be missing or of another type: "" and 0 then. Borrowed. */
const char *json_text_of(struct json_object *object, const char *name);
int64_t json_number_of(struct json_object *object, const char *name);
bool json_flag_of(struct json_object *object, const char *name);
struct json_object *json_member(struct json_object *object, const char *name);

/* "name: value", for one thing; nothing if the value is empty. */
void print_field(struct ctl *ctl, const char *name, const char *value);
void print_instant(struct ctl *ctl, const char *name, struct json_object *object, const char *member);

/* The member "time_units"; 0 without one. */
double units_of(struct json_object *object);
/* The option's value as a parameter of the same name, if it was given. */
void path_add_option(struct buf *path, const struct args *a, enum option_id id);

/* --- jobs --------------------------------------------------------------------------------------------------------------------- */

/* How a state of a job looks. */
enum colour job_colour(const char *state);
void print_job(struct ctl *ctl, struct json_object *job);
/* The key for a fetch of that user: NULL if the daemon has one of its own. */
int ctl_need_key(struct ctl *ctl, int64_t alp_user_id, struct secret **ret_key);
/* After a job was accepted: shows it, or waits for its end as the command line says. */
int ctl_accepted(struct ctl *ctl, struct answer *accepted);

/* --- rules -------------------------------------------------------------------------------------------------------------------- */

/* The text of a rules file; "-" is standard input. EXIT_STATUS_USAGE if it cannot be read. */
int ctl_read_rules(const char *path, char **ret_text, size_t *ret_len);
/* EXIT_STATUS_USAGE, with each fault printed, if it is none. */
struct ruleset;
int ctl_parse_rules(struct ctl *ctl, const char *path, struct str text, struct ruleset **ret_set);

/* --- one function a command, in cmd_<resource>.c ------------------------------------------------------------------------------ */

int cmd_status(struct ctl *ctl);
int cmd_jobs(struct ctl *ctl);
int cmd_job(struct ctl *ctl);
int cmd_job_cancel(struct ctl *ctl);
int cmd_job_retry(struct ctl *ctl);
int cmd_entries(struct ctl *ctl);
int cmd_entry(struct ctl *ctl);
int cmd_entry_confirm(struct ctl *ctl);
int cmd_entry_revert(struct ctl *ctl);
int cmd_explain(struct ctl *ctl);
int cmd_report(struct ctl *ctl);
int cmd_fetch(struct ctl *ctl);
int cmd_process(struct ctl *ctl);
int cmd_pause(struct ctl *ctl);
int cmd_resume(struct ctl *ctl);
int cmd_token_create(struct ctl *ctl);
int cmd_token_list(struct ctl *ctl);
int cmd_token_revoke(struct ctl *ctl);
int cmd_keys(struct ctl *ctl);
int cmd_keys_make(struct ctl *ctl);
int cmd_keys_rotate(struct ctl *ctl);
int cmd_rules_check(struct ctl *ctl);
int cmd_rules_test(struct ctl *ctl);
int cmd_import(struct ctl *ctl);
int cmd_matters_import(struct ctl *ctl);
int cmd_matters_list(struct ctl *ctl);
int cmd_postings(struct ctl *ctl);
int cmd_posting(struct ctl *ctl);
int cmd_posting_resolve(struct ctl *ctl);
int cmd_alp_probe(struct ctl *ctl);
int cmd_alp_proof(struct ctl *ctl);
int cmd_alp_prove(struct ctl *ctl);
int cmd_webhook_list(struct ctl *ctl);
int cmd_webhook_create(struct ctl *ctl);
int cmd_webhook_delete(struct ctl *ctl);
int cmd_webhook_enable(struct ctl *ctl);
int cmd_webhook_disable(struct ctl *ctl);
int cmd_webhook_rotate(struct ctl *ctl);
int cmd_webhook_test(struct ctl *ctl);
int cmd_webhook_deliveries(struct ctl *ctl);
int cmd_webhook_redeliver(struct ctl *ctl);
int cmd_backup(struct ctl *ctl);
int cmd_backups(struct ctl *ctl);
int cmd_restore(struct ctl *ctl);
int cmd_check(struct ctl *ctl);
int cmd_prune(struct ctl *ctl);
int cmd_audit_list(struct ctl *ctl);
int cmd_audit_verify(struct ctl *ctl);
int cmd_posting_held(struct ctl *ctl);
int cmd_posting_go_on(struct ctl *ctl);
int cmd_logs(struct ctl *ctl);
int cmd_user_export(struct ctl *ctl);
int cmd_user_erase(struct ctl *ctl);
int cmd_version(struct ctl *ctl);
int cmd_help(struct ctl *ctl);
int cmd_completion(struct ctl *ctl);

#endif
