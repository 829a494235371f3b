/* SPDX-License-Identifier: Apache-2.0 */
/* GET /api/keys: which of the keeper's keys there are, by their names, and how much is sealed to each. */
#include "http/resources.h"

static void
render_key(struct json *j, const struct key_status_row *row)
{
	char id[2 * BOX_ID_BYTES + 1];

	for (size_t i = 0; i < BOX_ID_BYTES; i++)
		snprintf(id + 2 * i, 3, "%02x", row->key_id[i]);
	json_open(j, NULL, '{');
	json_text(j, "key_id", id);
	json_boolean(j, "newest", row->newest);
	json_boolean(j, "held", row->held);
	json_boolean(j, "lasting", row->lasting);
	json_int(j, "jobs", row->jobs);
	json_int(j, "webhooks", row->webhooks);
	json_close(j, '}');
}

struct asking {
	struct key_status verb;
	struct http_request *request;
};

static void
on_status(int error, void *arg)
{
	struct asking *a = arg;
	struct json j = JSON_INIT;

	if (error < 0) {
		reply_failed(a->request, error, NULL);
		return;
	}
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < a->verb.count; i++)
		render_key(&j, &a->verb.rows[i]);
	json_close(&j, ']');
	reply_json(a->request, 200, &j);
}

void
keys_list(struct http_request *r)
{
	struct asking *a = request_attach(r, sizeof *a, NULL);

	a->request = r;
	app_key_status(r->app, &a->verb, on_status, a);
}
