/* SPDX-License-Identifier: Apache-2.0 */
#include "alp_control.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "alp_internal.h"
#include "calendar.h"
#include "control_internal.h"
#include "render.h"

void
alp_control_get(struct order *o)
{
	alp_config_write(&o->sb->alp->config, &o->out);
}

void
alp_control_put(struct order *o)
{
	struct alp *alp = o->sb->alp;
	struct alp_config was = alp->config;
	const char *why;

	if (alp_config_set(&alp->config, &o->params, &why) < 0) {
		control_refuse(o, 400, why);
		return;
	}
	if (alp->config.matters != was.matters || strcmp(alp->config.id, was.id) != 0)
		alp_rebuild(alp);
	alp_control_get(o);
}

/* id, user, date, component, units, rate, billable type, GST type, status, exists, listed, asked, ms, key, reference, notes, description */
static void
write_truth(const struct alp_held *held, struct buf *out)
{
	const struct alp_post *p = &held->as;
	char date[DATE_LEN + 1];

	date_format(p->date, date);
	buf_printf(out, "%" PRId64 "\t%" PRId64 "\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s", held->id, p->user,
	           date, p->component, p->units, p->rate, p->billable_type, p->gst_type, alp_status_name(held->status));
	buf_printf(out, "\t%d\t%d\t%u\t%" PRId64 "\t%s\t", alp_held_exists(held), alp_held_listed(held), held->asked, held->wall_ms,
	           *p->key ? p->key : "-");
	render_json_text(out, text_of(p->reference), ESCAPE_RAW, false);
	buf_putc(out, '\t');
	render_json_text(out, text_of(p->notes), ESCAPE_RAW, false);
	buf_putc(out, '\t');
	render_json_text(out, text_of(p->description), ESCAPE_RAW, false);
	buf_putc(out, '\n');
}

void
alp_entries_get(struct order *o)
{
	struct alp_book *book = o->sb->alp->book;
	size_t i;

	for (i = 0; i < alp_book_count(book); i++)
		write_truth(alp_book_at(book, i), &o->out);
}

void
alp_entries_delete(struct order *o)
{
	alp_book_clear(o->sb->alp->book);
	alp_log_clear(o->sb->alp->log);
}

/* Takes over what is named. */
static const char *
change(struct alp_post *p, const struct params *params)
{
	const struct {
		const char *name;
		int64_t *to;
	} numbers[] = { { "user", &p->user }, { "component", &p->component }, { "units", &p->units }, { "rate", &p->rate },
		{ "billable_type", &p->billable_type }, { "gst_type", &p->gst_type } };
	struct {
		const char *name;
		char **to;
	} texts[] = { { "description", &p->description }, { "notes", &p->notes }, { "reference", &p->reference } };
	const char *date = params_get(params, "date");
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (params_int(params, numbers[i].name, 0, INT64_MAX, numbers[i].to) == -EINVAL)
			return numbers[i].name;
	if (date && date_parse(date, &p->date) < 0)
		return "date";
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *s = params_get(params, texts[i].name);

		if (!s && *texts[i].to)
			continue;
		free(*texts[i].to);
		*texts[i].to = xstrdup(s ? s : "");
	}
	return NULL;
}

void
alp_entry_put(struct order *o)
{
	const char *status = params_get(&o->params, "status"), *why;
	enum alp_status next;
	struct alp_held *held;
	int64_t id;

	if (params_int(&o->params, "id", 1, INT64_MAX, &id) < 0 || !(held = alp_book_find(o->sb->alp->book, id))) {
		control_refuse(o, 404, "id: no such entry");
		return;
	}
	next = held->status;
	if (status && alp_status_parse(status, &next) < 0) {
		control_refuse(o, 400, "status: open, invoiced, written_off or deleted");
		return;
	}
	why = change(&held->as, &o->params);
	if (why) {
		control_refuse(o, 400, why);
		return;
	}
	held->status = next;
	write_truth(held, &o->out);
}

void
alp_entry_post(struct order *o)
{
	struct alp_post p = { .units = 1, .gst_type = 1 };
	const char *why = change(&p, &o->params);

	if (why || !p.user || !p.component || !params_get(&o->params, "date")) {
		alp_post_release(&p);
		control_refuse(o, 400, why ? why : "user, date and component are needed");
		return;
	}
	write_truth(alp_book_add(o->sb->alp->book, &p, 0, 0), &o->out);
}

void
alp_log_get(struct order *o)
{
	int64_t since = 0;

	if (params_int(&o->params, "since", 0, INT64_MAX, &since) == -EINVAL)
		control_refuse(o, 400, "since: a sequence number");
	else
		alp_log_dump(o->sb->alp->log, (uint64_t)since, &o->out);
}
