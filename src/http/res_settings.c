/* SPDX-License-Identifier: Apache-2.0 */
#include "app/matters.h"
#include "http/resources.h"
#include "http/server_internal.h"

const char *const matters_from_choices[] = {"import", "alp", NULL};

/* NULL: there are none. */
static const char *
matters_from(const struct flat_matters *m)
{
	if (m->version[0] == '\0')
		return NULL;
	return matters_from_choices[m->of_alp ? 1 : 0];
}

void
settings_get(struct http_request *r)
{
	const struct http_server *s = r->server;
	int64_t single_user = app_single_user(r->app);
	struct json j = JSON_INIT;

	json_open(&j, NULL, '{');
	json_int(&j, "backend_port", http_server_port(s));
	json_text(&j, "database_path", s->database_path);
	json_boolean(&j, "has_api_key", app_has_key(r->app));
	if (single_user != 0)
		json_int(&j, "single_user_id", single_user);
	else
		json_null(&j, "single_user_id");
	json_text(&j, "default_time_zone", app_default_zone(r->app));
	json_text(&j, "version", s->version);
	json_int(&j, "max_days_per_fetch", RANGE_DAYS_MAX);
	json_text(&j, "rules_version", s->rules_version);
	json_text(&j, "rules_file", s->rules_name);
	json_text(&j, "matters_from", matters_from(app_matters(r->app)));
	json_close(&j, '}');
	reply_json(r, 200, &j);
}
