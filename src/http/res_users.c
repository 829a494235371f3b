/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/suggest.h"
#include "base/alloc.h"
#include "http/etag.h"
#include "http/kept.h"
#include "http/resources.h"

static const struct field path_fields[] = {
    {.name = "alp_user_id", .type = FIELD_INTEGER, .required = true, .min = 1, .max = ALP_USER_ID_MAX,
     .summary = "ALP's number of the user", .example = "42"},
};
const struct schema schema_user_path = {"UserPath", NULL, path_fields, ELEMENTSOF(path_fields)};

/* Of all names together: the fetch worker is told them in one message. */
#define NAMES_BYTES_MAX 20000
#define EXCLUDE           STR("exclude=")
#define HOURS             STR("hours=")

enum { P_EXCLUDE, P_HOURS };

static const struct field privacy_fields[] = {
    [P_EXCLUDE] = {.name = "exclude_applications", .type = FIELD_TEXTS, .items_max = 100, .min = 1, .max = 200,
	.summary = "names as RescueTime has them, in any case: nothing but the seconds is kept of what was done there. All names together have at most 20000 bytes",
	.example = "[\"Signal\", \"web.whatsapp.com\"]"},
    [P_HOURS] = {.name = "work_hours", .type = FIELD_HOURS, .nullable = true,
	.summary = "outside of these hours nothing but the seconds is kept; null: always", .example = "\"mon-fri 07:00-19:00\""},
};
static const struct schema schema_privacy = {"PrivacyEdit", NULL, privacy_fields, ELEMENTSOF(privacy_fields)};

enum { U_ZONE, U_PRIVACY };

static const struct field user_fields[] = {
    [U_ZONE] = {.name = "time_zone", .type = FIELD_ZONE, .required = true, .nullable = true,
     .summary = "IANA name of the zone the user's RescueTime account is in; null: the configured default",
     .example = "\"Australia/Sydney\""},
    [U_PRIVACY] = {.name = "privacy", .type = FIELD_OBJECT, .nullable = true, .of = &schema_privacy,
	.summary = "what is kept out at intake, for what is fetched from now on; null: nothing. Left out, what holds goes on holding",
	.example = "{\"exclude_applications\": [\"Signal\"], \"work_hours\": \"mon-fri 07:00-19:00\"}"},
};
const struct schema schema_user = {"UserEdit", NULL, user_fields, ELEMENTSOF(user_fields)};

/* --- what is kept out, as lines (rules/privacy.h) ------------------------------------------------------------------------- */

static struct str
take_line(struct str *lines)
{
	const char *end = lines->len > 0 ? memchr(lines->p, '\n', lines->len) : NULL;
	struct str line = {lines->p, end != NULL ? (size_t)(end - lines->p) : lines->len};

	lines->p += line.len + (end != NULL);
	lines->len -= line.len + (end != NULL);
	return line;
}

static struct str
behind(struct str line, struct str word)
{
	return (struct str){line.p + word.len, line.len - word.len};
}

static void
render_privacy(struct json *j, struct str lines)
{
	struct str line, hours = STR_NONE;

	json_open(j, "privacy", '{');
	json_open(j, "exclude_applications", '[');
	while (lines.len > 0) {
		line = take_line(&lines);
		if (str_starts(line, EXCLUDE))
			json_str(j, NULL, behind(line, EXCLUDE));
		else if (str_starts(line, HOURS))
			hours = behind(line, HOURS);
	}
	json_close(j, ']');
	if (hours.len > 0)
		json_str(j, "work_hours", hours);
	else
		json_null(j, "work_hours");
	json_close(j, '}');
}

/* The caller frees. NULL: it was left out. */
static char *
privacy_lines(const struct value *v)
{
	_cleanup_(buf_release) struct buf b = BUF_INIT(JSON_OUT_MAX);
	const struct value *exclude = v->state == VALUE_SET ? &v->members->v[P_EXCLUDE] : NULL;
	const struct value *hours = v->state == VALUE_SET ? &v->members->v[P_HOURS] : NULL;
	size_t len;

	if (v->state == VALUE_ABSENT)
		return NULL;
	for (size_t i = 0; exclude != NULL && i < exclude->text_count; i++)
		buf_addf(&b, "exclude=%s\n", exclude->texts[i]);
	if (hours != NULL && hours->text != NULL)
		buf_addf(&b, "hours=%s\n", hours->text);
	return buf_take(&b, &len);
}

