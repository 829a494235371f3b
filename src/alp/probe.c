/* SPDX-License-Identifier: Apache-2.0 */
#include "alp/probe.h"

#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alp/alp_internal.h"
#include "alp/json_text.h"
#include "base/alloc.h"

#define LOOK_BACK_DAYS 31
#define FUTURE_DAY     ((day_t)47482) /* 2100-01-01 */
#define BODY_MAX       ((size_t)4096)

struct probe {
	struct alp *alp;
	struct alp_options o; /* as far as it is known by now; texts are borrowed */
	struct alp_probe_asked asked;
	struct alp_probe_report report;
	alp_probe_fn done;
	void *arg;
	struct web_call *web;
	size_t step;
	char matter[ALP_ID_MAX], outcome[ALP_ID_MAX], user[ALP_ID_MAX], gst[ALP_ID_MAX]; /* the first of each list */
	char first_item[ALP_ID_MAX], second_item[ALP_ID_MAX]; /* ids of the matters */
	size_t matters;
	bool paged;           /* by a Link */
	char reference[33], key[33];
	char made[2][ALP_ID_MAX]; /* "": none */
};

/* --- the report ------------------------------------------------------------------------------------------------------------------- */

static void _printf_(4, 5)
find(struct probe *p, const char *about, bool good, const char *format, ...)
{
	struct alp_finding *f;
	va_list args;

	if (p->report.finding_count == PROBE_FINDINGS_MAX)
		return;
	f = &p->report.findings[p->report.finding_count++];
	snprintf(f->about, sizeof f->about, "%s", about);
	f->good = good;
	va_start(args, format);
	vsnprintf(f->detail, sizeof f->detail, format, args);
	va_end(args);
}

/* One that is as it should be is left out. */
static void
follows(struct probe *p, const char *name, const char *now, const char *value)
{
	struct alp_follows *s;

	if (strcmp(now, value) == 0 || p->report.setting_count == PROBE_SETTINGS_MAX)
		return;
	s = &p->report.settings[p->report.setting_count++];
	snprintf(s->name, sizeof s->name, "%s", name);
	snprintf(s->value, sizeof s->value, "%s", value);
}

static const char *
yes_no(bool yes)
{
	return yes ? "yes" : "no";
}

static void
find_failed(struct probe *p, const char *about, const struct web_answer *a)
{
	if (a->outcome != WEB_ANSWERED)
		find(p, about, false, "%s", a->detail);
	else
		find(p, about, false, "HTTP status %d%s", a->status, a->status == 401 || a->status == 403 ? ": the key is refused" : "");
}

/* --- lists ------------------------------------------------------------------------------------------------------------------------ */

static bool
find_array(struct probe *p, struct str body, struct str *ret_list)
{
	static const char *const names[] = {"items", "data", "results", "records", "rows", "list", "value", "entries", "matters", "users", "time_entries"};

	if (json_text_is_array(body)) {
		p->o.items_field = "";
		*ret_list = body;
		return true;
	}
	if (p->o.items_field[0] != '\0' && json_text_member(body, p->o.items_field, ret_list) && json_text_is_array(*ret_list))
		return true;
	for (size_t i = 0; i < ELEMENTSOF(names); i++)
		if (json_text_member(body, names[i], ret_list) && json_text_is_array(*ret_list)) {
			p->o.items_field = names[i];
			return true;
		}
	return false;
}

static bool
id_of(const struct probe *p, struct str item, char ret_id[ALP_ID_MAX])
{
	struct alp_entry entry;

	if (alp_entry_parse(&p->o, item, &entry) < 0)
		return false;
	memcpy(ret_id, entry.id, ALP_ID_MAX);
	alp_entry_release(&entry);
	return true;
}

static void
find_id_field(struct probe *p, struct str item)
{
	static const char *const names[] = {"id", "uuid", "uid", "_id", "Id", "ID", "key", "number"};
	const char *now = p->o.id_field;
	char id[ALP_ID_MAX];

	if (id_of(p, item, id))
		return;
	for (size_t i = 0; i < ELEMENTSOF(names); i++) {
		p->o.id_field = names[i];
		if (id_of(p, item, id))
			return;
	}
	p->o.id_field = now;
}

struct looked {
	bool good;
	size_t count;
	char first[ALP_ID_MAX], second[ALP_ID_MAX];
	struct str list;
};

static struct looked
look_at(struct probe *p, const struct web_answer *a)
{
	struct looked l = {0};
	struct str body = buf_str(&a->body), rest, item;

	if (a->outcome != WEB_ANSWERED || a->status != 200 || json_text_check(body) < 0 || !find_array(p, body, &l.list))
		return l;
	l.good = true;
	for (rest = l.list; json_text_next(&rest, &item); l.count++) {
		if (l.count == 0)
			find_id_field(p, item);
		if (l.count < 2)
			(void)id_of(p, item, l.count == 0 ? l.first : l.second);
	}
	return l;
}

