/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

/* sd-journal.h would otherwise add the file and line of this wrapper to every entry. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "base/buf.h"

#define LINE_MAX_BYTES  2048
#define FIELDS_MAX      16
#define FIELD_MAX_BYTES 1024

static const struct log_event_info events[EV_COUNT] = {
#define EVENT(symbol_, id_, priority_, text_) [EV_##symbol_] = {#symbol_, id_, priority_, text_},
#include "base/events.def"
#undef EVENT
};

static const char *identifier = "rtalpd";
static int max_priority = LOG_INFO;
static bool to_journal;

/* systemd names device and inode of the stream it connected to us; standard error may have been redirected since. */
static bool
stderr_is_journal(void)
{
	const char *v = secure_getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	if (v == NULL || sscanf(v, "%llu:%llu", &device, &inode) != 2 || fstat(STDERR_FILENO, &st) < 0)
		return false;
	return st.st_dev == device && st.st_ino == inode;
}

void
log_setup(const char *identifier_, int max_priority_)
{
	identifier = identifier_;
	max_priority = max_priority_;
	to_journal = stderr_is_journal();
}

void
log_set_max_priority(int max_priority_)
{
	max_priority = max_priority_;
}

const char *
log_errno_text(int r)
{
	const char *text = strerrordesc_np(r < 0 ? -r : r);

	return text != NULL ? text : "unknown error";
}

const struct log_event_info *
log_event_info(enum log_event_id id)
{
	return &events[id];
}

static void
add_escaped(struct buf *b, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p < ' ' || *p == 0x7f)
			buf_addf(b, "\\x%02x", *p);
		else
			buf_addc(b, (char)*p);
	}
}

static void
add_value(struct buf *b, const struct log_field *f)
{
	if (f->text != NULL)
		add_escaped(b, f->text);
	else
		buf_addf(b, "%lld", (long long)f->number);
}

static void
render(struct buf *b, const char *text, const struct log_field *fields, size_t count)
{
	const char *p = text, *open, *close;

	while ((open = strchr(p, '{')) != NULL && (close = strchr(open, '}')) != NULL) {
		size_t len = (size_t)(close - open - 1), i;

		buf_add(b, p, (size_t)(open - p));
		for (i = 0; i < count; i++)
			if (strlen(fields[i].name) == len && memcmp(fields[i].name, open + 1, len) == 0)
				break;
		if (i < count)
			add_value(b, &fields[i]);
		else
			buf_addz(b, "?");
		p = close + 1;
	}
	buf_addz(b, p);
}

static int
send_journal(const struct log_event_info *event, const char *message, const struct log_field *fields, size_t count)
{
	struct iovec iov[FIELDS_MAX + 4];
	struct buf text[FIELDS_MAX + 4];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < ELEMENTSOF(text); i++)
		text[i] = BUF_INIT(LINE_MAX_BYTES + FIELD_MAX_BYTES);
	buf_addf(&text[n++], "MESSAGE=%s", message);
	buf_addf(&text[n++], "MESSAGE_ID=%s", event->message_id);
	buf_addf(&text[n++], "PRIORITY=%d", event->priority);
	buf_addf(&text[n++], "SYSLOG_IDENTIFIER=%s", identifier);
	for (size_t i = 0; i < count && i < FIELDS_MAX; i++) {
		buf_addf(&text[n], "%s=", fields[i].name);
		add_value(&text[n++], &fields[i]);
	}
	for (size_t i = 0; i < n; i++)
		iov[i] = (struct iovec){.iov_base = text[i].p, .iov_len = text[i].len};
	r = sd_journal_sendv(iov, (int)n);
	for (size_t i = 0; i < n; i++)
		buf_release(&text[i]);
	return r;
}

void
log_event_fields(enum log_event_id id, const struct log_field *fields, size_t count)
{
	_cleanup_(buf_release) struct buf line = BUF_INIT(LINE_MAX_BYTES);
	const struct log_event_info *event = &events[id];

	if (event->priority > max_priority)
		return;
	render(&line, event->text, fields, count);
	if (line.p == NULL)
		return;
	/* What the journal's socket refuses may still come through its stream. */
	if (!to_journal || send_journal(event, line.p, fields, count) < 0)
		fprintf(stderr, "%s: %s\n", identifier, line.p);
}