void
users_check_put(struct http_request *r)
{
	const struct value *v = &r->body.v[U_PRIVACY], *names;
	size_t bytes = 0;

	if (v->state != VALUE_SET)
		return;
	names = &v->members->v[P_EXCLUDE];
	for (size_t i = 0; i < names->text_count; i++)
		bytes += strlen(names->texts[i]);
	if (bytes <= NAMES_BYTES_MAX)
		return;
	r->errors.within = "privacy";
	request_add_error(r, "body", "exclude_applications", "too_long", "must have at most %d bytes altogether", NAMES_BYTES_MAX);
	r->errors.within = NULL;
}

/* --- answers ---------------------------------------------------------------------------------------------------------------- */

static void
reply_user(struct http_request *r, int status, const struct user_row *user, day_t today, const char *privacy)
{
	struct json j = JSON_INIT;
	char tag[ETAG_MAX];

	json_open(&j, NULL, '{');
	json_int(&j, "alp_user_id", user->alp_user_id);
	json_text(&j, "time_zone", user->created_ms != 0 && user->time_zone[0] != '\0' ? user->time_zone : NULL);
	json_text(&j, "default_time_zone", app_default_zone(r->app));
	json_day(&j, "today", today);
	render_privacy(&j, str_of(privacy));
	json_instant(&j, "created_at", user->created_ms);
	json_instant(&j, "updated_at", user->updated_ms);
	json_close(&j, '}');
	etag_user(user->alp_user_id, user->updated_ms, buf_str(&j.b), tag);
	if (r->method == METHOD_PUT) {
		request_add_header(r, "ETag", "%s", tag);
		reply_json(r, status, &j);
	} else {
		reply_tagged(r, tag, &j);
	}
}

struct getting {
	struct user_get verb;
	struct http_request *request;
};

static void
on_got(int error, void *arg)
{
	struct getting *g = arg;

	if (error < 0)
		reply_failed(g->request, error, NULL);
	else
		reply_user(g->request, 200, &g->verb.user, g->verb.today, g->verb.privacy);
}

static void
getting_release(void *p)
{
	user_get_release(&((struct getting *)p)->verb);
}

void
users_get(struct http_request *r)
{
	struct getting *g = request_attach(r, sizeof *g, getting_release);

	g->request = r;
	g->verb.alp_user_id = r->params.v[0].number;
	app_user_get(r->app, &g->verb, on_got, g);
}

struct putting {
	struct user_put verb;
	struct http_request *request;
	char *privacy;
};

static void
putting_release(void *p)
{
	struct putting *put = p;

	user_put_release(&put->verb);
	free(put->privacy);
}

static void
on_put(int error, void *arg)
{
	struct putting *p = arg;

	if (error == -ESTALE)
		reply_problem(p->request, 412, "user_changed", "What is known of the user changed since; read it again.");
	else if (error < 0)
		reply_failed(p->request, error, NULL);
	else
		reply_user(p->request, p->verb.created ? 201 : 200, &p->verb.user, p->verb.today, p->verb.privacy_now);
}

void
users_put(struct http_request *r)
{
	struct putting *p = request_attach(r, sizeof *p, putting_release);
	const char *if_match = request_header(r, "If-Match");

	p->request = r;
	p->verb.alp_user_id = r->params.v[0].number;
	p->verb.time_zone = r->body.v[U_ZONE].text;
	p->verb.privacy = p->privacy = privacy_lines(&r->body.v[U_PRIVACY]);
	if (if_match != NULL && etag_user_if_match(str_of(if_match), p->verb.alp_user_id, &p->verb.if_updated_ms) < 0) {
		reply_problem(r, 412, "user_changed", "If-Match names no state of this user.");
		return;
	}
	p->verb.if_unchanged = if_match != NULL && p->verb.if_updated_ms >= 0;
	app_user_put(r->app, &p->verb, on_put, p);
}

/* --- what was learned ----------------------------------------------------------------------------------------------------- */

struct forgetting {
	struct learned_erase verb;
	struct http_request *request;
};

static void
on_forgotten(int error, void *arg)
{
	struct forgetting *f = arg;

	if (error < 0)
		reply_failed(f->request, error, NULL);
	else
		reply_empty(f->request, 204);
}

void
users_forget(struct http_request *r)
{
	struct forgetting *f = request_attach(r, sizeof *f, NULL);

	f->request = r;
	f->verb.alp_user_id = r->params.v[0].number;
	app_learned_erase(r->app, &f->verb, on_forgotten, f);
}