static void
judge_list(struct probe *p, const char *about, const struct web_answer *a, char ret_first[ALP_ID_MAX])
{
	struct looked l = look_at(p, a);

	if (!l.good && a->outcome == WEB_ANSWERED && a->status == 200)
		find(p, about, false, "the answer holds no list that could be found (%s)", a->json ? "JSON by its type" : "not even JSON by its type");
	else if (!l.good)
		find_failed(p, about, a);
	else
		find(p, about, l.count == 0 || l.first[0] != '\0', "%zu %s%s%s%s", l.count, a->link_next != NULL ? "in the first page" : "in one answer",
		    a->etag[0] != '\0' ? ", with an ETag" : "", l.count > 0 && l.first[0] == '\0' ? ", without an id that could be found" : "",
		    p->o.items_field[0] != '\0' ? ", in a member" : "");
	memcpy(ret_first, l.first, ALP_ID_MAX);
}

static char *
list_url(const struct probe *p, enum alp_list list, const char *id)
{
	return alp_list_url(&p->alp->options, list, id);
}

static char *
matters_url(struct probe *p)
{
	return list_url(p, ALP_MATTERS, "");
}

static void
judge_matters(struct probe *p, const struct web_answer *a)
{
	struct looked l = look_at(p, a);

	judge_list(p, "matters", a, p->matter);
	p->matters = l.count;
	p->paged = a->link_next != NULL;
	memcpy(p->first_item, l.first, sizeof l.first);
	memcpy(p->second_item, l.second, sizeof l.second);
}

static char *
numbered_matters_url(struct probe *p, enum alp_paging paging, int64_t number)
{
	char *url = list_url(p, ALP_MATTERS, ""), *numbered;

	if (p->matters < 2 || p->paged || p->o.paging == paging) {
		free(url);
		return NULL;
	}
	numbered = xasprintf("%s%c%s=%lld", url, strchr(url, '?') != NULL ? '&' : '?',
	    paging == ALP_PAGING_PAGE ? p->o.page_parameter : p->o.offset_parameter, (long long)number);
	free(url);
	return numbered;
}

static char *
second_page_url(struct probe *p)
{
	return numbered_matters_url(p, ALP_PAGING_PAGE, p->o.first_page + 1);
}

/* Whoever knows no pages gives the first one again. */
static void
judge_second_page(struct probe *p, const struct web_answer *a)
{
	struct looked l = look_at(p, a);

	if (l.good && strcmp(l.first, p->first_item) != 0)
		p->o.paging = ALP_PAGING_PAGE;
}

static char *
offset_url(struct probe *p)
{
	return p->o.paging == ALP_PAGING_PAGE ? NULL : numbered_matters_url(p, ALP_PAGING_OFFSET, 1);
}

static void
judge_offset(struct probe *p, const struct web_answer *a)
{
	struct looked l = look_at(p, a);

	if (l.good && l.first[0] != '\0' && strcmp(l.first, p->second_item) == 0)
		p->o.paging = ALP_PAGING_OFFSET;
}

static char *
outcomes_url(struct probe *p)
{
	return p->matter[0] != '\0' ? list_url(p, ALP_OUTCOMES, p->matter) : NULL;
}

static void
judge_outcomes(struct probe *p, const struct web_answer *a)
{
	judge_list(p, "outcomes", a, p->outcome);
}

static char *
components_url(struct probe *p)
{
	return p->outcome[0] != '\0' ? list_url(p, ALP_COMPONENTS, p->outcome) : NULL;
}

static void
judge_components(struct probe *p, const struct web_answer *a)
{
	char unused[ALP_ID_MAX];

	judge_list(p, "components", a, unused);
}

static char *
users_url(struct probe *p)
{
	return list_url(p, ALP_USERS, "");
}

static void
judge_users(struct probe *p, const struct web_answer *a)
{
	judge_list(p, "users", a, p->user);
	if (p->asked.user_id == 0 && str_to_i64(str_of(p->user), 1, INT64_MAX, &p->asked.user_id) < 0)
		p->asked.user_id = 0;
}

static char *
gst_types_url(struct probe *p)
{
	return list_url(p, ALP_GST_TYPES, "");
}

static void
judge_gst_types(struct probe *p, const struct web_answer *a)
{
	judge_list(p, "gst_types", a, p->gst);
}

/* --- entries ------------------------------------------------------------------------------------------------------------------------ */

