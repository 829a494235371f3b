/* SPDX-License-Identifier: Apache-2.0 */
/* Every command. The order is that of --help. */
#include "ctl/args.h"
#include "ctl/ctl.h"

#define DAYS_OPTIONS (OPT(DATE) | OPT(FROM) | OPT(TO))
#define KEY_OPTIONS  (OPT(KEY_FD) | OPT(KEY_FILE))
#define WAIT_OPTIONS (OPT(NO_WAIT) | OPT(TIMEOUT))

/* clang-format off */
const struct command commands[] = {
	{"status", NULL, NULL, OPT(JSON), 0, "is the daemon ready, and what is it doing", cmd_status},
	{"jobs", NULL, NULL, OPT(JSON) | OPT(USER) | OPT(KIND) | OPT(STATE) | OPT(LIMIT), 0, "list jobs, newest first", cmd_jobs},
	{"job", "ID", NULL, OPT(JSON), 0, "one job with its history", cmd_job},
	{"job cancel", "ID", NULL, OPT(JSON), 0, "cancel a job, even while it runs", cmd_job_cancel},
	{"job retry", "ID", NULL, OPT(JSON) | KEY_OPTIONS, 0, "run a failed, cancelled or key_lost job again", cmd_job_retry},
	{"entries", NULL, NULL, OPT(JSON) | OPT(USER) | DAYS_OPTIONS | OPT(STATUS) | OPT(LIMIT), OPT(USER),
	 "list a user's time entries; without a day, pending ones only", cmd_entries},
	{"entry", "ID", NULL, OPT(JSON), 0, "one time entry", cmd_entry},
	{"entry confirm", "ID", NULL, OPT(JSON), 0, "confirm a draft as it stands", cmd_entry_confirm},
	{"entry revert", "ID", NULL, OPT(JSON), 0, "take a confirmation back: it is a draft again", cmd_entry_revert},
	{"explain", "ID", NULL, OPT(JSON), 0, "how a time entry came about: rows, rules, matter, units", cmd_explain},
	{"report", NULL, NULL, OPT(JSON) | OPT(CSV) | OPT(USER) | DAYS_OPTIONS | OPT(BY), OPT(USER),
	 "where every recorded second of a user's day is, or of the days from --from to --to", cmd_report},
	{"fetch", NULL, NULL, OPT(JSON) | OPT(USER) | OPT(DAYS) | DAYS_OPTIONS | WAIT_OPTIONS | KEY_OPTIONS, OPT(USER),
	 "fetch a user's days from RescueTime", cmd_fetch},
	{"process", NULL, NULL, OPT(JSON) | OPT(USER) | DAYS_OPTIONS | WAIT_OPTIONS, OPT(USER),
	 "run the rules over stored days; without a day, every unprocessed one", cmd_process},
	{"pause", "KIND", "fetch process check", OPT(JSON), 0, "start no more jobs of a kind", cmd_pause},
	{"resume", "KIND", "fetch process check", OPT(JSON), 0, "start jobs of a kind again", cmd_resume},
	{"rules check", "FILE", NULL, OPT(JSON) | OPT(USER) | OPT(DAYS) | OPT(FROM) | OPT(TO) | OPT(TIMEOUT), 0,
	 "what these rules would make of a user's stored days; nothing is written", cmd_rules_check},
	{"rules test", "FILE", NULL, 0, 0, "try the examples of a rules file, and look for rules that are of no use", cmd_rules_test},
	{"token create", NULL, NULL, OPT(JSON) | OPT(SCOPE) | OPT(USER) | OPT(NAME) | OPT(READ_ONLY) | OPT(EXPIRES), OPT(SCOPE),
	 "make a token and print it, this once", cmd_token_create},
	{"token list", NULL, NULL, OPT(JSON), 0, "list tokens, never their secrets", cmd_token_list},
	{"token revoke", "ID", NULL, OPT(JSON), 0, "make a token worthless at once", cmd_token_revoke},
	{"import", "FILE", NULL, OPT(JSON) | OPT(USER) | OPT(DRY_RUN), OPT(USER),
	 "take a user's days over from the prototype's database, rescuetime.db; what was submitted stays so", cmd_import},
	{"matters import", "FILE", NULL, OPT(JSON), 0, "put the matters of a file, CSV or JSON, in the place of those there are", cmd_matters_import},
	{"matters list", NULL, NULL, OPT(JSON) | OPT(Q) | OPT(LIMIT), 0, "list the firm's matters", cmd_matters_list},
	{"postings", NULL, NULL, OPT(JSON) | OPT(USER) | OPT(FROM) | OPT(TO) | OPT(POSTING) | OPT(LIMIT), 0, "list what is to be in ALP, newest first", cmd_postings},
	{"posting", "ID", NULL, OPT(JSON), 0, "one posting: what is known of it, and how it came about", cmd_posting},
	{"posting resolve", "ID", NULL, OPT(JSON) | OPT(ALP_ENTRY) | OPT(NOT_THERE), 0, "say whether one that needs a person is in ALP", cmd_posting_resolve},
	{"posting held", NULL, NULL, OPT(JSON), 0, "is posting held since a restore, and what does ALP hold that is not known here", cmd_posting_held},
	{"posting go-on", NULL, NULL, OPT(JSON) | OPT(UNEXAMINED), 0, "let posting go on after a restore", cmd_posting_go_on},
	{"alp probe", NULL, NULL, OPT(JSON) | OPT(USER) | OPT(WRITE), 0, "ask ALP what it can do, and print the settings that follow", cmd_alp_probe},
	{"alp proof", NULL, NULL, OPT(JSON) | OPT(USER) | OPT(FROM) | OPT(TO) | OPT(LIMIT), 0, "where ALP does not hold the units that were posted, and why",
	 cmd_alp_proof},
	{"alp prove", NULL, NULL, 0, 0, "compare the units posted with ALP's now, not only at night", cmd_alp_prove},
	{"webhook list", NULL, NULL, OPT(JSON), 0, "list who is told of what happens", cmd_webhook_list},
	{"webhook create", "URL", NULL, OPT(JSON) | OPT(EVENTS) | OPT(NAME), 0, "have an address told, and print the secret that signs, this once",
	 cmd_webhook_create},
	{"webhook delete", "ID", NULL, OPT(JSON), 0, "delete a webhook and every message to it", cmd_webhook_delete},
	{"webhook enable", "ID", NULL, OPT(JSON), 0, "tell it again, what waits first", cmd_webhook_enable},
	{"webhook disable", "ID", NULL, OPT(JSON), 0, "tell it nothing new", cmd_webhook_disable},
	{"webhook rotate", "ID", NULL, OPT(JSON), 0, "make another secret and print it; the one before signs besides for a time", cmd_webhook_rotate},
	{"webhook test", "ID", NULL, OPT(JSON), 0, "send a test message", cmd_webhook_test},
	{"webhook deliveries", "ID", NULL, OPT(JSON) | OPT(LIMIT), 0, "list the messages to a webhook, newest first", cmd_webhook_deliveries},
	{"webhook redeliver", "ID", NULL, OPT(JSON), 0, "send a message again; the ID is the message's", cmd_webhook_redeliver},
	{"backup", NULL, NULL, OPT(JSON), 0, "make a copy of the store, without keys, while it is in use, and wait for it", cmd_backup},
	{"backups", NULL, NULL, OPT(JSON), 0, "list the copies there are, newest first", cmd_backups},
	{"restore", "FILE", NULL, OPT(CONFIG), 0, "put a backup in the place of the store while the daemon is stopped; what was there is kept", cmd_restore},
	{"check", NULL, NULL, OPT(JSON), 0, "read the whole store: does it keep every promise", cmd_check},
	{"prune", NULL, NULL, OPT(JSON), 0, "remove now what is older than the settings say, and tell what", cmd_prune},
	{"audit list", NULL, NULL, OPT(JSON) | OPT(USER) | OPT(ENTRY) | OPT(LIMIT), 0, "who did what to which entry or posting, newest first", cmd_audit_list},
	{"audit verify", NULL, NULL, OPT(JSON), 0, "was any row of the audit changed, left out or put in between", cmd_audit_verify},
	{"logs", NULL, NULL, OPT(JSON) | OPT(JOB) | OPT(USER) | OPT(LIMIT) | OPT(FOLLOW), 0, "what the daemon told the journal, by job or user", cmd_logs},
	{"version", NULL, NULL, OPT(JSON), 0, "print the version of this program", cmd_version},
	{"help", "[COMMAND]", NULL, 0, 0, "tell what there is, or of one command", cmd_help},
	{"completion", "SHELL", "bash", 0, 0, "print what makes a shell complete these words: bash", cmd_completion},
};
/* clang-format on */
const size_t command_count = ELEMENTSOF(commands);
