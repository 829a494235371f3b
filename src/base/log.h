/* SPDX-License-Identifier: Apache-2.0 */
/* log.h - structured events for the journal, plain lines for a terminal.
 *
 * What can be logged is the table events.def: symbol, MESSAGE_ID, priority, and a text whose {NAMES} are the fields the event carries.
 * One layer logs: daemon and app log what a failure means, everything below returns errors. A field's value is escaped: no control
 * character of a title or of a peer's message reaches a terminal or starts a new line.
 *
 *     log_event(EV_JOB_FAILED, LOG_I64("JOB_ID", id), LOG_STR("ERROR", code));
 *
 * Goes to the journal when standard error is the journal's stream (systemd sets JOURNAL_STREAM), else to standard error; there
 * too goes what the journal's socket refuses.
 * Threads: any, after log_setup(). Never give it a key: secrets have no printable form.
 */
#ifndef RTALP_BASE_LOG_H
#define RTALP_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_event_id {
#define EVENT(symbol, message_id, priority, text) EV_##symbol,
#include "base/events.def"
#undef EVENT
	EV_COUNT
};

struct log_field {
	const char *name; /* an upper-case journal field */
	const char *text; /* or NULL: the number counts */
	int64_t number;
};

#define LOG_I64(field, v) ((struct log_field){.name = (field), .text = NULL, .number = (int64_t)(v)})
#define LOG_STR(field, v) ((struct log_field){.name = (field), .text = (v), .number = 0})
/* -errno or errno: becomes ERRNO and, as {ERROR}, its name in words. */
#define LOG_ERRNO(r) LOG_I64("ERRNO", (r) < 0 ? -(r) : (r)), LOG_STR("ERROR", log_errno_text(r))

void log_setup(const char *identifier, int max_priority);
void log_set_max_priority(int max_priority);
const char *log_errno_text(int r);

void log_event_fields(enum log_event_id id, const struct log_field *fields, size_t count);
#define log_event(id, ...)                                                                                             \
	log_event_fields((id), (const struct log_field[]){__VA_ARGS__},                                                \
	    sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* The table, for tests and for the message catalogue. */
struct log_event_info {
	const char *symbol;
	const char *message_id; /* 32 hex digits */
	int priority;           /* syslog's 0..7 */
	const char *text;
};
const struct log_event_info *log_event_info(enum log_event_id id);

#endif