static char *
recent_url(struct probe *p)
{
	if (p->asked.user_id == 0)
		return NULL;
	return alp_entries_list_url(&p->alp->options, p->asked.user_id, p->asked.today - LOOK_BACK_DAYS, p->asked.today);
}

static bool
has_member_everywhere(struct str list, const char *name)
{
	struct str item, value;

	while (json_text_next(&list, &item))
		if (!json_text_member(item, name, &value))
			return false;
	return true;
}

static void
judge_recent(struct probe *p, const struct web_answer *a)
{
	struct looked l = look_at(p, a);

	p->o.can.lists_entries = l.good;
	if (!l.good) {
		find_failed(p, "list of entries", a);
		return;
	}
	find(p, "list of entries", true, "%zu of user %lld in the last %d days", l.count, (long long)p->asked.user_id, LOOK_BACK_DAYS);
	if (l.count > 0 && p->o.reference_field[0] != '\0')
		find(p, "reference", has_member_everywhere(l.list, p->o.reference_field), "the member \"%s\" is %s", p->o.reference_field,
		    has_member_everywhere(l.list, p->o.reference_field) ? "there" : "not in every entry");
}

static char *
future_url(struct probe *p)
{
	return p->o.can.lists_entries && p->asked.user_id != 0 ?
		   alp_entries_list_url(&p->alp->options, p->asked.user_id, FUTURE_DAY, FUTURE_DAY) :
		   NULL;
}

static void
judge_future(struct probe *p, const struct web_answer *a)
{
	struct looked l = look_at(p, a);

	if (l.good)
		find(p, "choice by date", l.count == 0, "%s",
		    l.count == 0 ? "no entries in the year 2100" : "the parameters for days are ignored: everything is listed");
	else
		find_failed(p, "choice by date", a);
}

/* --- writing ------------------------------------------------------------------------------------------------------------------------ */

static char *
post_url(struct probe *p)
{
	return p->asked.component_id != 0 && p->asked.user_id != 0 ? alp_entries_url(&p->alp->options) : NULL;
}

static void
fill_body(const struct probe *p, struct buf *body)
{
	char date[DAY_TEXT_MAX];
	int64_t gst = 1;

	(void)str_to_i64(str_of(p->gst), 0, INT64_MAX, &gst);
	day_format(p->asked.today, date);
	buf_addf(body, "{\"matter_component_id\":%lld,\"user_id\":%lld,\"date\":\"%s\",\"units\":1,", (long long)p->asked.component_id,
	    (long long)p->asked.user_id, date);
	buf_addf(body, "\"description\":\"Trial by rtalpd, please delete\",\"rate\":0,\"billable_type\":1,\"gst_type\":%lld,", (long long)gst);
	buf_addz(body, "\"discriminator\":\"MatterComponentTimeEntry\",\"notes\":\"\"");
	if (p->o.reference_field[0] != '\0')
		buf_addf(body, ",\"%s\":\"%s\"", p->o.reference_field, p->reference);
	buf_addc(body, '}');
}

static void
judge_post(struct probe *p, const struct web_answer *a, size_t nth)
{
	struct str object = buf_str(&a->body);

	if (a->outcome == WEB_ANSWERED && (a->status == 200 || a->status == 201) && json_text_check(object) == 0) {
		if (p->o.entry_field[0] != '\0')
			(void)json_text_member(object, p->o.entry_field, &object);
		(void)id_of(p, object, p->made[nth]);
	}
	if (p->made[nth][0] == '\0')
		find_failed(p, nth == 0 ? "post" : "post again", a);
	else
		find(p, nth == 0 ? "post" : "post again", true, "entry %s; please delete it in ALP", p->made[nth]);
}

static void
judge_first_post(struct probe *p, const struct web_answer *a)
{
	judge_post(p, a, 0);
}

static char *
post_again_url(struct probe *p)
{
	return p->made[0][0] != '\0' ? post_url(p) : NULL;
}

static void
judge_second_post(struct probe *p, const struct web_answer *a)
{
	judge_post(p, a, 1);
	if (p->made[1][0] == '\0')
		return;
	p->o.can.honours_key = strcmp(p->made[0], p->made[1]) == 0;
	find(p, "idempotency key", p->o.can.honours_key, "the same key again made %s", p->o.can.honours_key ? "no second entry" : "a second entry");
}

static char *
today_url(struct probe *p)
{
	return p->made[0][0] != '\0' && p->o.can.lists_entries ?
		   alp_entries_list_url(&p->alp->options, p->asked.user_id, p->asked.today, p->asked.today) :
		   NULL;
}

