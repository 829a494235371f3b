/* SPDX-License-Identifier: Apache-2.0 */
/* What this firm's ALP can do. */
#include "alp/probe.h"
#include "base/clock.h"
#include "base/zone.h"
#include "http/resources.h"
#include "http/server_internal.h"

enum { PROBE_USER, PROBE_COMPONENT };

static const struct field probe_fields[] = {
    [PROBE_USER] = {.name = "user_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "whose entries to look for; else those of the first user of ALP's list", .example = "42"},
    [PROBE_COMPONENT] = {.name = "matter_component_id", .type = FIELD_INTEGER, .min = 1, .max = ALP_USER_ID_MAX,
	.summary = "makes one or two entries of one unit there, to see what becomes of them; they are to be deleted in ALP. Without it nothing is written",
	.example = "null", .nullable = true},
};
const struct schema schema_alp_probe = {"AlpProbeRequest", NULL, probe_fields, ELEMENTSOF(probe_fields)};

static void
render_report(struct json *j, const struct alp_probe_report *report)
{
	json_open(j, NULL, '{');
	json_open(j, "findings", '[');
	for (size_t i = 0; i < report->finding_count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "about", report->findings[i].about);
		json_boolean(j, "good", report->findings[i].good);
		json_text(j, "detail", report->findings[i].detail);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_open(j, "settings", '[');
	for (size_t i = 0; i < report->setting_count; i++) {
		json_open(j, NULL, '{');
		json_text(j, "name", report->settings[i].name);
		json_text(j, "value", report->settings[i].value);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

static void
on_probed(const struct alp_probe_report *report, void *arg)
{
	struct http_request *r = arg;
	struct json j = JSON_INIT;

	render_report(&j, report);
	reply_json(r, 200, &j);
}

void
alp_probe_run(struct http_request *r)
{
	const struct value *v = r->body.v;
	struct alp_probe_asked asked = {
	    .today = (day_t)(clock_real_ms() / 86400000),
	    .user_id = v[PROBE_USER].state == VALUE_SET ? v[PROBE_USER].number : 0,
	    .component_id = v[PROBE_COMPONENT].state == VALUE_SET ? v[PROBE_COMPONENT].number : 0,
	};

	if (r->server->alp == NULL)
		reply_problem(r, 503, "alp_not_configured", "No ALP is configured (alp.url).");
	else if (alp_probe(r->server->alp, &asked, on_probed, r) < 0)
		reply_problem(r, 409, "alp_probe_running", "ALP is being tried already.");
}
