/* SPDX-License-Identifier: Apache-2.0 */
/* What the routes of webhooks answer. */
#include "http/resources.h"
#include "http/shape.h"

#define MEMBERS(table) .members = (table), .count = ELEMENTSOF(table)

/* clang-format off */

static const struct member webhook_members[] = {
	{"webhook_id", MEMBER_COUNT, .summary = "the webhook", .example = "2"},
	{"url", MEMBER_TEXT, .summary = "where messages are sent to", .example = "\"https://hooks.example.org/rtalp\""},
	{"events", MEMBER_WORD, .list = true, .choices = webhook_event_choices, .summary = "what it is told of"},
	{"description", MEMBER_TEXT, .summary = "for people", .example = "\"review screen\""},
	{"enabled", MEMBER_BOOLEAN, .summary = "is it told?", .example = "true"},
	{"disabled_at", MEMBER_INSTANT, .nullable = true, .summary = "since when not"},
	{"disabled_because", MEMBER_TEXT, .nullable = true, .summary = "`gone`: it answered 410; `by_hand`", .example = "null"},
	{"old_secret_until", MEMBER_INSTANT, .nullable = true, .summary = "until then the secret before the last rotation signs besides"},
	{"created_at", MEMBER_INSTANT, .summary = "when it was made"},
	{"updated_at", MEMBER_INSTANT, .summary = "when it was last changed"},
};
const struct shape shape_webhook = {"Webhook", "Who is told of what, by Standard Webhooks.", MEMBERS(webhook_members)};

static const struct member new_webhook_members[] = {
	{"secret", MEMBER_TEXT, .summary = "by which messages are signed; shown this once",
	 .example = "\"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\""},
};
const struct shape shape_new_webhook = {"NewWebhook", "A webhook with a secret just made.", .base = &shape_webhook, MEMBERS(new_webhook_members)};

static const struct member attempt_members[] = {
	{"at", MEMBER_INSTANT, .summary = "when it began"},
	{"took_ms", MEMBER_COUNT, .summary = "milliseconds", .example = "84"},
	{"status", MEMBER_COUNT, .nullable = true, .summary = "of the answer; null: there was none", .example = "503"},
	{"code", MEMBER_TEXT, .nullable = true, .summary = "why it did not arrive; null: it did", .example = "\"status\""},
	{"detail", MEMBER_TEXT, .nullable = true, .summary = "the same for people", .example = "\"it answered with status 503\""},
};
static const struct shape shape_attempt = {"DeliveryAttempt", "One try.", MEMBERS(attempt_members)};

static const struct member data_members[] = {
	{"alp_user_id", MEMBER_COUNT, .optional = true, .summary = "whose", .example = "42"},
	{"job_id", MEMBER_COUNT, .optional = true, .summary = "of job.finished and entries.ready", .example = "1001"},
	{"kind", MEMBER_TEXT, .optional = true, .summary = "of the job", .example = "\"process\""},
	{"entry_id", MEMBER_COUNT, .optional = true, .summary = "of what was posted; missing if it was not an entry of ours", .example = "5"},
	{"posting_id", MEMBER_COUNT, .optional = true, .summary = "the posting", .example = "6"},
	{"alp_entry_id", MEMBER_TEXT, .optional = true, .summary = "ALP's number of it", .example = "\"78123\""},
	{"entry_date", MEMBER_DAY, .optional = true, .summary = "the day of the entry"},
	{"from", MEMBER_DAY, .optional = true, .summary = "the first day"},
	{"to", MEMBER_DAY, .optional = true, .summary = "the last day"},
	{"state", MEMBER_TEXT, .optional = true, .summary = "how it is now, or why a person is needed", .example = "\"succeeded\""},
};
static const struct shape shape_message_data = {"WebhookMessageData", "Who and which, never what.", MEMBERS(data_members)};

static const struct member message_members[] = {
	{"type", MEMBER_WORD, .choices = webhook_event_choices, .summary = "what happened"},
	{"timestamp", MEMBER_INSTANT, .summary = "when it happened"},
	{"data", MEMBER_SHAPE, .of = &shape_message_data, .summary = "to whom and which"},
};
static const struct shape shape_message = {"WebhookMessage", "What is sent: the body, signed with its webhook-id and webhook-timestamp.", MEMBERS(message_members)};

static const struct member delivery_members[] = {
	{"delivery_id", MEMBER_COUNT, .summary = "the message to this webhook", .example = "17"},
	{"webhook_id", MEMBER_COUNT, .summary = "to whom", .example = "2"},
	{"message_id", MEMBER_TEXT, .summary = "its webhook-id, the same at every attempt", .example = "\"msg_0f1e2d3c4b5a69788796a5b4c3d2e1f0\""},
	{"event", MEMBER_WORD, .choices = webhook_event_choices, .summary = "what it tells"},
	{"state", MEMBER_WORD, .choices = delivery_state_choices, .summary = "failed: given up"},
	{"attempts", MEMBER_COUNT, .summary = "of at most 10", .example = "1"},
	{"next_attempt_at", MEMBER_INSTANT, .nullable = true, .summary = "null: it is over"},
	{"created_at", MEMBER_INSTANT, .summary = "when it happened"},
	{"finished_at", MEMBER_INSTANT, .nullable = true, .summary = "null: it is pending"},
	{"body", MEMBER_SHAPE, .of = &shape_message, .summary = "as it is sent"},
	{"log", MEMBER_SHAPE, .list = true, .of = &shape_attempt, .summary = "every attempt, oldest first; the newest 50"},
};
const struct shape shape_delivery = {"Delivery", "A message to a webhook, and what became of it.", MEMBERS(delivery_members)};