static void
judge_today(struct probe *p, const struct web_answer *a)
{
	struct looked l = look_at(p, a);
	struct alp_entry entry;
	struct str item;
	bool listed = false, referenced = false;

	while (l.good && json_text_next(&l.list, &item)) {
		if (alp_entry_parse(&p->o, item, &entry) < 0)
			continue;
		if (strcmp(entry.id, p->made[0]) == 0) {
			listed = true;
			referenced = strcmp(entry.reference, p->reference) == 0;
		}
		alp_entry_release(&entry);
	}
	/* One that pages may have it further behind. */
	if (!listed && p->o.paging != ALP_PAGING_NONE) {
		find(p, "fresh entries", false, "it is not in the first page of the list: nothing is known");
		return;
	}
	p->o.can.lists_fresh = listed;
	p->o.can.keeps_reference = referenced;
	find(p, "fresh entries", listed, "the new entry is %slisted at once", listed ? "" : "not ");
	find(p, "reference", referenced, "our reference %s", referenced ? "comes back" : "does not come back");
}

/* --- one step after the other --------------------------------------------------------------------------------------------------------- */

static const struct step {
	char *(*url)(struct probe *p); /* NULL: this one is left out */
	void (*judge)(struct probe *p, const struct web_answer *a);
	bool post;
} steps[] = {
    {matters_url, judge_matters, false},
    {second_page_url, judge_second_page, false},
    {offset_url, judge_offset, false},
    {outcomes_url, judge_outcomes, false},
    {components_url, judge_components, false},
    {users_url, judge_users, false},
    {gst_types_url, judge_gst_types, false},
    {recent_url, judge_recent, false},
    {future_url, judge_future, false},
    {post_url, judge_first_post, true},
    {post_again_url, judge_second_post, true},
    {today_url, judge_today, false},
};

static void
conclude(struct probe *p)
{
	static const char *const pagings[] = {"none", "link", "page", "offset"};
	const struct alp_options *now = &p->alp->options;

	if (p->paged)
		p->o.paging = ALP_PAGING_LINK;
	if (p->matters >= 2)
		find(p, "paging", true, "%s", pagings[p->o.paging]);
	follows(p, "alp.paging", pagings[now->paging], pagings[p->o.paging]);
	follows(p, "alp.items_field", now->items_field, p->o.items_field);
	follows(p, "alp.id_field", now->id_field, p->o.id_field);
	follows(p, "alp.lists_entries", yes_no(now->can.lists_entries), yes_no(p->o.can.lists_entries));
	follows(p, "alp.honours_key", yes_no(now->can.honours_key), yes_no(p->o.can.honours_key));
	follows(p, "alp.keeps_reference", yes_no(now->can.keeps_reference), yes_no(p->o.can.keeps_reference));
	follows(p, "alp.lists_fresh", yes_no(now->can.lists_fresh), yes_no(p->o.can.lists_fresh));
}

static void
end(struct probe *p)
{
	p->alp->probe = NULL;
	conclude(p);
	p->done(&p->report, p->arg);
	free(p);
}

static void take_step(struct probe *p);

static void
answered(struct web_answer *a, void *arg)
{
	struct probe *p = arg;

	p->web = NULL;
	steps[p->step++].judge(p, a);
	take_step(p);
}

static void
take_step(struct probe *p)
{
	_cleanup_(buf_release) struct buf body = BUF_INIT(BODY_MAX);
	_cleanup_free_ char *url = NULL;
	struct web_request request = {0};

	while (p->step < ELEMENTSOF(steps) && (url = steps[p->step].url(p)) == NULL)
		p->step++;
	if (p->step == ELEMENTSOF(steps)) {
		end(p);
		return;
	}
	request.url = url;
	if (steps[p->step].post) {
		fill_body(p, &body);
		request.post = true;
		request.body = buf_str(&body);
		request.idempotency_key = p->key;
	}
	p->web = web_send(p->alp->web, &request, answered, p);
}

static void
draw(char ret_text[33])
{
	unsigned char bytes[16];

	randombytes_buf(bytes, sizeof bytes);
	sodium_bin2hex(ret_text, 33, bytes, sizeof bytes);
}

int
alp_probe(struct alp *alp, const struct alp_probe_asked *asked, alp_probe_fn done, void *arg)
{
	struct probe *p;

	if (alp->probe != NULL)
		return -EBUSY;
	p = xcalloc(1, sizeof *p);
	p->alp = alp;
	p->o = alp->options;
	p->asked = *asked;
	p->done = done;
	p->arg = arg;
	draw(p->reference);
	draw(p->key);
	alp->probe = p;
	take_step(p);
	return 0;
}

void
alp_probe_give_up(struct alp *alp)
{
	struct probe *p = alp->probe;

	if (p == NULL)
		return;
	if (p->web != NULL)
		web_cancel(p->web);
	find(p, "probe", false, "given up");
	end(p);
}
